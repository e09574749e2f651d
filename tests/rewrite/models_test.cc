// Real networks go through all passes.
#include <gtest/gtest.h>

#include <iostream>

#include "support/shared_data.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/convert.h"
#include "thimble/rewrite/passes.h"

namespace thimble::test {
namespace {

TEST(Models, EveryReadableNetworkIsRewritten) {
  THIMBLE_NEEDS_SHARED_DATA();
  int networks = 0, folded = 0;
  for (auto &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (!row["path"].ends_with(".tflite")) continue;
    const auto before = read_tflite(shared_data() / "models" / row["path"]);
    if (!before) continue;
    ++networks;
    const auto after = rewrite(*before, {});
    ASSERT_TRUE(after.has_value()) << after.error().text();
    const auto ends = match_ends(*before, *after);
    ASSERT_TRUE(ends.has_value()) << row["path"] << ": " << ends.error().text();
    bool any = false;
    for (const End &end : ends->inputs) any |= end.folded();
    for (const End &end : ends->outputs) any |= end.folded();
    if (any) {
      EXPECT_LT(after->ops.size(), before->ops.size()) << row["path"];
    }
    folded += any;
  }
  std::cout << networks << " networks, " << folded << " with folded ends\n";
  EXPECT_GE(networks, 300);
  EXPECT_GE(folded, 5);
}

}  // namespace
}  // namespace thimble::test
