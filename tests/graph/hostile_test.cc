// Graphs that verify but mean nothing: absurd scales, zero points at the ends, weights and floats of random
// bits. Under the sanitizers of the `dev` preset, no operator may trap on them.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "graph/single_op.h"

namespace thimble::test {
namespace {

Bytes random_bits(Random &random, std::int64_t size) {
  Bytes bytes(static_cast<std::size_t>(size));
  for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 56);
  return bytes;
}

void make_absurd(Random &random, Graph &graph) {
  for (Tensor &tensor : graph.tensors) {
    for (float &scale : tensor.quantization.scales) {
      if (random.chance(50)) scale = std::ldexp(0.75f, random.integer(-140, 127));
      if (random.chance(30)) scale *= std::ldexp(1.0f, random.integer(-20, 20));
      if (tensor.constant() && random.chance(20)) scale = -scale;
      if (scale == 0.0f || !std::isfinite(scale)) scale = 1.0f;
    }
    for (std::int32_t &zero_point : tensor.quantization.zero_points) {
      if (tensor.constant() || random.chance(50)) continue;
      if (tensor.type == ElementType::int8) zero_point = random.pick(std::vector{-128, 127});
      if (tensor.type == ElementType::uint8) zero_point = random.pick(std::vector{0, 255});
      if (tensor.type == ElementType::int32) zero_point = std::numeric_limits<std::int32_t>::min();
    }
    if (tensor.constant() && random.chance(70)) {
      tensor.data = std::make_shared<const std::vector<std::uint8_t>>(random_bits(random, tensor.bytes()));
    }
  }
}

TEST(Hostile, VerifiedGraphsDoNotTrap) {
  std::map<std::string, int> accepted;
  for (ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      for_each_single_op(seed, type, [&](const char *name, const Graph &good) {
        Random random(seed + 99);
        Graph graph = good;
        make_absurd(random, graph);
        if (!verify(graph)) return;
        std::vector<Bytes> inputs;
        for (TensorId id : graph.inputs) inputs.push_back(random_bits(random, graph.tensor(id).bytes()));
        EXPECT_TRUE(interpret(graph, inputs)) << name;
        ++accepted[name];
      });
    }
  }
  accepted["INPUT"] = 1000;
#define THIMBLE_EXPECT_ACCEPTED(Kind, name) EXPECT_GT(accepted[name], 100) << name;
  THIMBLE_OPS(THIMBLE_EXPECT_ACCEPTED)
#undef THIMBLE_EXPECT_ACCEPTED
}

TEST(Hostile, SumsMayWrap) {
  // 70000 products of 255 * 127 leave 32 bits; the reference wraps, and so does every order of summation.
  GraphBuilder b(1);
  const TensorId x = b.input({1, 70000}, ElementType::int8, 0.5f, -128);
  const TensorId w = b.constant({1, 70000}, ElementType::int8, {{0.5f}, {0}, 0}, Bytes(70000, 127));
  const TensorId y = b.op(FullyConnected{}, {x, w, kNone}, {{1e9f}, {0}, 0}, ElementType::int8);
  const Graph graph = b.build({y});
  const auto outputs = interpret_outputs(graph, {Bytes(70000, 127)});
  ASSERT_TRUE(outputs);
  const std::int32_t sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(70000LL * 255 * 127));
  EXPECT_LT(sum, 0);
  const int expected = static_cast<int>(std::lround(sum * 0.25 / 1e9));
  EXPECT_EQ(static_cast<std::int8_t>((*outputs)[0][0]), expected);
}

}  // namespace
}  // namespace thimble::test
