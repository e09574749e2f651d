// Several memories: the choice against an enumeration of all choices, and whole plans on random networks.
#include "thimble/plan/regions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "support/graph_builder.h"
#include "support/random.h"
#include "support/random_graph.h"
#include "support/shared_data.h"
#include "thimble/plan/plan.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/execute.h"
#include "thimble/schedule/loads.h"

namespace thimble {
namespace {

struct Case {
  std::vector<Block> blocks;
  std::vector<Overlap> overlaps;
  std::vector<std::int64_t> accesses;
  std::vector<Memory> memories;

  RegionProblem problem() const { return {blocks, overlaps, accesses, memories, 1}; }
};

Case random_case(test::Random &random) {
  Case c;
  const int count = random.integer(1, 7);
  for (int i = 0; i < count; ++i) {
    Block block;
    block.size = random.integer(1, 12);
    block.alignment = random.chance(30) ? 4 : 1;
    block.first = random.integer(0, 8);
    block.last = block.first + random.integer(0, 4);
    c.blocks.push_back(block);
    c.accesses.push_back(random.integer(0, 50));
  }
  for (std::int32_t a = 0; a < count; ++a) {
    for (std::int32_t b = 0; b < count; ++b) {
      if (a != b && random.chance(15)) c.overlaps.push_back({a, b, random.integer(0, 6)});
    }
  }
  const int memories = random.integer(1, 3);
  for (int m = 0; m < memories; ++m)
    c.memories.push_back({"m" + std::to_string(m), random.integer(4, 24), random.integer(0, 3)});
  return c;
}

/// Fewest cycles of all choices for which each memory has offsets.
std::optional<std::int64_t> fewest_cycles(const Case &c) {
  const std::size_t count = c.blocks.size();
  std::optional<std::int64_t> best;
  std::vector<std::size_t> memory(count, 0);
  for (;;) {
    std::int64_t cycles = 0;
    bool fits = true;
    for (std::size_t m = 0; m < c.memories.size() && fits; ++m) {
      std::vector<Block> blocks;
      std::vector<Overlap> overlaps;
      std::vector<std::int32_t> place(count, -1);
      for (std::size_t b = 0; b < count; ++b) {
        if (memory[b] != m) continue;
        place[b] = static_cast<std::int32_t>(blocks.size());
        blocks.push_back(c.blocks[b]);
        cycles += c.accesses[b] * c.memories[m].wait_cycles;
      }
      for (const Overlap &o : c.overlaps) {
        const std::int32_t below = place[static_cast<std::size_t>(o.below)];
        const std::int32_t above = place[static_cast<std::size_t>(o.above)];
        if (below >= 0 && above >= 0) overlaps.push_back({below, above, o.distance});
      }
      fits = place_exact(blocks, overlaps).size <= c.memories[m].bytes;
    }
    if (fits && (!best || cycles < *best)) best = cycles;
    std::size_t digit = 0;
    while (digit < count && ++memory[digit] == c.memories.size()) memory[digit++] = 0;
    if (digit == count) return best;
  }
}

TEST(Regions, TheChoiceIsTheBestOfAll) {
  test::Random random(2026);
  int found = 0, nothing = 0, spread = 0;
  for (int i = 0; i < 250; ++i) {
    const Case c = random_case(random);
    const RegionChoice choice = choose_regions(c.problem());
    const auto best = fewest_cycles(c);
    ASSERT_TRUE(choice.proved) << i;
    ASSERT_EQ(choice.found, best.has_value()) << i;
    ++(best ? found : nothing);
    if (!best) continue;
    EXPECT_EQ(choice.stall_cycles, *best) << i;
    EXPECT_EQ(choice.bound_cycles, *best) << i;
    std::int64_t cycles = 0;
    for (std::size_t b = 0; b < c.blocks.size(); ++b) {
      const auto m = static_cast<std::size_t>(choice.memory[b]);
      cycles += c.accesses[b] * c.memories[m].wait_cycles;
      EXPECT_EQ(choice.offsets[b] % c.blocks[b].alignment, 0);
      EXPECT_LE(choice.offsets[b] + c.blocks[b].size, choice.sizes[m]);
    }
    EXPECT_EQ(cycles, *best) << i;
    for (std::size_t m = 0; m < c.memories.size(); ++m) EXPECT_LE(choice.sizes[m], c.memories[m].bytes);
    spread += std::count_if(choice.sizes.begin(), choice.sizes.end(), [](auto s) { return s > 0; }) > 1;
  }
  std::cout << found << " cases with a choice, " << spread << " of them in several memories, " << nothing
            << " without\n";
  EXPECT_GT(spread, 40);
  EXPECT_GT(nothing, 20);
}

TEST(Regions, WhatLimitsLeaveIsStillAChoiceWithABound) {
  test::Random random(7);
  for (int i = 0; i < 200; ++i) {
    const Case c = random_case(random);
    const RegionChoice exact = choose_regions(c.problem());
    const RegionChoice quick = choose_regions(c.problem(), {.nodes = 3, .placements = 2});
    EXPECT_TRUE(exact.found || !quick.found);
    EXPECT_TRUE(quick.found == exact.found || !quick.proved);
    if (!quick.found || !exact.found) continue;
    EXPECT_GE(quick.stall_cycles, exact.stall_cycles);
    EXPECT_LE(quick.bound_cycles, exact.stall_cycles);
  }
}

const BufferAccesses &accesses_of(const Schedule &schedule, const std::vector<BufferAccesses> &accesses,
                                  TensorId tensor) {
  const Buffer *buffer = buffer_of(schedule, tensor, kNone);
  return accesses[static_cast<std::size_t>(buffer - schedule.buffers.data())];
}

// 3 taps over 4 rows with padding are 2 + 3 + 3 + 2 = 10, likewise over columns.
TEST(Accesses, CountTapsAndPasses) {
  for (const ElementType type : {ElementType::int8, ElementType::float32}) {
    test::GraphBuilder b(1, type);
    const TensorId x = b.input({1, 4, 4, 6});
    const TensorId wide = b.conv_2d(x, 5, {3, 3});
    const TensorId deep = b.depthwise_conv_2d(wide, 1, {3, 3});
    const TensorId sum = b.add(deep, wide);
    const TensorId y = b.softmax(sum);
    const auto graph = std::make_shared<const Graph>(b.build({y}));
    const auto schedule = plan(graph, {.space = PlanSpace::whole});
    ASSERT_TRUE(schedule);
    const auto accesses = measure_accesses(*schedule);
    const auto of = [&](TensorId tensor) { return accesses_of(*schedule, accesses, tensor); };
    // Four channels of 8 bits share a load, the fifth has its own.
    EXPECT_EQ(of(x).loads, 10 * 10 * 6 * (type == ElementType::int8 ? 2 : 5));
    EXPECT_EQ(of(x).stores, 0) << "the caller's doing";
    EXPECT_EQ(of(wide).stores, 16 * 5);
    EXPECT_EQ(of(wide).loads, 10 * 10 * 5 + 16 * 5);
    EXPECT_EQ(of(deep).loads, 16 * 5);
    EXPECT_EQ(of(sum).loads, 3 * 16 * 5);
    EXPECT_EQ(of(y).loads, 0);
    EXPECT_EQ(of(y).stores, 16 * 5);
  }
}

void expect_runs_as_interpreted(const Schedule &schedule, const std::string &what) {
  const auto proof = check(schedule);
  ASSERT_TRUE(proof) << what << ": " << proof.error().text();
  const auto inputs = test::random_inputs(*schedule.graph, 5);
  const auto expected = interpret_outputs(*schedule.graph, inputs);
  const auto got = execute(schedule, inputs);
  ASSERT_TRUE(expected && got) << what;
  EXPECT_EQ(*expected, *got) << what;
}

TEST(Regions, RandomNetworksInRandomMemories) {
  test::Random random(99);
  int fit = 0, spread = 0, too_large = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    test::RandomGraphOptions shape;
    shape.type = seed % 3 == 0 ? ElementType::float32 : ElementType::int8;
    shape.steps = 5 + static_cast<int>(seed % 6);
    const auto graph = std::make_shared<const Graph>(test::random_graph(seed, shape));
    PlanOptions options;
    options.space = static_cast<PlanSpace>(seed % 3);
    const auto whole = search_plan(graph, options);
    ASSERT_TRUE(whole) << seed;
    const std::int64_t arena = whole->schedule.regions[0].size;
    const int count = random.integer(2, 3);
    std::int64_t room = 0;
    for (int m = 0; m < count; ++m) {
      // From about a third of the arena to a little more than what is left.
      const std::int64_t bytes = arena * random.integer(30, 90) / 100 + 4;
      options.memories.push_back({"m" + std::to_string(m), bytes, random.integer(0, 4)});
      room += bytes;
    }
    const auto plan = search_plan(graph, options);
    ASSERT_TRUE(plan) << seed;
    const std::string what = "seed " + std::to_string(seed);
    expect_runs_as_interpreted(plan->schedule, what);
    EXPECT_EQ(plan->lower_bound_bytes, whole->lower_bound_bytes) << what;
    if (!plan->fits) {
      ++too_large;
      EXPECT_EQ(plan->schedule.regions.size(), 1u);
      continue;
    }
    ++fit;
    spread += plan->schedule.regions.size() > 1;
    EXPECT_LE(total_bytes(plan->schedule.regions), room) << what;
    for (const MemoryRegion &region : plan->schedule.regions) {
      const auto memory = std::find_if(options.memories.begin(), options.memories.end(),
                                       [&](const Memory &one) { return one.name == region.name; });
      ASSERT_NE(memory, options.memories.end());
      EXPECT_LE(region.size, memory->bytes) << what;
      EXPECT_EQ(region.wait_cycles, memory->wait_cycles);
    }
    EXPECT_EQ(plan->stall_cycles, stall_cycles(plan->schedule, measure_accesses(plan->schedule))) << what;
    EXPECT_LE(plan->stall_bound_cycles, plan->stall_cycles) << what;
  }
  std::cout << fit << " fit, " << spread << " of them in several memories, " << too_large << " do not\n";
  EXPECT_GT(spread, 25);
}

TEST(Regions, AMemoryThatHoldsTheArenaChangesNoOffset) {
  const auto graph = std::make_shared<const Graph>(test::random_graph(4, {}));
  const auto one = search_plan(graph, {});
  PlanOptions options;
  options.memories = {{"slow", 1 << 20, 3, ""}, {"fast", one->schedule.regions[0].size, 0, ".bss.fast"}};
  const auto plan = search_plan(graph, options);
  ASSERT_TRUE(one && plan);
  ASSERT_EQ(plan->schedule.regions.size(), 1u);
  EXPECT_EQ(plan->schedule.regions[0].name, "fast");
  EXPECT_EQ(plan->schedule.regions[0].section, ".bss.fast");
  EXPECT_EQ(plan->stall_cycles, 0);
  for (std::size_t b = 0; b < one->schedule.buffers.size(); ++b)
    EXPECT_EQ(plan->schedule.buffers[b].offset, one->schedule.buffers[b].offset);
  options.memories[1].bytes = one->schedule.regions[0].size - 1;
  options.ram_limit = total_bytes(one->schedule.regions);
  const auto limited = search_plan(graph, options);
  ASSERT_TRUE(limited);
  EXPECT_TRUE(limited->fits);
  EXPECT_LE(total_bytes(limited->schedule.regions), *options.ram_limit);
}

// The negative control: what was moved to where it collides, or to a region that is too small, is refused.
TEST(Regions, AMovedBufferIsRefused) {
  const auto graph = std::make_shared<const Graph>(test::random_graph(12, {}));
  PlanOptions options;
  options.space = PlanSpace::whole;
  const auto one = search_plan(graph, options);
  ASSERT_TRUE(one);
  const std::int64_t arena = one->schedule.regions[0].size;
  options.memories = {{"fast", arena * 3 / 4, 0}, {"slow", arena, 2}};
  const auto plan = search_plan(graph, options);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->schedule.regions.size(), 2u);
  ASSERT_TRUE(check(plan->schedule));
  const auto &buffers = plan->schedule.buffers;
  int moved = 0;
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    for (std::size_t b = 0; b < buffers.size(); ++b) {
      // One that is read after the other one has begun, put upon it.
      const bool meet = buffers[a].region != buffers[b].region && buffers[b].first > buffers[a].first &&
                        buffers[b].first < buffers[a].last;
      if (!meet) continue;
      Schedule bad = plan->schedule;
      bad.buffers[a].region = bad.buffers[b].region;
      bad.buffers[a].offset = bad.buffers[b].offset;
      for (MemoryRegion &region : bad.regions) region.size = 2 * arena;
      EXPECT_FALSE(check(bad)) << a << " on " << b;
      ++moved;
    }
  }
  EXPECT_GT(moved, 0);
  Schedule small = plan->schedule;
  small.regions[1].size -= 4;
  const auto refused = check(small);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("of region 'slow'"), std::string::npos);
}

}  // namespace
}  // namespace thimble
