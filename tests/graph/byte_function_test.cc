#include "thimble/graph/byte_function.h"

#include <gtest/gtest.h>

#include "support/graph_builder.h"
#include "thimble/graph/interpret.h"

namespace thimble::test {
namespace {

const Op &last(const Graph &graph) {
  return graph.ops.back();
}

TensorId number(GraphBuilder &b, Shape shape, std::uint8_t byte = 77) {
  const Bytes data(static_cast<std::size_t>(element_count(shape)), byte);
  return b.constant(std::move(shape), ElementType::int8, {{0.02f}, {3}, 0}, data);
}

TEST(ByteFunction, ConstantsOfOneNumber) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 2, 3, 4});
  const auto operand = [&](TensorId y) {
    const Graph graph = b.build({y});
    return byte_operand(graph, last(graph));
  };
  EXPECT_EQ(operand(b.mul(x, number(b, {1}))), 0u);
  EXPECT_EQ(operand(b.sub(number(b, {1, 2, 3, 4}), x)), 1u);
  EXPECT_EQ(operand(b.add(number(b, {4}), x)), 1u);
  EXPECT_EQ(operand(b.logistic(x)), 0u);
  EXPECT_EQ(operand(b.leaky_relu(x, 0.2f)), 0u);
  EXPECT_EQ(operand(b.quantize(x)), 0u);
}

TEST(ByteFunction, WhatIsNone) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 2, 3, 4}), small = b.input({1, 1, 1, 4}),
                 wide = b.input({1, 2, 3, 4}, ElementType::int16);
  for (const TensorId y :
       {b.mul(x, b.constant({4}, ElementType::int8)), b.add(x, x), b.add(x, b.logistic(x)),
        b.add(small, number(b, {1, 2, 3, 4})), b.quantize(x, ElementType::int16), b.quantize(wide),
        b.logistic(wide), b.softmax(x), b.max_pool_2d(x, {1, 1}, {1, 1}), b.reshape(x, {1, 2, 3, 4}),
        b.transpose(x, {0, 1, 2, 3}), b.dequantize(x), b.concatenation({x, number(b, {1, 2, 3, 4})}, 3)}) {
    const Graph graph = b.build({y});
    EXPECT_EQ(byte_operand(graph, last(graph)), std::nullopt) << name_of(last(graph));
    EXPECT_EQ(byte_table(graph, last(graph)), std::nullopt) << name_of(last(graph));
  }
}

TEST(ByteFunction, TablesAreTheInterpreters) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    GraphBuilder b(seed);
    const TensorId x = b.input({1, 16, 4, 4});
    const auto byte = static_cast<std::uint8_t>(b.random().next());
    const TensorId y = seed % 8 == 0   ? b.logistic(x)
                       : seed % 4 == 0 ? b.leaky_relu(x, 0.3f)
                       : seed % 4 == 1 ? b.mul(x, number(b, {1, 1}, byte), Activation::relu6)
                       : seed % 4 == 2 ? b.sub(number(b, {4}, byte), x)
                                       : b.quantize(x, ElementType::uint8, 0.01f, 100);
    const Graph graph = b.build({y});
    Bytes every(256);
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::uint8_t>(i);
    const std::vector<Bytes> outputs = *interpret_outputs(graph, {every});
    const ByteTable table = *byte_table(graph, last(graph));
    EXPECT_TRUE(std::equal(table.begin(), table.end(), outputs[0].begin())) << seed;
  }
}

}  // namespace
}  // namespace thimble::test
