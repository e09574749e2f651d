// Filters whose channels have scales of 1 and more, below 0 and of next to nothing, and sums that wrap: what
// the kernels of all cores give equals the interpreter.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "emit/cores.h"
#include "support/graph_builder.h"
#include "thimble/plan/plan.h"

namespace thimble::test {
namespace {

/// Factors that need no shift to the left. With 1e-9 the multiplier is 0 or nearly so.
const std::vector<float> kSmall = {1.0f, -1.0f, 1e-7f, -1e-7f, 1e-9f, -0.01f};
const std::vector<float> kAny = {1.0f, 40.0f, -1.0f, 1e-7f, -40.0f, 2000.0f, -1e-9f, 3e5f};
/// Between -1 and 1 the most that a multiplier can be, and the least that is shifted to the left.
const std::vector<float> kOne = {0.9999999f, -0.9999999f, 1.0f, -1.0f, -0.9999f};
/// The most below 0 without a shift.
const std::vector<float> kMinusOne = {-0.9999999f, -0.9999f, 0.5f};

bool is_filter(const Op &op) {
  return op.is<Conv2D>() || op.is<DepthwiseConv2D>() || op.is<FullyConnected>();
}

/// Large sums make a difference where the scale is next to nothing; some wrap. Those that nothing is added to
/// are as large as sums can be.
void add_large_sums(Graph &graph, const Op &op, Random &random) {
  Tensor &weights = graph.tensors[static_cast<std::size_t>(op.inputs[1])];
  Tensor &bias = graph.tensors[static_cast<std::size_t>(op.inputs[2])];
  Bytes starts = *bias.data, products = *weights.data;
  const std::size_t channels = starts.size() / 4;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    auto sum = static_cast<std::int32_t>(random.next());
    const int kind = random.integer(0, 9);
    if (kind > 2) continue;
    if (kind > 0) {
      sum = kind == 1 ? INT32_MAX - random.integer(0, 40) : INT32_MIN + random.integer(0, 40);
      for (std::size_t i = 0; i < products.size(); ++i) {
        const bool own =
            (op.is<DepthwiseConv2D>() ? i % channels : i / (products.size() / channels)) == channel;
        if (own) products[i] = 0;
      }
    }
    std::memcpy(starts.data() + 4 * channel, &sum, sizeof sum);
  }
  bias.data = std::make_shared<const Bytes>(std::move(starts));
  weights.data = std::make_shared<const Bytes>(std::move(products));
}

/// Kernels for Helium add products of 16 bits where no weight is -128.
void avoid_least_weight(Graph &graph, const Op &op) {
  Tensor &weights = graph.tensors[static_cast<std::size_t>(op.inputs[1])];
  Bytes bytes = *weights.data;
  std::replace(bytes.begin(), bytes.end(), std::uint8_t{0x80}, std::uint8_t{0x81});
  weights.data = std::make_shared<const Bytes>(std::move(bytes));
}

/// A convolution, a depthwise one, a pointwise one, one with a multiplier, and a dense layer.
Graph odd_scales(std::uint64_t seed) {
  Random random(seed);
  const auto any = [&](int low, int high) { return static_cast<std::int32_t>(random.integer(low, high)); };
  GraphBuilder b(seed);
  constexpr Activation kActivations[] = {Activation::none, Activation::none, Activation::relu,
                                         Activation::relu6};
  const auto activation = [&] { return kActivations[random.integer(0, 3)]; };
  TensorId x = b.input({1, any(4, 8), any(3, 8), any(1, 20)});
  x = b.conv_2d(x, any(1, 37), {any(1, 3), any(2, 3)}, {any(1, 2), 1}, {}, {}, activation());
  x = b.depthwise_conv_2d(x, 1, {3, any(1, 4)}, {1, any(1, 2)}, {}, {}, activation());
  x = b.conv_2d(x, any(1, 37), {1, 1}, {}, {}, {}, activation());
  x = b.depthwise_conv_2d(x, any(1, 3), {2, 3}, {}, {}, {}, activation());
  x = b.fully_connected(x, any(1, 30), activation());
  Graph graph = b.build({x});
  const bool near_one = seed % 4 < 2;
  const std::vector<float> &factors = seed % 4 == 0   ? kOne
                                      : seed % 4 == 1 ? kMinusOne
                                      : seed % 4 == 2 ? kAny
                                                      : kSmall;
  for (const Op &op : graph.ops) {
    if (!is_filter(op)) continue;
    Tensor &y = graph.tensors[static_cast<std::size_t>(op.output())];
    if (any(0, 1) == 0) y.quantization.zero_points = {-128};
    std::vector<float> &scales = graph.tensors[static_cast<std::size_t>(op.inputs[1])].quantization.scales;
    const float one = y.quantization.scale() / graph.tensor(op.inputs[0]).quantization.scale();
    for (float &scale : scales) {
      if (any(0, 2) == 0) scale = random.pick(factors) * (near_one ? one : scale);
    }
    add_large_sums(graph, op, random);
    if (any(0, 3) > 0) avoid_least_weight(graph, op);
  }
  return graph;
}

/// A scale whose product with another is below 1 by so little that the multiplier is all but 2^31.
std::pair<float, float> scales_of_nearly_one() {
  for (float x = 1.0f;; x = std::nextafter(x, 2.0f)) {
    const float w = 1.0f / x;
    const double less = std::ldexp(1.0 - double{x} * double{w}, 31);
    if (less > 1 && less < 60) return {x, w};
  }
}

/// Sums as large as they can be, turned: with the zero point they leave 32 bits, and wrap.
Graph turned_sums() {
  GraphBuilder b(1);
  const auto [x_scale, w_scale] = scales_of_nearly_one();
  const TensorId x = b.input({1, 3, 3, 7}, ElementType::int8, x_scale, 0);
  const std::vector<TensorId> outputs{b.depthwise_conv_2d(x, 1, {3, 3}), b.conv_2d(x, 7, {3, 3})};
  Graph graph = b.build(outputs);
  for (const Op &op : graph.ops) {
    if (!is_filter(op)) continue;
    const auto tensor = [&](TensorId id) -> Tensor & { return graph.tensors[static_cast<std::size_t>(id)]; };
    tensor(op.output()).quantization = {{1.0f}, {-128}, 0};
    Tensor &weights = tensor(op.inputs[1]), &bias = tensor(op.inputs[2]);
    weights.quantization.scales.assign(7, -w_scale);
    weights.data = std::make_shared<const Bytes>(weights.data->size(), std::uint8_t{0});
    Bytes sums;
    for (int channel = 0; channel < 7; ++channel) sums.insert(sums.end(), {0xff, 0xff, 0xff, 0x7f});
    bias.data = std::make_shared<const Bytes>(std::move(sums));
  }
  return graph;
}

void add_odd_scales(EmittedBatch &batch, std::uint64_t count, bool helium) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    PlanOptions options;
    options.space = static_cast<PlanSpace>(seed % 3);
    auto plan = search_plan(std::make_shared<const Graph>(odd_scales(seed)), options);
    ASSERT_TRUE(plan) << plan.error().text();
    const Graph &graph = *plan->schedule.graph;
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, seed), random_inputs(graph, seed + 1)};
    EmitOptions emit_options;
    emit_options.helium = helium;
    batch.add("scales of seed " + std::to_string(seed), std::move(plan->schedule), inputs, emit_options);
  }
}

