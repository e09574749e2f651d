// Which kernels a plan gets, and where their working memory lies.
#include "thimble/plan/kernels.h"

#include <gtest/gtest.h>

#include <set>

#include "support/graph_builder.h"
#include "support/random_graph.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/variant.h"

namespace thimble::test {
namespace {

/// Expands, filters and projects: the least arena has rings.
Schedule planned(PlanSpace space = PlanSpace::all) {
  GraphBuilder b(7);
  const TensorId x = b.input({1, 12, 16, 8});
  TensorId y = b.conv_2d(x, 24, {1, 1});
  y = b.depthwise_conv_2d(y, 1, {3, 3});
  y = b.conv_2d(y, 8, {3, 3});
  PlanOptions options;
  options.space = space;
  return *plan(std::make_shared<const Graph>(b.build({y})), options);
}

std::int64_t arena(const Schedule &schedule) {
  return schedule.regions[0].size;
}

std::int64_t scratch(const Schedule &schedule) {
  std::int64_t bytes = 0;
  for (const Buffer &buffer : schedule.buffers)
    bytes = std::max(bytes, buffer.kind == BufferKind::scratch ? buffer.size : 0);
  return bytes;
}

std::int64_t cost(const Schedule &schedule) {
  std::int64_t sum = 0;
  for (const KernelCost &own : operator_costs(schedule)) sum += own.instructions + own.cycles;
  return sum;
}

std::vector<std::string> names(const Schedule &schedule) {
  std::vector<std::string> all;
  for (const Stage &stage : schedule.stages) {
    for (const StageOp &op : stage.ops)
      all.push_back(kernel_variants(schedule.graph->op(op.op))[static_cast<std::size_t>(op.variant)].name);
  }
  return all;
}

std::set<std::string_view> kernels(const Schedule &schedule) {
  std::set<std::string_view> codes;
  for (const Stage &stage : schedule.stages) {
    for (const StageOp &op : stage.ops) {
      const auto variants = kernel_variants(schedule.graph->op(op.op));
      if (variants.back().packing) codes.insert(kernel_code(variants[static_cast<std::size_t>(op.variant)]));
    }
  }
  return codes;
}

TEST(ChooseKernels, PortableTargetsKeepTheirs) {
  Schedule schedule = planned();
  const std::vector<std::string> before = names(schedule);
  choose_kernels(schedule, KernelSet::portable, 1 << 20);
  EXPECT_EQ(names(schedule), before);
  EXPECT_EQ(scratch(schedule), 0);
}

TEST(ChooseKernels, TheArenaGrowsAsFarAsItMay) {
  const std::int64_t least = arena(planned());
  std::int64_t before = cost(planned());
  for (const std::int64_t more : {0, 40, 160, 400, 100000}) {
    Schedule schedule = planned();
    choose_kernels(schedule, KernelSet::pairs, least + more);
    EXPECT_LE(arena(schedule), least + more);
    EXPECT_TRUE(check(schedule));
    // More room never makes it slower.
    EXPECT_LE(cost(schedule), before);
    before = cost(schedule);
  }
}

TEST(ChooseKernels, WhatTheArenaHasToSpareIsUsed) {
  Schedule schedule = planned(PlanSpace::whole);
  const std::int64_t least = arena(schedule);
  choose_kernels(schedule, KernelSet::pairs, 0);
  EXPECT_EQ(arena(schedule), least);
  EXPECT_GT(scratch(schedule), 0);
  EXPECT_TRUE(check(schedule));
}

TEST(ChooseKernels, KernelsThatSaveLittleAreNotThere) {
  GraphBuilder b(5);
  const TensorId map = b.conv_2d(b.input({1, 20, 20, 16}), 32, {1, 1});
  const TensorId y = b.fully_connected(b.mean(map, {1, 2}), 10);
  Schedule schedule = *plan(std::make_shared<const Graph>(b.build({y})), {.space = PlanSpace::whole});
  choose_kernels(schedule, KernelSet::pairs, 1 << 20);
  EXPECT_EQ(kernels(schedule), std::set<std::string_view>{"quads"})
      << "one row of features would rather have others";
  EXPECT_TRUE(check(schedule));
}

/// Filters of four kinds, then additions of a few bytes.
Schedule filters_and(int additions) {
  GraphBuilder b(5);
  TensorId x = b.conv_2d(b.input({1, 24, 24, 3}), 16, {3, 3});
  x = b.depthwise_conv_2d(b.conv_2d(x, 64, {1, 1}), 1, {5, 5});
  x = b.depthwise_conv_2d(b.conv_2d(x, 16, {1, 1}), 1, {3, 3});
  x = b.mean(x, {1, 2});
  for (; additions > 0; --additions) x = b.add(x, x);
  Schedule schedule = *plan(std::make_shared<const Graph>(b.build({x})), {.space = PlanSpace::whole});
  choose_kernels(schedule, KernelSet::pairs, 1 << 20);
  return schedule;
}

TEST(ChooseKernels, LongProgramsHaveFewer) {
  const std::set<std::string_view> all = kernels(filters_and(1)), few = kernels(filters_and(90));
  EXPECT_TRUE(all.contains("strips") && all.contains("taps"));
  EXPECT_LT(few.size(), all.size());
  EXPECT_TRUE(std::includes(all.begin(), all.end(), few.begin(), few.end()));
}

TEST(ChooseKernels, CyclesAloneCountWhereTimeDoes) {
  const auto cycles = [](const Schedule &schedule) {
    std::int64_t sum = 0;
    for (const KernelCost &own : operator_costs(schedule)) sum += own.cycles;
    return sum;
  };
  int fewer = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto found =
        search_plan(std::make_shared<const Graph>(random_graph(seed)), {.space = PlanSpace::whole});
    if (!found) continue;
    Schedule both = found->schedule, time = found->schedule;
    choose_kernels(both, KernelSet::pairs, 1 << 20);
    choose_kernels(time, KernelSet::pairs, 1 << 20, Measure::cycles);
    // Rare kernels may go, each for a 96th.
    EXPECT_LE(cycles(time) * 31, cycles(both) * 32) << "seed " << seed;
    fewer += cycles(time) < cycles(both) ? 1 : 0;
  }
  EXPECT_GT(fewer, 0);
}

TEST(ChooseKernels, StripsLieDownWholeMapsOnly) {
  const auto down = [](const Op &op) {
    const auto variants = kernel_variants(op);
    const auto found = std::find_if(variants.begin(), variants.end(),
                                    [](const KernelVariant &variant) { return variant.down; });
    return static_cast<std::int32_t>(found - variants.begin());
  };
  Schedule whole = planned(PlanSpace::whole), rings = planned(PlanSpace::all);
  EXPECT_TRUE(use_kernel(whole, 2, down(whole.graph->op(2))));
  EXPECT_TRUE(check(whole));
  EXPECT_FALSE(use_kernel(rings, 2, down(rings.graph->op(2))));
}

TEST(ChooseKernels, ScratchOverLiveBytesIsRefused) {
  Schedule schedule = planned();
  choose_kernels(schedule, KernelSet::pairs, 1 << 20);
  ASSERT_TRUE(check(schedule));
  int moved = 0;
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer &own = schedule.buffers[b];
    if (own.kind != BufferKind::scratch) continue;
    // Onto the input of its operator.
    const Buffer *input = buffer_of(schedule, schedule.graph->op(own.op).inputs[0], own.stage);
    if (input->offset + own.size > arena(schedule)) continue;
    Schedule broken = schedule;
    broken.buffers[b].offset = input->offset / 4 * 4;
    EXPECT_FALSE(check(broken)) << "scratch of operator " << own.op;
    ++moved;
  }
  EXPECT_GT(moved, 0);
}

