// Real networks go through all passes.
#include <iostream>

#include "rewrite/rewriting.h"
#include "support/shared_data.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/passes.h"

namespace thimble::test {
namespace {

std::int64_t all_macs(const Graph &graph) {
  std::int64_t sum = 0;
  for (const Op &op : graph.ops) sum += macs(graph, op);
  return sum;
}

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
    const auto again = rewrite(*after, {});
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->ops.size(), after->ops.size()) << row["path"] << ": no fixed point";
    EXPECT_EQ(all_macs(*after), all_macs(*before)) << row["path"];
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

TEST(Models, ExplicitPaddingAndTransposedTailsGo) {
  THIMBLE_NEEDS_SHARED_DATA();
  for (const char *path :
       {"tinyengine/vww.tflite", "tinyengine/detection.tflite", "tinyengine/mcunetv2_large.tflite",
        "mcunet/mcunet-320kb-1mb_imagenet.tflite", "mcunet/mcunet-512kb-2mb_imagenet.tflite"}) {
    const Graph before = value_or_die(read_tflite(shared_data() / "models" / path));
    const Graph after = value_or_die(rewrite(before, {}));
    EXPECT_GT(count<Pad>(before), 0) << path;
    EXPECT_EQ(count<Pad>(after) + count<Transpose>(after), 0) << path;
    if (all_macs(before) < 20'000'000) expect_same_outputs(before, after, 1);
  }
}

}  // namespace
}  // namespace thimble::test