void add_turned_sums(EmittedBatch &batch, bool helium) {
  auto schedule = plan(std::make_shared<const Graph>(turned_sums()));
  ASSERT_TRUE(schedule) << schedule.error().text();
  const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule->graph, 1)};
  EmitOptions options;
  options.helium = helium;
  batch.add("turned sums", std::move(*schedule), inputs, options);
}

TEST(OddScales, Portable) {
  EmittedBatch batch;
  add_odd_scales(batch, 80, false);
  add_turned_sums(batch, false);
  batch.expect_equal(kStrictSanitized);
}

TEST(OddScales, ByFours) {
  EmittedBatch batch;
  add_odd_scales(batch, 80, false);
  add_turned_sums(batch, false);
  std::vector<std::string> flags = kStrictSanitized;
  flags.push_back("-DTHIMBLE_V6M_TWIN");
  batch.expect_equal(flags);
}

TEST(OddScales, OnCores) {
  EmittedBatch batch;
  add_odd_scales(batch, 14, false);
  add_turned_sums(batch, false);
  expect_equal_on({"cortex-m0plus", "rv32imc", "cortex-m4"}, batch);
}

TEST(OddScales, OnHelium) {
  EmittedBatch batch;
  add_odd_scales(batch, 18, true);
  add_turned_sums(batch, true);
  expect_equal_on({"cortex-m55"}, batch);
}

}  // namespace
}  // namespace thimble::test