TEST(ChooseKernels, KernelsThatCannotAreRefused) {
  GraphBuilder b(9);
  const TensorId y = b.depthwise_conv_2d(b.input({1, 6, 6, 3}), 1, {3, 3});
  Schedule schedule = *plan(std::make_shared<const Graph>(b.build({y})));
  schedule.stages.back().ops.back().variant = 1;
  const Result<void> ok = verify_structure(schedule);
  ASSERT_FALSE(ok);
  EXPECT_NE(ok.error().text().find("cannot compute it exactly"), std::string::npos) << ok.error().text();
}

TEST(ChooseKernels, RandomPlansStayLegal) {
  int with_scratch = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    PlanOptions options;
    options.space = static_cast<PlanSpace>(seed % 3);
    options.max_overhead = seed % 4 == 0 ? 1.5 : 1.0;
    auto found = search_plan(std::make_shared<const Graph>(random_graph(seed)), options);
    if (!found) continue;
    Schedule schedule = std::move(found->schedule);
    choose_kernels(schedule, KernelSet::pairs, arena(schedule) + static_cast<std::int64_t>(seed % 5) * 50);
    EXPECT_TRUE(check(schedule)) << "seed " << seed;
    with_scratch += scratch(schedule) > 0 ? 1 : 0;
  }
  EXPECT_GT(with_scratch, 20);
}

}  // namespace
}  // namespace thimble::test
