// Kernels that are written for some cores: what they give there and on this machine.
#include "emit/cores.h"
#include "emit/graphs.h"

extern "C" {
#include "../../runtime/thimble_average_s8.h"
}

namespace thimble::test {
namespace {

const std::vector<std::string> kSanitized = {"-std=c99", "-O2", "-fsanitize=address,undefined",
                                             "-fno-sanitize-recover=all"};

void expect_equal_everywhere(const EmittedBatch &batch) {
  batch.expect_equal(kSanitized);
  expect_equal_on(kKernelCores, batch);
}

TEST(Kernels, MeansWithoutDivision) {
  for (std::int32_t taps = 1; taps <= THIMBLE_MOST_VALUES; ++taps) {
    const thimble_mean_s8 mean = thimble_mean_of_taps(taps);
    for (std::int32_t sum = -128 * taps; sum <= 127 * taps; ++sum)
      ASSERT_EQ(thimble_mean_of(&mean, sum), thimble_rounded_mean(sum, taps)) << sum << " / " << taps;
  }
}

// Output channels of all residues modulo the kernels' blocks; windows are cut by every border.
TEST(Kernels, Pools) {
  GraphBuilder b(1);
  std::vector<TensorId> outputs;
  for (const std::int32_t channels : {1, 3, 4, 8, 12, 19, 33}) {
    const TensorId x = b.input({1, 9, 7, channels});
    const Activation activation = channels % 2 == 0 ? Activation::none : Activation::relu6;
    outputs.push_back(b.max_pool_2d(x, {3, 2}, {2, 2}, PaddingRule::same(), activation));
    outputs.push_back(b.max_pool_2d(x, {2, 3}, {1, 2}, PaddingRule::same(), Activation::relu));
    outputs.push_back(b.average_pool_2d(x, {3, 4}, {1, 2}, PaddingRule::same(), activation));
    outputs.push_back(b.average_pool_2d(x, {9, 7}, {1, 1}, PaddingRule::valid(), activation));
    for (const std::vector<std::int32_t> &axes :
         std::vector<std::vector<std::int32_t>>{{1, 2}, {1}, {2}, {3}})
      outputs.push_back(b.mean(x, axes));
  }
  Graph graph = b.build(outputs);
  const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1), random_inputs(graph, 2)};
  EmittedBatch batch;
  batch.add("pools and means", std::move(graph), inputs);
  expect_equal_everywhere(batch);
}

// 16-bit sums hold 256 values and no more.
TEST(Kernels, LongSums) {
  EmittedBatch batch;
  GraphBuilder b(5);
  const TensorId x = b.input({1, 20, 30, 9});
  Graph graph = b.build({b.average_pool_2d(x, {16, 16}, {1, 5}, PaddingRule::valid()),
                         b.average_pool_2d(x, {17, 16}, {1, 5}, PaddingRule::valid()), b.mean(x, {1, 2})});
  std::vector<std::vector<Bytes>> inputs;
  for (const std::uint8_t extreme : {0x80, 0x7f}) inputs.push_back({Bytes(20 * 30 * 9, extreme)});
  inputs.push_back(random_inputs(graph, 3));
  batch.add("600 values", std::move(graph), inputs);
  expect_equal_everywhere(batch);
}

// The plan keeps lines, or single pixels, of what goes into the pools.
TEST(Kernels, PoolsOfRingsAndFifos) {
  EmittedBatch batch;
  for (const std::int32_t channels : {5, 20}) {
    GraphBuilder b(static_cast<std::uint64_t>(channels));
    const TensorId x = b.conv_2d(b.input({1, 24, 20, 2}), channels, {3, 3});
    const TensorId first = b.max_pool_2d(x, {2, 2}, {2, 2});
    const TensorId second = b.average_pool_2d(b.conv_2d(first, channels + 3, {3, 3}), {3, 3}, {1, 1}, {});
    const TensorId third = b.max_pool_2d(second, {3, 3}, {2, 2}, PaddingRule::same());
    Graph graph = b.build({b.mean(b.conv_2d(third, 17, {1, 1}), {1, 2})});
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1), random_inputs(graph, 2)};
    batch.add(std::to_string(channels) + " channels", std::move(graph), inputs);
  }
  for (const EmittedCase &emitted : batch.cases()) {
    EXPECT_TRUE(std::any_of(emitted.schedule.buffers.begin(), emitted.schedule.buffers.end(),
                            [](const Buffer &buffer) { return buffer.layout.fifo_pixels > 0; }))
        << emitted.label;
  }
  expect_equal_everywhere(batch);
}

