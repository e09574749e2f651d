// Random networks with planted constant, dead and unread channels give the same bytes after all passes, and
// every value that they compute is in its range.
#include "rewrite/planting.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/value_ranges.h"

namespace thimble::test {
namespace {

#ifdef NDEBUG
constexpr std::uint64_t kGraphs = 400;
#else
constexpr std::uint64_t kGraphs = 60;
#endif

void plant(Graph &graph, std::uint64_t seed) {
  Random random(seed);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    const Op &op = graph.ops[i];
    if (!op.is<Conv2D>() && !op.is<DepthwiseConv2D>() && !op.is<FullyConnected>()) continue;
    const TensorId y = op.output();
    const std::int32_t channels = graph.tensor(y).shape.back();
    const std::int32_t inner = graph.tensor(op.inputs[1]).shape.back();
    for (std::int32_t c = 0; c < channels; ++c) {
      const std::int32_t kind = random.integer(0, 9);
      if (kind == 0) plant_constant(graph, y, c, 0);
      if (kind == 1) plant_constant(graph, y, c, random.integer(-9000, 9000));
      if (kind == 2) set_bias(graph, static_cast<OpId>(i), c, -(1 << 30));  // dead behind RELU
      if (kind == 3) set_bias(graph, static_cast<OpId>(i), c, random.chance(50) ? 1 << 30 : 2147483647);
      if (kind == 4 && random.chance(30)) plant_unread(graph, y, random.integer(0, inner - 1));
    }
  }
}

Graph planted_graph(std::uint64_t seed) {
  RandomGraphOptions options;
  options.type = seed % 5 == 0 ? ElementType::int16 : ElementType::int8;
  options.steps = 9;
  Graph graph = random_graph(seed, options);
  plant(graph, seed);
  return graph;
}

TEST(PlantedChannels, GoWithoutATrace) {
  std::int64_t removed = 0;
  for (std::uint64_t seed = 1; seed <= kGraphs; ++seed) {
    const Graph before = planted_graph(seed);
    RewriteOptions options;
    options.most_reads = 1'000'000'000;  // every pass is held to the bytes
    const Graph after = value_or_die(rewrite(before, options));
    removed += macs(before) - macs(after);
    for (std::uint64_t input = 0; input < 3; ++input) expect_same_outputs(before, after, 1000 * seed + input);
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(removed, static_cast<std::int64_t>(kGraphs) * 100);
}

std::int32_t stored(const Bytes &bytes, ElementType type, std::size_t i) {
  if (type == ElementType::int8) return static_cast<std::int8_t>(bytes[i]);
  if (type == ElementType::uint8) return bytes[i];
  std::int16_t value = 0;
  std::memcpy(&value, bytes.data() + 2 * i, 2);
  return value;
}

TEST(ValueRanges, HoldEveryValue) {
  std::int64_t constants = 0, narrowed = 0;
  for (std::uint64_t seed = 1; seed <= kGraphs; ++seed) {
    const Graph graph = planted_graph(seed);
    const std::vector<ChannelRanges> ranges = value_ranges(graph);
    ASSERT_EQ(ranges.size(), graph.tensors.size());
    for (std::uint64_t input = 0; input < 3; ++input) {
      const auto values = value_or_die(interpret(graph, random_inputs(graph, 77 * seed + input)));
      for (std::size_t t = 0; t < values.size(); ++t) {
        const Tensor &tensor = graph.tensors[t];
        if (values[t].empty() || ranges[t].empty()) continue;
        for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.elements()); ++i) {
          const IntegerRange &range = ranges[t][i % ranges[t].size()];
          const std::int32_t value = stored(values[t], tensor.type, i);
          ASSERT_TRUE(value >= range.min && value <= range.max)
              << "seed " << seed << " " << tensor.name << " element " << i << ": " << value;
        }
      }
    }
    for (const Op &op : graph.ops) {
      for (const IntegerRange &range : ranges[static_cast<std::size_t>(op.output())]) {
        constants += range.min == range.max;
        narrowed += range != range_of(graph.tensor(op.output()).type);
      }
    }
  }
  EXPECT_GT(constants, static_cast<std::int64_t>(kGraphs));
  EXPECT_GT(narrowed, constants);
}

}  // namespace
}  // namespace thimble::test
