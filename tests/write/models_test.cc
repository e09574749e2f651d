// Real model files are planned, written, proved and read back.
#include <gtest/gtest.h>

#include <iostream>

#include "support/random.h"
#include "support/shared_data.h"
#include "thimble/base/files.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/offline.h"
#include "thimble/read/tflite.h"
#include "thimble/write/offline.h"

namespace thimble::test {
namespace {

TEST(Models, EveryReadableFileIsPlanned) {
  THIMBLE_NEEDS_SHARED_DATA();
  int files = 0, compared = 0;
  for (auto &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (!row["path"].ends_with(".tflite")) continue;
    SCOPED_TRACE(row["path"]);
    const auto bytes = read_file(shared_data() / "models" / row["path"]);
    ASSERT_TRUE(bytes);
    const auto before = read_tflite(*bytes, row["path"]);
    if (!before || !before->states.empty()) continue;
    const auto outline = outline_tflite(*bytes, row["path"]);
    ASSERT_TRUE(outline) << outline.error().text();
    const auto plan = plan_offline(*outline);
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_LE(plan->bound_bytes, plan->arena_bytes);
    EXPECT_LE(plan->arena_bytes, plan->greedy_bytes);
    const auto written = write_offline_plan(*bytes, plan->order, plan->offsets, row["path"]);
    if (outline->subgraphs > 1) {
      EXPECT_FALSE(written);
      continue;
    }
    ASSERT_TRUE(written) << written.error().text();
    ++files;
    const auto seen = outline_tflite(*written, row["path"]);
    ASSERT_TRUE(seen);
    const auto proof = check_offline_plan(*seen, *read_offline_plan(*written, row["path"]));
    EXPECT_TRUE(proof) << proof.error().text();
    EXPECT_TRUE(std::equal(bytes->rbegin(), bytes->rend(), written->rbegin())) << "the order is the file's";
    const auto after = read_tflite(*written, row["path"]);
    ASSERT_TRUE(after) << after.error().text();
    EXPECT_EQ(after->tensors.size(), before->tensors.size());
    EXPECT_EQ(after->ops.size(), before->ops.size());
    std::int64_t work = 0;
    for (const Op &op : before->ops) work += macs(*before, op) + before->tensor(op.output()).elements();
    if (work > 100'000) continue;
    const auto inputs = random_inputs(*before, 1);
    EXPECT_EQ(*interpret_outputs(*before, inputs), *interpret_outputs(*after, inputs));
    ++compared;
  }
  std::cout << files << " files, outputs of " << compared << " compared\n";
  EXPECT_GE(files, 300);
}

}  // namespace
}  // namespace thimble::test
