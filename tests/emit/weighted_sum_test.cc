// ADD and SUB of int8 data, for all pairs of inputs.
#include "thimble/emit/ops/weighted_sum.h"

#include <cmath>
#include <iostream>

#include "emit/cores.h"
#include "support/graph_builder.h"

namespace thimble::test {
namespace {

struct Scales {
  const char *what;
  float a, b, output;
};

/// Input a of element i is i / 256, input b is i mod 256.
std::vector<Bytes> all_pairs() {
  std::vector<Bytes> inputs(2, Bytes(65536));
  for (std::size_t i = 0; i < 65536; ++i) {
    inputs[0][i] = static_cast<std::uint8_t>(i / 256);
    inputs[1][i] = static_cast<std::uint8_t>(i % 256);
  }
  return inputs;
}

Graph sum_of(const Scales &scales, std::uint64_t seed, bool subtract, Activation activation) {
  GraphBuilder builder(seed);
  const auto zero_point = [&] { return builder.random().integer(-128, 127); };
  const TensorId a = builder.input({1, 65536}, ElementType::int8, scales.a, zero_point());
  const TensorId b = builder.input({1, 65536}, ElementType::int8, scales.b, zero_point());
  Quantization output = builder.tensor(a).quantization;
  output.scales = {scales.output};
  output.zero_points = {activation == Activation::none ? zero_point() : -128};
  return builder.build(
      {subtract ? builder.op(Sub{activation}, {a, b}, output) : builder.op(Add{activation}, {a, b}, output)});
}

bool is_weighted(const Graph &graph) {
  const Op &op = graph.ops.back();
  return emitters::weighted_sum(add_parameters(graph, op), op.is<Sub>()).has_value();
}

const std::vector<Scales> kScales = {
    {"one scale: halves are common", 0.05f, 0.05f, 0.05f},
    {"the output's is twice that", 0.05f, 0.05f, 0.1f},
    {"sixteenths", 0.0625f, 0.5f, 1.0f},
    {"a third", 0.1f, 0.1f, 0.3f},
    {"a is hardly there", 1e-6f, 0.1f, 0.1f},
    {"b is hardly there", 0.2f, 3e-4f, 0.1f},
    {"the output is coarse", 0.01f, 0.02f, 10.0f},
    {"the output is too fine", 0.1f, 0.3f, 0.01f},
    {"the output is far too fine", 1.0f, 1.0f, 1e-5f},
    {"a residual block's", 0.0762926f, 0.1041952f, 0.0509458f},
};

TEST(WeightedSum, AllPairsOnThisMachineAndOnCores) {
  EmittedBatch batch, on_cores;
  std::uint64_t seed = 1;
  for (const Scales &scales : kScales) {
    for (const bool subtract : {false, true}) {
      const Activation activation = seed % 3 == 0   ? Activation::relu
                                    : seed % 5 == 0 ? Activation::relu6
                                                    : Activation::none;
      Graph graph = sum_of(scales, ++seed, subtract, activation);
      if (subtract == (seed % 4 < 2)) on_cores.add(scales.what, graph, {all_pairs()});
      batch.add(scales.what, std::move(graph), {all_pairs()});
    }
  }
  batch.expect_equal({"-std=c99", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"});
  expect_equal_on(kKernelCores, on_cores);
}

TEST(WeightedSum, AllPairsOfRandomScales) {
  EmittedBatch batch;
  int weighted = 0;
  constexpr int kCount = 60;
  for (std::uint64_t seed = 1; seed <= kCount; ++seed) {
    Random random(seed);
    const auto near = [&](float octaves) { return std::exp2(octaves * random.real()); };
    Scales scales{"random", near(1.5f), near(1.5f), 0};
    scales.output = std::max(scales.a, scales.b) * near(1.5f);
    Graph graph = sum_of(scales, seed, seed % 4 == 0, seed % 2 == 0 ? Activation::none : Activation::relu);
    weighted += is_weighted(graph);
    batch.add("seed " + std::to_string(seed), std::move(graph), {all_pairs()});
  }
  std::cout << weighted << " of " << kCount << " are weighted sums\n";
  EXPECT_GE(weighted, kCount - 1);
  batch.expect_equal({"-std=c99", "-O2"});
}

}  // namespace
}  // namespace thimble::test
