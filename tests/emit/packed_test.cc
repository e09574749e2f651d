// Kernels that multiply pairs, from packed weights: on this machine by their portable twins, under
// sanitizers, and on emulated cores by their written-out loops.
#include <iostream>
#include <set>

#include "emit/cores.h"
#include "support/graph_builder.h"
#include "support/one_stage.h"
#include "thimble/plan/candidate_orders.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/variant.h"

namespace thimble::test {
namespace {

/// One to three filters behind each other, of sizes that leave rests everywhere; outputs with and without the
/// zero point that a ReLU has.
Graph random_filters(std::uint64_t seed) {
  Random random(seed);
  const auto any = [&](int low, int high) { return static_cast<std::int32_t>(random.integer(low, high)); };
  GraphBuilder b(seed);
  TensorId x = b.input({1, any(3, 9), any(4, 13), any(1, 3) * any(1, 6)});
  std::vector<TensorId> made;
  for (int filters = any(1, 3); filters > 0; --filters) {
    const FilterOptions options{random.integer(0, 3) > 0, random.integer(0, 3) > 0, 1};
    constexpr Activation kActivations[] = {Activation::none, Activation::none, Activation::relu,
                                           Activation::relu6};
    const Activation activation = kActivations[random.integer(0, 3)];
    const Step2D stride{any(1, 2), any(1, 2)};
    const PaddingRule padding = random.integer(0, 2) > 0 ? PaddingRule{} : PaddingRule::valid();
    switch (random.integer(0, 6)) {
      case 0:
        x = b.conv_2d(x, any(1, 21), {any(1, 3), any(1, 3)}, stride, {any(1, 2), 1}, {}, activation, options);
        break;
      case 1:
        x = b.conv_2d(x, any(4, 24), {3, 3}, {}, {}, b.shape(x)[1] < 3 ? PaddingRule{} : padding, activation,
                      options);
        break;
      case 2:
        x = b.conv_2d(x, any(3, 40), {1, 1}, {}, {}, {}, activation, options);
        break;
      case 3:
        x = b.depthwise_conv_2d(x, 1, {any(1, 4), any(1, 4)}, stride, {any(1, 2), any(1, 2)}, {}, activation,
                                options);
        break;
      case 4:
        // Shallow, as what comes out is deep.
        if (b.shape(x)[3] > 12) x = b.conv_2d(x, any(1, 9), {1, 1});
        x = b.depthwise_conv_2d(x, any(1, 8), {any(1, 4), any(1, 3)}, stride, {any(1, 2), any(1, 2)}, {},
                                activation, options);
        break;
      default:
        x = b.depthwise_conv_2d(x, 1, {3, 3}, stride, {any(1, 2), 1}, {}, activation, options);
        break;
    }
    made.push_back(x);
  }
  if (random.integer(0, 2) == 0) {
    x = b.fully_connected(x, any(1, 20));
    made.push_back(x);
  }
  Graph graph = b.build({x});
  for (const TensorId id : made) {
    if (random.integer(0, 1) == 0)
      graph.tensors[static_cast<std::size_t>(id)].quantization.zero_points = {-128};
  }
  // Channels with scales of 1 and more, below 0, and of next to nothing, as trained networks have them.
  for (const Op &op : graph.ops) {
    if (op.inputs.size() < 3) continue;
    std::vector<float> &scales = graph.tensors[static_cast<std::size_t>(op.inputs[1])].quantization.scales;
    constexpr float kFactors[] = {1.0f, 40.0f, -1.0f, 1e-7f};
    if (scales.size() > 1) scales[scales.size() / 2] *= kFactors[random.integer(0, 3)];
  }
  return graph;
}

/// Adds the plans of random filters with much and little room for working memory; returns the kernels chosen.
std::set<std::string> add_filters(EmittedBatch &batch, std::uint64_t first, std::uint64_t count) {
  constexpr std::int64_t kRooms[] = {0, 24, 150, 600, 100'000};
  std::set<std::string> kernels;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    PlanOptions options;
    options.space = static_cast<PlanSpace>(seed % 3);
    auto plan = search_plan(std::make_shared<const Graph>(random_filters(seed)), options);
    EXPECT_TRUE(plan) << plan.error().text();
    if (!plan) continue;
    Schedule schedule = std::move(plan->schedule);
    const std::int64_t most = schedule.regions[0].size + kRooms[seed / 3 % 5];
    choose_kernels(schedule, KernelSet::pairs, most);
    EXPECT_LE(schedule.regions[0].size, most);
    // The others, too, whatever they cost.
    for (std::size_t id = 0; seed % 2 == 1 && id < schedule.graph->ops.size(); ++id) {
      const std::size_t variants = kernel_variants(schedule.graph->ops[id]).size();
      if (variants > 1) {
        const auto variant = static_cast<std::int32_t>(1 + (seed / 2 + id) % (variants - 1));
        use_kernel(schedule, static_cast<OpId>(id), variant);
      }
    }
    EXPECT_TRUE(check(schedule)) << "seed " << seed;
    for (const Stage &stage : schedule.stages) {
      for (const StageOp &op : stage.ops)
        kernels.insert(kernel_variants(schedule.graph->op(op.op))[static_cast<std::size_t>(op.variant)].name);
    }
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, seed)};
    batch.add("filters of seed " + std::to_string(seed), std::move(schedule), inputs);
  }
  return kernels;
}

