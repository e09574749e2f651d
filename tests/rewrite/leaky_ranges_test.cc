// What a LEAKY_RELU can give, from what its input can be: exactly the interpreter's least and largest
// results.
#include <gtest/gtest.h>

#include "support/graph_builder.h"
#include "thimble/rewrite/value_ranges.h"

namespace thimble::test {
namespace {

std::int32_t element(const Bytes &bytes, std::size_t i, ElementType type) {
  if (type == ElementType::int8) return static_cast<std::int8_t>(bytes[i]);
  return static_cast<std::int16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
}

TEST(LeakyRanges, AreExact) {
  for (const ElementType type : {ElementType::int8, ElementType::int16}) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      GraphBuilder b(seed, type);
      Random &r = b.random();
      // Two channels of a constant stand for what two channels can hold.
      const std::int32_t zero_point = type == ElementType::int8 ? r.integer(-128, 127) : 0;
      const TensorId x = b.constant({2, 2}, type, r.chance(50) ? 0.02f : 0.0003f, zero_point);
      const float alpha = r.pick(std::vector<float>{0.0f, 0.1f, 1.0f, 3.0f});
      const Graph graph = b.build({b.leaky_relu(x, alpha)});
      const TensorId y = graph.outputs[0];
      const auto ranges = value_ranges(graph);
      const auto outputs = interpret_outputs(graph, {});
      ASSERT_TRUE(outputs.has_value());
      ASSERT_EQ(ranges[static_cast<std::size_t>(y)].size(), 2u);
      for (std::size_t channel = 0; channel < 2; ++channel) {
        const IntegerRange &range = ranges[static_cast<std::size_t>(y)][channel];
        const std::int32_t one = element(outputs->front(), channel, type);
        const std::int32_t other = element(outputs->front(), channel + 2, type);
        // Both ends of the input's range are there; between them each side of zero rises.
        EXPECT_EQ(range.min, std::min(one, other)) << seed;
        EXPECT_EQ(range.max, std::max(one, other)) << seed;
      }
    }
  }
}

}  // namespace
}  // namespace thimble::test
