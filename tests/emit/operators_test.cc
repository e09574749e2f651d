// Every operator and random networks: emitted C, compiled in several ways, equals the interpreter byte for
// byte.
#include <algorithm>

#include "emit/emitted_batch.h"
#include "emit/graphs.h"
#include "support/random_graph.h"

namespace thimble::test {
namespace {

const std::vector<std::string> kSanitized = {"-std=c99", "-O1", "-g0", "-fsanitize=address,undefined",
                                             "-fno-sanitize-recover=all"};
const std::vector<std::string> kFast = {"-std=gnu11", "-O3", "-march=native"};

std::vector<std::string> strict_with(const std::vector<std::string> &more) {
  std::vector<std::string> flags = kStrict;
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

EmittedBatch operators(ElementType type) {
  EmittedBatch batch;
  for (auto &[label, graph] : operator_graphs(type)) {
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1), random_inputs(graph, 2)};
    batch.add(label, std::move(graph), inputs);
  }
  return batch;
}

EmittedBatch random_networks(ElementType type, std::uint64_t first, std::uint64_t count) {
  EmittedBatch batch;
  RandomGraphOptions options;
  options.type = type;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Graph graph = random_graph(seed, options);
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 3), random_inputs(graph, 4)};
    batch.add("random " + std::to_string(seed), std::move(graph), inputs);
  }
  return batch;
}

TEST(EmittedOperators, Int8Sanitized) {
  operators(ElementType::int8).expect_equal(kSanitized);
}
TEST(EmittedOperators, Int16Sanitized) {
  operators(ElementType::int16).expect_equal(kSanitized);
}
TEST(EmittedOperators, FloatSanitized) {
  operators(ElementType::float32).expect_equal(kSanitized);
}
TEST(EmittedOperators, Int8Strict) {
  operators(ElementType::int8).expect_equal(strict_with({"-O2"}));
}
// What Cortex-M0 does by fours, in C: the assembler's inner loop has a twin for that.
TEST(EmittedOperators, Int8ByFoursSanitized) {
  std::vector<std::string> flags = kStrictSanitized;
  flags.push_back("-DTHIMBLE_V6M_TWIN");
  operators(ElementType::int8).expect_equal(flags);
  random_networks(ElementType::int8, 100, 60).expect_equal(flags);
}
TEST(EmittedOperators, FloatFast) {
  operators(ElementType::float32).expect_equal(kFast);
}

TEST(EmittedOperators, Clang) {
  std::string compiler;
  for (const char *name : {"clang", "clang-14", "clang-18"}) {
    if (std::system((std::string("command -v ") + name + " > /dev/null 2>&1").c_str()) == 0) compiler = name;
  }
  if (compiler.empty()) GTEST_SKIP() << "no clang";
  operators(ElementType::float32).expect_equal(strict_with({"-O2", "-march=native"}), compiler);
  random_networks(ElementType::int8, 100, 10).expect_equal(strict_with({"-O1"}), compiler);
}

TEST(EmittedRandomNetworks, Int8) {
  random_networks(ElementType::int8, 1, 40).expect_equal(kSanitized);
}
TEST(EmittedRandomNetworks, Float) {
  random_networks(ElementType::float32, 1, 25).expect_equal(kFast);
}

// In lines the pool drives its stage and takes the rows as they come.
TEST(EmittedOperators, AveragePoolsOverTheWholeMapAreSummedRowByRow) {
  EmittedBatch batch;
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (const Activation activation : {Activation::none, Activation::relu6}) {
      GraphBuilder builder(7);
      const TensorId x = builder.input({1, 9, 7, 3}, type);
      const TensorId a = builder.conv_2d(x, 5, {3, 3});
      const TensorId pooled = builder.average_pool_2d(a, {9, 7}, {1, 1}, PaddingRule::valid(), activation);
      Graph graph = builder.build({pooled});
      const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 3), random_inputs(graph, 4)};
      batch.add(std::string("pool ") + name_of(type), std::move(graph), inputs);
    }
  }
  for (const EmittedCase &emitted : batch.cases()) {
    EXPECT_TRUE(std::any_of(emitted.schedule.buffers.begin(), emitted.schedule.buffers.end(),
                            [](const Buffer &buffer) { return buffer.kind == BufferKind::accumulator; }))
        << emitted.label;
  }
  batch.expect_equal(kSanitized);
}

// The harness must be able to fail: another network's expectation is not met.
TEST(EmittedBatchItself, NoticesADifference) {
  EmittedBatch batch;
  GraphBuilder b(5);
  Graph graph = b.build({b.conv_2d(b.input({1, 4, 4, 2}), 3, {3, 3})});
  const std::vector<Bytes> one = random_inputs(graph, 1);
  const std::vector<Bytes> two = random_inputs(graph, 2);
  const auto other = interpret_outputs(graph, two);
  ASSERT_TRUE(other);
  batch.add("one", std::move(graph), {one});
  const auto results = batch.run({"-std=c99", "-O1"});
  ASSERT_TRUE(results) << results.error().text();
  EXPECT_NE((*results)[0][0], *other);
}

}  // namespace
}  // namespace thimble::test