TEST(Kernels, ProductsOfAllPairs) {
  std::vector<Bytes> pairs(2, Bytes(65536));
  for (std::size_t i = 0; i < 65536; ++i) {
    pairs[0][i] = static_cast<std::uint8_t>(i / 256);
    pairs[1][i] = static_cast<std::uint8_t>(i % 256);
  }
  GraphBuilder b(1);
  const TensorId x = b.input({1, 65536}, ElementType::int8, 0.5f, -7);
  const TensorId y = b.input({1, 65536}, ElementType::int8, 2.0f, 100);
  Quantization output = b.tensor(x).quantization;
  std::vector<TensorId> outputs;
  // Shifts 1 (up), 0, and down to -28; 256 makes halves common.
  for (const float scale : {0.7f, 1.4f, 3.0f, 256.0f, 257.0f, 1000.0f, 1e6f, 3e8f}) {
    output.scales = {scale};
    output.zero_points = {b.random().integer(-128, 127)};
    outputs.push_back(b.op(Mul{Activation::none}, {x, y}, output));
    outputs.push_back(b.op(Mul{Activation::relu6}, {x, y}, output));
  }
  EmittedBatch batch;
  batch.add("products", b.build(outputs), {pairs});
  expect_equal_everywhere(batch);
}

// Constants that are one number, on either side and of any shape: tables of 256 results.
TEST(Kernels, ConstantOperands) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 4, 16, 4});
  const auto constant = [&](Shape shape) {
    const Bytes data(static_cast<std::size_t>(element_count(shape)),
                     static_cast<std::uint8_t>(b.random().next()));
    return b.constant(std::move(shape), ElementType::int8,
                      {{1.0f / 40.0f}, {b.random().integer(-128, 127)}, 0}, data);
  };
  std::vector<TensorId> outputs;
  for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6}) {
    outputs.push_back(b.mul(x, constant({1}), activation));
    outputs.push_back(b.mul(constant({1, 1, 1, 4}), x, activation));
    outputs.push_back(b.add(constant({1, 4, 16, 4}), x, activation));
    outputs.push_back(b.add(x, constant({1, 1}), activation));
    outputs.push_back(b.sub(constant({4}), x, activation));
    outputs.push_back(b.sub(x, constant({1, 1, 1, 1}), activation));
  }
  Graph graph = b.build(outputs);
  Bytes every(256);
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::uint8_t>(i);
  EmittedBatch batch;
  batch.add("constants", std::move(graph), {{every}});
  for (const auto &[file, text] : batch.cases()[0].program.files)
    EXPECT_FALSE(file == "thimble_mul_s8.c" || file == "thimble_weighted_sum_s8.c") << file;
  // In lines and pixels, between operators that keep rings.
  GraphBuilder lines(2);
  TensorId y = lines.conv_2d(lines.input({1, 12, 10, 3}), 8, {3, 3});
  y = lines.mul(y, lines.constant({1}, ElementType::int8));
  y = lines.sub(lines.constant({1, 1}, ElementType::int8), lines.conv_2d(y, 5, {3, 3}));
  Graph nested = lines.build({lines.conv_2d(y, 4, {3, 3})});
  const std::vector<std::vector<Bytes>> inputs{random_inputs(nested, 1)};
  batch.add("constants between rings", std::move(nested), inputs);
  expect_equal_everywhere(batch);
}

// Sources and destinations at all distances from a word, and lengths around a block.
TEST(Kernels, Copies) {
  GraphBuilder b(1);
  std::vector<TensorId> outputs;
  for (const std::int32_t columns : {1, 5, 16, 19, 37}) {
    const TensorId x = b.input({1, 5, columns, 3});
    outputs.push_back(b.pad(x, {0, 1, 3, 0}, {0, 2, 2, 0}));
    outputs.push_back(b.concatenation({x, b.logistic(x), x}, 3));
    outputs.push_back(b.concatenation({b.logistic(x), x}, 2));
    outputs.push_back(b.resize_nearest_neighbor(x, 10, 2 * columns));
    outputs.push_back(b.strided_slice(x, {{0, 1, 0, 0}, {1, 5, columns, 3}, {1, 1, 1, 1}, {}}));
    outputs.push_back(b.logistic(x));
  }
  Graph graph = b.build(outputs);
  const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1)};
  EmittedBatch batch;
  batch.add("copies", std::move(graph), inputs);
  expect_equal_everywhere(batch);
}

}  // namespace
}  // namespace thimble::test