TEST(PackedKernels, TwinsAreExact) {
  EmittedBatch batch;
  const std::set<std::string> kernels = add_filters(batch, 1, 150);
  for (const char *name : {"octets", "wide octets", "singles", "wide singles", "quads", "wide quads", "taps",
                           "spread taps", "strips of 8", "strips of 64", "strips down of 16"})
    EXPECT_TRUE(kernels.count(name)) << name << " was never chosen";
  batch.expect_equal(kStrictSanitized);
}

/// A map narrower than a filter, so that rows of taps begin and end outside. Its other reader looks further
/// down: kept as a FIFO, it holds no whole rows, and a row of taps goes on at the beginning of memory, too.
Graph narrow_map(std::uint64_t seed) {
  Random random(seed);
  const auto any = [&](int low, int high) { return static_cast<std::int32_t>(random.integer(low, high)); };
  GraphBuilder b(seed);
  const Step2D stride{1, any(1, 2)};
  TensorId x = b.input({1, any(9, 16), any(1, 3), 4});
  x = b.conv_2d(x, 8 * any(1, 3), {1, 1});
  const TensorId wide = b.conv_2d(x, 4, {any(2, 3), any(4, 5)}, stride);
  return b.build({b.add(wide, b.conv_2d(x, 4, {5, 1}, stride))});
}

TEST(PackedKernels, TwinsAreExactOnMapsNarrowerThanTheFilter) {
  EmittedBatch batch;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto plan = search_plan(std::make_shared<const Graph>(narrow_map(seed)), {});
    ASSERT_TRUE(plan) << plan.error().text();
    Schedule schedule = std::move(plan->schedule);
    for (std::size_t id = 0; id < schedule.graph->ops.size(); ++id) {
      if (kernel_variants(schedule.graph->ops[id]).size() > 1)
        use_kernel(schedule, static_cast<OpId>(id), 1 + static_cast<std::int32_t>(seed % 2));
    }
    ASSERT_TRUE(check(schedule)) << "seed " << seed;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, seed)};
    batch.add("narrow map of seed " + std::to_string(seed), std::move(schedule), inputs);
  }
  batch.expect_equal(kStrictSanitized);
}

/// Convolutions over maps of few and of many channels, with every kind of border and rest of a strip.
Graph random_rows(std::uint64_t seed) {
  Random random(seed);
  const auto any = [&](int low, int high) { return static_cast<std::int32_t>(random.integer(low, high)); };
  GraphBuilder b(seed);
  TensorId x = b.input({1, any(5, 11), any(5, 23), any(1, 5)});
  std::vector<TensorId> made;
  for (int i = 0; i < 2; ++i) {
    const FilterOptions options{random.integer(0, 3) > 0, random.integer(0, 3) > 0, 1};
    const Activation activation = random.integer(0, 2) > 0 ? Activation::none : Activation::relu6;
    const PaddingRule padding = random.integer(0, 2) > 0 ? PaddingRule{} : PaddingRule::valid();
    x = b.conv_2d(x, any(4, 11), {any(1, 2), any(2, 3)}, {any(1, 2), any(1, 2)}, {any(1, 2), 1}, padding,
                  activation, options);
    made.push_back(x);
  }
  Graph graph = b.build({x});
  for (const TensorId id : made) {
    if (random.integer(0, 1) == 0)
      graph.tensors[static_cast<std::size_t>(id)].quantization.zero_points = {-128};
  }
  return graph;
}

