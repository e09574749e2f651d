// Chains of RESHAPE become one, and those that change nothing go.
#include "thimble/rewrite/merge_reshapes.h"

#include "rewrite/rewriting.h"
#include "support/random_graph.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

Graph merged(const Graph &built) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  Graph after = value_or_die(merge_reshapes(before));
  expect_same_outputs(before, after, 1);
  return after;
}

TEST(MergeReshapes, AChainIsOne) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 6});
  const TensorId y = b.reshape(b.reshape(b.reshape(x, {24}), {2, 12}), {4, 6, 1});
  EXPECT_EQ(count<Reshape>(merged(b.build({b.logistic(y)}))), 1);
}

TEST(MergeReshapes, ThereAndBackIsNothing) {
  GraphBuilder b;
  const TensorId x = b.logistic(b.input({1, 4, 6}));
  const TensorId y = b.reshape(b.reshape(x, {24}), {1, 4, 6});
  EXPECT_EQ(count<Reshape>(merged(b.build({b.logistic(y)}))), 0);
  const Graph end = merged(b.build({y}));
  EXPECT_EQ(count<Reshape>(end), 0) << "the operator above writes the output";
  EXPECT_EQ(end.tensor(end.outputs[0]).name, b.tensor(y).name);
  EXPECT_EQ(count<Reshape>(merged(b.build({y, b.logistic(x)}))), 0) << "others read the output then";
}

TEST(MergeReshapes, ADenseLayerReadsTheMapAsItIs) {
  GraphBuilder b;
  const TensorId map = b.conv_2d(b.input({1, 4, 6, 2}), 3, {3, 3});
  const Graph flat = merged(b.build({b.fully_connected(b.reshape(map, {1, 72}), 5)}));
  EXPECT_EQ(count<Reshape>(flat), 0);
  EXPECT_EQ(flat.tensor(flat.ops.back().inputs[0]).shape, (Shape{1, 4, 6, 3}));
  // Features that are a row of the map are whole axes; those that are two rows are not.
  GraphBuilder c;
  const TensorId other = c.conv_2d(c.input({1, 4, 6, 2}), 5, {3, 3});
  EXPECT_EQ(count<Reshape>(merged(c.build({c.fully_connected(c.reshape(other, {4, 30}), 5)}))), 0);
  EXPECT_EQ(count<Reshape>(merged(c.build({c.fully_connected(c.reshape(other, {2, 60}), 5)}))), 1);
}

TEST(MergeReshapes, EndsStayApart) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 6});
  const TensorId z = b.logistic(x);
  EXPECT_EQ(count<Reshape>(merged(b.build({b.reshape(x, {1, 4, 6})}))), 1) << "input and output";
  EXPECT_EQ(count<Reshape>(merged(b.build({z, b.reshape(z, {1, 4, 6})}))), 1) << "two outputs";
  const TensorId one = b.reshape(z, {1, 4, 6}), two = b.reshape(z, {1, 4, 6});
  EXPECT_EQ(count<Reshape>(merged(b.build({one, two}))), 1);
  EXPECT_EQ(count<Reshape>(merged(b.build({one, b.logistic(two), b.reshape(one, {1, 4, 6})}))), 1);
}

TEST(MergeReshapes, AnotherQuantisationIsAnotherTensor) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 6});
  const TensorId odd = b.op(Reshape{}, {x}, Quantization{{0.5f}, {1}, 0}, ElementType::int8, {1, 4, 6});
  EXPECT_EQ(count<Reshape>(merged(b.build({b.logistic(odd)}))), 1);
}

TEST(Passes, RandomNetworksReachAFixedPoint) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomGraphOptions options;
    options.type = std::vector{ElementType::int8, ElementType::int16, ElementType::float32}[seed % 3];
    const Graph before = random_graph(seed, options);
    const Graph after = value_or_die(rewrite(before, {}));
    expect_same_outputs(before, after, seed);
    EXPECT_EQ(value_or_die(rewrite(after, {})).ops.size(), after.ops.size());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace thimble::test
