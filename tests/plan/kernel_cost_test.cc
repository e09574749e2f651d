// Costs of kernels, and the choice by them.
#include <gtest/gtest.h>

#include "emit/graphs.h"
#include "support/random_graph.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/check.h"

namespace thimble::test {
namespace {

using GraphPtr = std::shared_ptr<const Graph>;

GraphPtr shared(Graph graph) {
  return std::make_shared<const Graph>(std::move(graph));
}

Schedule planned(const GraphPtr &graph, PlanSpace space) {
  PlanOptions options;
  options.space = space;
  auto schedule = plan(graph, options);
  EXPECT_TRUE(schedule) << schedule.error().text();
  return *schedule;
}

/// Of operator 1 with a kernel; nothing where that does not suit it.
std::optional<KernelCost> cost_with(const GraphPtr &graph, std::int32_t variant) {
  Schedule schedule = planned(graph, PlanSpace::whole);
  if (!use_kernel(schedule, 1, variant)) return std::nullopt;
  return operator_costs(schedule)[1];
}

enum class Kind { convolution, pointwise, depthwise, dense };

GraphPtr single(Kind kind, std::int32_t columns, std::int32_t channels, std::int32_t depth) {
  GraphBuilder b(7);
  if (kind == Kind::dense) return shared(b.build({b.fully_connected(b.input({columns, depth}), channels)}));
  const TensorId x = b.input({1, 8, columns, depth});
  if (kind == Kind::depthwise) return shared(b.build({b.depthwise_conv_2d(x, 1, {3, 3})}));
  const Step2D filter = kind == Kind::pointwise ? Step2D{1, 1} : Step2D{3, 3};
  return shared(b.build({b.conv_2d(x, channels, filter)}));
}

TEST(KernelCosts, GrowWithPixelsChannelsAndDepth) {
  std::int32_t compared = 0;
  for (const Kind kind : {Kind::convolution, Kind::pointwise, Kind::depthwise, Kind::dense}) {
    const std::span<const KernelVariant> variants = kernel_variants(single(kind, 8, 8, 8)->op(1));
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto variant = static_cast<std::int32_t>(v);
      // The last strip of a row overlaps the one before: a longer row may have as many.
      const std::int64_t more = variants[v].strip > 0 ? 0 : 1;
      const auto grows = [&](auto make) {
        std::int64_t instructions = 0, cycles = 0;
        for (std::int32_t size = 8; size <= 64; size += 8) {
          const auto cost = cost_with(make(size), variant);
          if (!cost) continue;
          EXPECT_GE(cost->instructions, instructions + more) << variants[v].name << ' ' << size;
          EXPECT_GE(cost->cycles, cycles + more) << variants[v].name << ' ' << size;
          instructions = cost->instructions;
          cycles = cost->cycles;
          ++compared;
        }
      };
      grows([&](std::int32_t size) { return single(kind, size, 8, 8); });
      grows([&](std::int32_t size) { return single(kind, 8, size, kind == Kind::depthwise ? size : 8); });
      grows([&](std::int32_t size) { return single(kind, 8, 16, size); });
    }
  }
  EXPECT_GT(compared, 300);
}

/// A kernel that was not measured would cost nothing.
void expect_costs(Graph graph, const std::string &label) {
  const GraphPtr own = shared(std::move(graph));
  for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines, PlanSpace::all}) {
    const std::vector<KernelCost> costs = operator_costs(planned(own, space));
    for (std::size_t id = 0; id < own->ops.size(); ++id) {
      if (own->ops[id].is<Input>()) continue;  // without work where the caller's bytes are in place
      EXPECT_GT(costs[id].instructions, 0) << label << ", operator " << id << " " << name_of(own->ops[id]);
      EXPECT_GT(costs[id].cycles, 0) << label << ", operator " << id << " " << name_of(own->ops[id]);
    }
  }
}

TEST(KernelCosts, EveryKernelWasMeasured) {
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (auto &[label, graph] : operator_graphs(type))
      expect_costs(std::move(graph), std::string(name_of(type)) + " " + label);
    if (type != ElementType::int16) {
      GraphBuilder b(1, type);
      expect_costs(b.build({b.lstm_output(b.lstm_cells(b.input({1, 3, 5}), 4))}), "lstm");
    }
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
      RandomGraphOptions options;
      options.type = type;
      options.most_channels = seed % 3 == 0 ? 40 : 8;
      expect_costs(random_graph(seed, options),
                   std::string(name_of(type)) + ", random network " + std::to_string(seed));
    }
  }
}

/// Pointwise and other layers whose wide weights take less than the limit together.
GraphPtr small_network(std::uint64_t seed) {
  GraphBuilder b(seed);
  TensorId x = b.input({1, 12, 12, 3});
  x = b.conv_2d(x, 8, {3, 3}, {2, 2});
  for (std::int32_t channels : {16, 10, 24}) {
    x = b.depthwise_conv_2d(x, 1, {3, 3});
    x = b.conv_2d(x, channels, {1, 1});
  }
  return shared(b.build({b.fully_connected(x, 10)}));
}

TEST(KernelChoice, IsTheCheapestThatSuits) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const GraphPtr graph = small_network(seed);
    for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines, PlanSpace::all}) {
      const Schedule plain = planned(graph, space);
      Schedule chosen = plain;
      choose_kernels(chosen, KernelSet::pairs, kMaxRegionBytes);
      ASSERT_TRUE(check(chosen));
      const std::vector<KernelCost> costs = operator_costs(chosen);
      for (std::size_t id = 0; id < graph->ops.size(); ++id) {
        for (std::size_t v = 1; v < kernel_variants(graph->ops[id]).size(); ++v) {
          // Strips stand back where they save little.
          if (kernel_variants(graph->ops[id])[v].strip > 0) continue;
          Schedule other = plain;
          if (!use_kernel(other, static_cast<OpId>(id), static_cast<std::int32_t>(v))) continue;
          EXPECT_LE(costs[id].by(Measure::both), operator_costs(other)[id].by(Measure::both))
              << "seed " << seed << ", operator " << id << ", " << kernel_variants(graph->ops[id])[v].name;
        }
      }
    }
  }
}

TEST(KernelChoice, WideWeightsKeepToTheirFlash) {
  GraphBuilder b(3);
  TensorId x = b.input({1, 4, 4, 32});
  for (std::int32_t channels : {96, 128, 128, 64, 16}) x = b.conv_2d(x, channels, {1, 1});
  const GraphPtr graph = shared(b.build({b.fully_connected(x, 32)}));
  Schedule schedule = planned(graph, PlanSpace::whole);
  choose_kernels(schedule, KernelSet::pairs, kMaxRegionBytes);
  std::int64_t widened = 0, all = 0;
  for (const Stage &stage : schedule.stages) {
    for (const StageOp &own : stage.ops) {
      const Op &op = graph->op(own.op);
      if (!op.is<Conv2D>() && !op.is<FullyConnected>()) continue;
      const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(own.variant)];
      all += graph->tensor(op.inputs[1]).elements();
      const bool wide = variant.packing && is_wide(*variant.packing);
      if (wide) widened += widened_bytes(*graph, op, variant);
    }
  }
  EXPECT_GT(all, kMostWidenedBytes);
  EXPECT_GT(widened, kMostWidenedBytes / 2);
  EXPECT_LE(widened, kMostWidenedBytes);
}

}  // namespace
}  // namespace thimble::test
