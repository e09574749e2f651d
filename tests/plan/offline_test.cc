// Plans for TensorFlow Lite Micro.
#include "thimble/plan/offline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/random.h"
#include "support/shared_data.h"
#include "thimble/base/files.h"

namespace thimble::test {
namespace {

/// Operators that read one or two earlier tensors; tensor 0 is the input, the last one the output.
FileOutline random_outline(Random &random) {
  FileOutline outline;
  outline.file = "m";
  const std::int32_t count = random.integer(2, 9);
  for (std::int32_t t = 0; t <= count; ++t) outline.tensor_bytes.push_back(random.integer(1, 200));
  for (std::int32_t t = 1; t <= count; ++t) {
    FileOutline::Operator op;
    for (std::int32_t i = random.integer(1, 2); i > 0; --i) op.inputs.push_back(random.integer(0, t - 1));
    if (random.chance(30)) op.inputs.push_back(-1);
    op.outputs = {t};
    outline.operators.push_back(op);
  }
  outline.inputs = {0};
  outline.outputs = {count};
  return outline;
}

std::vector<std::int32_t> random_order(const FileOutline &outline, Random &random) {
  std::vector<std::int32_t> order, ready;
  std::vector<bool> made(outline.tensor_bytes.size()), done(outline.operators.size());
  made[0] = true;
  while (order.size() < outline.operators.size()) {
    ready.clear();
    for (std::size_t i = 0; i < outline.operators.size(); ++i) {
      const auto &inputs = outline.operators[i].inputs;
      if (!done[i] && std::all_of(inputs.begin(), inputs.end(), [&](std::int32_t t) {
            return t < 0 || made[static_cast<std::size_t>(t)];
          })) {
        ready.push_back(static_cast<std::int32_t>(i));
      }
    }
    const std::int32_t next = random.pick(ready);
    done[static_cast<std::size_t>(next)] = true;
    made[static_cast<std::size_t>(outline.operators[static_cast<std::size_t>(next)].outputs[0])] = true;
    order.push_back(next);
  }
  return order;
}

/// The largest sum of padded sizes over all times, counted from the definition: a tensor lives from its maker
/// to its last reader, the input from the beginning, the output to the end.
std::int64_t counted_bound(const FileOutline &outline, const std::vector<std::int32_t> &order) {
  const auto count = static_cast<std::int64_t>(order.size());
  std::int64_t bound = 0;
  for (std::int64_t now = 0; now <= count; ++now) {
    std::int64_t live = 0;
    for (std::size_t t = 0; t < outline.tensor_bytes.size(); ++t) {
      std::int64_t first = t == 0 ? 0 : -1, last = 0;
      for (std::int64_t at = 1; at <= count; ++at) {
        const auto &op = outline.operators[static_cast<std::size_t>(order[static_cast<std::size_t>(at - 1)])];
        const auto id = static_cast<std::int32_t>(t);
        if (op.outputs[0] == id) first = last = at;
        if (std::count(op.inputs.begin(), op.inputs.end(), id) > 0) last = at;
      }
      if (static_cast<std::int32_t>(t) == outline.outputs[0]) last = count;
      if (first <= now && now <= last) live += (outline.tensor_bytes[t] + 15) / 16 * 16;
    }
    bound = std::max(bound, live);
  }
  return bound;
}

TEST(OfflinePlan, LifetimesAreTheRuntimes) {
  Random random(3);
  for (int round = 0; round < 500; ++round) {
    const FileOutline outline = random_outline(random);
    const std::vector<std::int32_t> order = random_order(outline, random);
    const auto plan = plan_offline(outline, order);
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ(plan->order, order);
    EXPECT_EQ(plan->bound_bytes, counted_bound(outline, order));
    EXPECT_GE(plan->arena_bytes, plan->bound_bytes);
    for (const std::int64_t offset : plan->offsets) EXPECT_EQ(offset % 16, 0);
  }
}

TEST(OfflinePlan, WithoutAnOrderItIsTheFilesOwn) {
  Random random(4);
  for (int round = 0; round < 100; ++round) {
    const FileOutline outline = random_outline(random);
    const auto plan = plan_offline(outline);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(std::is_sorted(plan->order.begin(), plan->order.end()));
    EXPECT_LE(plan->arena_bytes, plan->greedy_bytes);
  }
}

TEST(OfflinePlan, AFileInAnotherOrderIsSorted) {
  FileOutline outline;
  outline.tensor_bytes = {8, 8, 8};
  outline.operators = {{{1}, {2}}, {{0}, {1}}};
  outline.inputs = {0};
  outline.outputs = {2};
  EXPECT_EQ(plan_offline(outline)->order, (std::vector<std::int32_t>{1, 0}));
}

TEST(OfflinePlan, WrongOrdersAreRefused) {
  FileOutline outline;
  outline.tensor_bytes = {8, 8, 8};
  outline.operators = {{{0}, {1}}, {{1}, {2}}};
  outline.inputs = {0};
  outline.outputs = {2};
  for (const std::vector<std::int32_t> &order :
       std::vector<std::vector<std::int32_t>>{{1, 0}, {0}, {0, 0}, {0, 2}, {0, -1}, {0, 1, 1}}) {
    EXPECT_FALSE(plan_offline(outline, order).has_value());
  }
  EXPECT_TRUE(plan_offline(outline, std::vector<std::int32_t>{0, 1}).has_value());
  outline.operators = {{{2}, {1}}, {{1}, {2}}};
  EXPECT_FALSE(plan_offline(outline).has_value()) << "a circle";
  outline.operators = {{{0}, {1}}, {{0}, {1}}};
  EXPECT_FALSE(plan_offline(outline).has_value()) << "made twice";
  outline.operators = {{{1}, {2}}};
  EXPECT_FALSE(plan_offline(outline).has_value()) << "never made";
}

/// Heads of the arena that TensorFlow Lite Micro's recording allocator reports for the files as they are.
TEST(OfflinePlan, TheGreedyRuleIsTheRuntimes) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::pair<const char *, std::int64_t> measured[] = {
      {"mlperf_tiny/vww_96_int8.tflite", 73728},
      {"mlperf_tiny/kws_ref_model.tflite", 16000},
      {"mlperf_tiny/ad01_int8.tflite", 768},
      {"mlperf_tiny/str_ww_ref_model.tflite", 6656},
      {"mcunet/mcunet-320kb-1mb_imagenet.tflite", 416832},
      {"tinyengine/vww.tflite", 161472}};
  for (const auto &[path, head] : measured) {
    const auto bytes = read_file(shared_data() / "models" / path);
    ASSERT_TRUE(bytes);
    const auto plan = plan_offline(*outline_tflite(*bytes, path));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->greedy_bytes, head) << path;
    EXPECT_EQ(plan->arena_bytes, plan->bound_bytes) << path;
  }
}

}  // namespace
}  // namespace thimble::test