/// With rows of every length in turn; returns which were taken.
std::set<std::string> add_rows(EmittedBatch &batch, std::uint64_t first, std::uint64_t count) {
  std::set<std::string> kernels;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    PlanOptions options;
    options.space = seed % 2 == 0 ? PlanSpace::whole : PlanSpace::lines;
    auto plan = search_plan(std::make_shared<const Graph>(random_rows(seed)), options);
    EXPECT_TRUE(plan) << plan.error().text();
    if (!plan) continue;
    Schedule schedule = std::move(plan->schedule);
    for (std::size_t id = 1; id < schedule.graph->ops.size(); ++id) {
      const std::span<const KernelVariant> variants = kernel_variants(schedule.graph->ops[id]);
      for (std::size_t i = 0; i < variants.size(); ++i) {
        const std::size_t v = (seed + i) % variants.size();
        if (kernel_code(variants[v]) != "rows" ||
            !use_kernel(schedule, static_cast<OpId>(id), static_cast<std::int32_t>(v)))
          continue;
        kernels.insert(variants[v].name);
        break;
      }
    }
    EXPECT_TRUE(check(schedule)) << "seed " << seed;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, seed)};
    batch.add("rows of seed " + std::to_string(seed), std::move(schedule), inputs);
  }
  return kernels;
}

TEST(PackedKernels, RowsAreExact) {
  constexpr std::size_t kLengths = 5;
  EmittedBatch twins, cores;
  EXPECT_EQ(add_rows(twins, 1, 60).size(), 2 * kLengths) << "shared and wide weights";
  twins.expect_equal(kStrictSanitized);
  EXPECT_GE(add_rows(cores, 500, 24).size(), kLengths);
  expect_equal_on({"cortex-m4", "cortex-m33"}, cores);
}

/// Expands, filters and projects: one stage, whose last operator sums slices of its inputs.
Schedule bottleneck(std::uint64_t seed) {
  Random random(seed);
  const auto any = [&](int low, int high) { return static_cast<std::int32_t>(random.integer(low, high)); };
  GraphBuilder b(seed);
  const FilterOptions options{random.integer(0, 2) > 0, true, 1};
  TensorId x = b.input({1, any(2, 5), any(2, 6), any(3, 9)});
  x = b.conv_2d(x, 4 * any(5, 17), {1, 1}, {}, {}, {}, Activation::relu6);
  x = b.depthwise_conv_2d(x, 1, {3, 3});
  const Activation activation = random.integer(0, 1) == 0 ? Activation::none : Activation::relu6;
  x = b.conv_2d(x, any(3, 19), {1, 1}, {}, {}, {}, activation, options);
  Graph built = b.build({x});
  if (random.integer(0, 1) == 0) built.tensors[static_cast<std::size_t>(x)].quantization.zero_points = {-128};
  const auto graph = std::make_shared<const Graph>(std::move(built));
  const std::vector<OpId> order = candidate_orders(*graph)[0];
  StageChoice choice{1, 3, {Grain::slices}};
  choice.form.channels = 4 << random.integer(0, 2);
  choice.form.sum_bytes = static_cast<std::int32_t>(random.integer(3, 4));
  Schedule schedule = schedule_of(graph, order, choice);
  EXPECT_TRUE(plan_buffers(schedule, {})) << "seed " << seed;
  return schedule;
}

/// With slices of both widths; returns how many.
int add_bottlenecks(EmittedBatch &batch, std::uint64_t first, std::uint64_t count) {
  int sliced = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Schedule schedule = bottleneck(seed);
    const auto variants = kernel_variants(schedule.graph->op(3));
    for (std::size_t v = 1; v < variants.size(); ++v) {
      const bool wide = std::string(variants[v].name).starts_with("wide");
      if (!variants[v].partial_reduction || wide != (seed % 2 == 0)) continue;
      sliced += use_kernel(schedule, 3, static_cast<std::int32_t>(v)) ? 1 : 0;
    }
    EXPECT_TRUE(check(schedule)) << "seed " << seed;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, seed)};
    batch.add("bottleneck of seed " + std::to_string(seed), std::move(schedule), inputs);
  }
  return sliced;
}

TEST(PackedKernels, SlicesAreExact) {
  EmittedBatch twins, cores;
  EXPECT_GT(add_bottlenecks(twins, 1, 60), 50);
  twins.expect_equal(kStrictSanitized);
  EXPECT_GT(add_bottlenecks(cores, 500, 20), 15);
  expect_equal_on({"cortex-m4"}, cores);
}

TEST(PackedKernels, AreExactOnCores) {
  EmittedBatch batch;
  EXPECT_TRUE(add_filters(batch, 500, 20).count("spread taps"));
  expect_equal_on({"cortex-m4", "cortex-m33"}, batch);
}

}  // namespace
}  // namespace thimble::test
