// SVDF, whose state is an input and an output here: emitted C equals the interpreter byte for byte.
#include "emit/emitted_batch.h"
#include "graph/single_op.h"
#include "support/random_graph.h"

namespace thimble::test {
namespace {

/// Both halves, one behind the other.
Graph whole_svdf(std::uint64_t seed, ElementType type) {
  GraphBuilder b(seed, type);
  Random &r = b.random();
  const std::int32_t rows = r.integer(1, 2), rank = r.integer(1, 2), length = r.integer(1, 6);
  const std::int32_t filters = rank * r.integer(1, 5);
  const TensorId x = b.input({rows, r.integer(1, 12)}, is_integer(type) ? ElementType::int8 : type);
  const TensorId next = b.svdf_state(x, b.input({rows, filters * length}), filters);
  return b.build({b.svdf(next, length, rank, Activation::relu, r.chance(50)), next});
}

EmittedBatch svdfs(ElementType type) {
  EmittedBatch batch;
  const auto add = [&](const std::string &label, Graph graph) {
    const std::vector<std::vector<Bytes>> inputs{random_inputs(graph, 1), random_inputs(graph, 2)};
    batch.add(label, std::move(graph), inputs);
  };
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const std::string number = std::to_string(seed);
    add("state " + number, detail::SingleOp(seed, type).make(SvdfState{}));
    add("sums " + number, detail::SingleOp(seed, type).make(Svdf{}));
    add("whole " + number, whole_svdf(seed, type));
  }
  return batch;
}

TEST(EmittedSvdf, Int8Sanitized) {
  svdfs(ElementType::int8).expect_equal(kStrictSanitized);
}
TEST(EmittedSvdf, Int16Sanitized) {
  svdfs(ElementType::int16).expect_equal(kStrictSanitized);
}
TEST(EmittedSvdf, FloatSanitized) {
  svdfs(ElementType::float32).expect_equal(kStrictSanitized);
}
TEST(EmittedSvdf, FloatWithFma) {
  svdfs(ElementType::float32).expect_equal({"-std=gnu11", "-O3", "-march=native"});
}

}  // namespace
}  // namespace thimble::test
