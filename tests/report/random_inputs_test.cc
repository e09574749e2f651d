#include "thimble/report/random_inputs.h"

#include <gtest/gtest.h>

#include <cstring>

namespace thimble::report {
namespace {

Graph graph_with_inputs(const std::vector<ElementType> &types) {
  Graph graph;
  for (ElementType type : types) {
    Tensor tensor;
    tensor.type = type;
    tensor.shape = {1, 3};
    graph.inputs.push_back(static_cast<TensorId>(graph.tensors.size()));
    graph.tensors.push_back(tensor);
  }
  return graph;
}

/// The generator's states, worked out by hand from its definition: s1 = 12345 * 1664525 + 1013904223 mod
/// 2^32.
constexpr std::uint64_t kModulus = std::uint64_t{1} << 32;
std::uint64_t state_after(int steps) {
  std::uint64_t s = 12345;
  for (int i = 0; i < steps; ++i) s = (s * 1664525 + 1013904223) % kModulus;
  return s;
}

TEST(RandomInputs, FirstStateIsTheDocumentedOne) {
  EXPECT_EQ(state_after(1), 87628868u);
}

TEST(RandomInputs, OneStreamRunsOverTensorsAndInferences) {
  const Graph graph = graph_with_inputs({ElementType::int8, ElementType::int16});
  const auto inferences = random_inputs(graph, 2, kDefaultSeed);
  ASSERT_EQ(inferences.size(), 2u);
  int step = 0;
  for (const Inference &inference : inferences) {
    ASSERT_EQ(inference.size(), 2u);
    EXPECT_EQ(inference[0].size(), 3u);
    EXPECT_EQ(inference[1].size(), 6u);
    for (const Bytes &tensor : inference) {
      for (std::uint8_t byte : tensor) EXPECT_EQ(byte, state_after(++step) >> 24);
    }
  }
}

TEST(RandomInputs, FloatsLieWithinOneAndIntegersAreSmall) {
  const Graph graph = graph_with_inputs({ElementType::float32, ElementType::int64});
  const auto inferences = random_inputs(graph, 1, kDefaultSeed);
  for (int i = 0; i < 3; ++i) {
    float real;
    std::memcpy(&real, inferences[0][0].data() + 4 * i, 4);
    EXPECT_EQ(real, static_cast<float>(state_after(i + 1) >> 8) / 8388608.0f - 1.0f);
    std::int64_t index;
    std::memcpy(&index, inferences[0][1].data() + 8 * i, 8);
    EXPECT_EQ(index, static_cast<std::int64_t>((state_after(i + 4) >> 24) & 7));
  }
}

TEST(RandomInputs, TheSeedMatters) {
  const Graph graph = graph_with_inputs({ElementType::int8});
  EXPECT_NE(random_inputs(graph, 1, 1), random_inputs(graph, 1, 2));
  EXPECT_EQ(random_inputs(graph, 1, 1), random_inputs(graph, 1, 1));
}

}  // namespace
}  // namespace thimble::report
