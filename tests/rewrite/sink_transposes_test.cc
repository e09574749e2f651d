// TRANSPOSE moves down, cancels, or becomes a RESHAPE, and no byte changes.
#include "thimble/rewrite/sink_transposes.h"

#include <map>
#include <set>

#include "graph/single_op.h"
#include "rewrite/rewriting.h"
#include "support/graph_builder.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

constexpr ElementType kTypes[] = {ElementType::int8, ElementType::int16, ElementType::float32};

Graph sunk(const Graph &built, std::uint64_t seed = 1) {
  const Graph before = value_or_die(remove_dead(built));  // what the builder made for other cases
  Graph after = value_or_die(sink_transposes(before));
  expect_same_outputs(before, after, seed);
  return after;
}

Graph rewritten(const Graph &built, std::uint64_t seed = 1) {
  const Graph before = value_or_die(remove_dead(built));
  Graph after = value_or_die(rewrite(before, {}));
  expect_same_outputs(before, after, seed);
  return after;
}

TEST(SinkTransposes, TheTailOfAnExportedNetworkBecomesTwoMeans) {
  for (const ElementType type : kTypes) {
    GraphBuilder b(1, type);
    TensorId x = b.input({1, 3, 3, 16});
    x = b.transpose(x, {0, 3, 1, 2});
    x = b.mean(b.mean(x, {3}), {2});
    const Graph after = rewritten(b.build({b.fully_connected(x, 2)}));
    EXPECT_EQ(count<Transpose>(after) + count<Reshape>(after), 0);
    ASSERT_EQ(count<Mean>(after), 2) << "each rounds";
    EXPECT_EQ(after.ops[1].as<Mean>().axes, (std::vector<std::int32_t>{2}));
    EXPECT_EQ(after.tensor(after.ops[1].output()).shape, (Shape{1, 3, 16}));
    EXPECT_EQ(after.ops[2].as<Mean>().axes, (std::vector<std::int32_t>{1}));
  }
}

TEST(SinkTransposes, AMeanThatKeepsItsAxesIsReshaped) {
  GraphBuilder b;
  const TensorId x = b.transpose(b.input({1, 3, 4, 6}), {0, 3, 1, 2});
  const Graph after = rewritten(b.build({b.mean(x, {2, 3}, true)}));
  EXPECT_EQ(count<Transpose>(after), 0);
  EXPECT_EQ(count<Reshape>(after), 1) << "[1,1,1,6] -> [1,6,1,1]";
}

TEST(SinkTransposes, AFloatMeanKeepsTheOrderOfItsSum) {
  for (const ElementType type : kTypes) {
    GraphBuilder b(1, type);
    const TensorId x = b.transpose(b.input({1, 5, 7, 6}), {0, 3, 2, 1});
    const Graph after = sunk(b.build({b.mean(x, {2, 3})}));
    EXPECT_EQ(count<Transpose>(after), is_integer(type) ? 0 : 1);
  }
}

TEST(SinkTransposes, TwoInARowAreOneOrNone) {
  GraphBuilder b;
  const TensorId x = b.input({2, 3, 4, 5});
  const TensorId first = b.transpose(x, {0, 3, 1, 2});
  EXPECT_EQ(rewritten(b.build({b.logistic(b.transpose(first, {0, 2, 3, 1}))})).ops.size(), 2u);
  const Graph one = rewritten(b.build({b.transpose(first, {3, 1, 0, 2})}));
  ASSERT_EQ(count<Transpose>(one), 1);
  EXPECT_EQ(one.ops.back().as<Transpose>().permutation, (std::vector<std::int32_t>{2, 3, 0, 1}));
}

TEST(SinkTransposes, MovingAxesOfLengthOneIsAReshape) {
  GraphBuilder b;
  const TensorId x = b.input({1, 49, 1, 10});
  const Graph after = sunk(b.build({b.transpose(x, {2, 0, 1, 3})}));
  EXPECT_EQ(count<Transpose>(after), 0);
  EXPECT_EQ(count<Reshape>(after), 1);
  EXPECT_EQ(count<Transpose>(sunk(b.build({b.transpose(x, {0, 3, 2, 1})}))), 1);
}

TEST(SinkTransposes, ReshapesThatDropOrAddAxesOfLengthOneLetItPass) {
  GraphBuilder b;
  TensorId x = b.transpose(b.input({1, 4, 5, 6}), {0, 3, 1, 2});
  x = b.reshape(x, {6, 4, 1, 5});
  EXPECT_EQ(count<Transpose>(rewritten(b.build({b.transpose(x, {1, 3, 0, 2})}))), 0);
  EXPECT_EQ(count<Transpose>(rewritten(b.build({b.reshape(x, {1, 24, 5})}))), 1)
      << "joined axes are in the order of the transpose";
}

TEST(SinkTransposes, ElementWiseOperatorsLetItPass) {
  for (const ElementType type : kTypes) {
    GraphBuilder b(1, type);
    const std::vector<std::int32_t> down{0, 3, 1, 2}, up{0, 2, 3, 1};
    const TensorId x = b.transpose(b.input({1, 4, 5, 6}), down);
    const TensorId y = b.transpose(b.input({1, 4, 5, 6}), down);
    TensorId z = b.logistic(b.add(x, y, Activation::relu));
    z = b.mul(z, b.constant({6, 1, 1}, type));
    z = b.sub(b.constant({1}, type), z);
    z = b.mul(z, z);
    const Graph after = rewritten(b.build({b.transpose(z, up)}));
    EXPECT_EQ(count<Transpose>(after) + count<Reshape>(after), 0);
    EXPECT_EQ(after.ops.size(), type == ElementType::int8 ? 6u : 7u)
        << "the square of a difference is one table";
  }
}

TEST(SinkTransposes, StaysWhereTheOtherInputIsNotTransposedAlike) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 4, 4}), y = b.input({1, 4, 4, 4});
  const TensorId xt = b.transpose(x, {0, 3, 1, 2});
  EXPECT_EQ(count<Transpose>(sunk(b.build({b.add(xt, y)}))), 1);
  EXPECT_EQ(sunk(b.build({b.add(xt, y)})).ops.back().is<Add>(), true);
  EXPECT_EQ(count<Transpose>(sunk(b.build({b.add(xt, b.transpose(y, {0, 2, 1, 3}))}))), 2);
  EXPECT_TRUE(sunk(b.build({b.add(xt, b.constant({1, 4, 4, 4}, ElementType::int8))})).ops.back().is<Add>())
      << "the constant would have to be copied";
  EXPECT_TRUE(sunk(b.build({xt, b.logistic(xt)})).ops.back().is<Logistic>()) << "a network output";
  EXPECT_TRUE(sunk(b.build({b.logistic(xt), b.softmax(xt)})).ops.back().is<Softmax>()) << "read twice";
}

TEST(SinkTransposes, StaysWhereTheQuantisationIsAnother) {
  GraphBuilder b;
  const TensorId x = b.input({1, 4, 5, 6});
  const TensorId odd = b.op(Transpose{{0, 3, 1, 2}}, {x}, Quantization{{0.5f}, {1}, 0});
  EXPECT_TRUE(sunk(b.build({b.logistic(odd)})).ops.back().is<Logistic>());
  EXPECT_EQ(count<Transpose>(sunk(b.build({b.mean(odd, {2, 3})}))), 1);
}

TEST(SinkTransposes, PassesTheConversionAtTheBeginning) {
  GraphBuilder b;
  TensorId x = b.input({1, 3, 8, 8}, ElementType::float32);
  x = b.quantize(b.transpose(x, {0, 2, 3, 1}));
  const Graph after = rewritten(b.build({b.conv_2d(x, 2, {3, 3})}));
  EXPECT_EQ(count<Quantize>(after), 0) << "fold_quantization_at_ends finds it";
  EXPECT_EQ(after.tensor(after.inputs[0]).type, ElementType::int8);
  EXPECT_EQ(after.tensor(after.inputs[0]).shape, (Shape{1, 3, 8, 8}));
}

std::vector<std::int32_t> random_permutation(Random &random, std::size_t rank) {
  std::vector<std::int32_t> axes(rank);
  for (std::size_t a = 0; a < rank; ++a) axes[a] = static_cast<std::int32_t>(a);
  for (std::size_t a = rank; a > 1; --a) std::swap(axes[a - 1], axes[random.next() % a]);
  return axes;
}

/// The graph with a TRANSPOSE behind each of its inputs, alike for equal ranks.
Graph with_transposed_inputs(Graph graph, Random &random) {
  std::map<std::size_t, std::vector<std::int32_t>> permutations;
  std::vector<Op> ops, transposes;
  for (Op op : graph.ops) {
    if (!op.is<Input>()) {
      ops.insert(ops.end(), transposes.begin(), transposes.end());
      transposes.clear();
      ops.push_back(op);
      continue;
    }
    const TensorId x = op.output();
    Tensor outer = graph.tensor(x);
    const std::size_t rank = outer.shape.size();
    if (!permutations.count(rank)) permutations[rank] = random_permutation(random, rank);
    const std::vector<std::int32_t> &axes = permutations[rank];
    for (std::size_t a = 0; a < rank; ++a)
      outer.shape[static_cast<std::size_t>(axes[a])] = graph.tensor(x).shape[a];
    outer.name += "/outer";
    graph.tensors.push_back(outer);
    op.outputs = {static_cast<TensorId>(graph.tensors.size() - 1)};
    graph.inputs[ops.size()] = op.output();
    ops.push_back(op);
    transposes.push_back(Op{Transpose{axes}, {op.output()}, {x}, kNone});
  }
  graph.ops = ops;
  return graph;
}

/// Every kind of operator behind transposes, those of the future too: element-wise ones are known by their
/// footprints.
TEST(SinkTransposes, EveryKindKeepsItsBytes) {
  std::set<std::string> passed;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    for_each_single_op(seed, kTypes[seed % 3], [&](const char *name, const Graph &graph) {
      SCOPED_TRACE(std::string(name) + " " + std::to_string(seed));
      const Graph before = with_transposed_inputs(graph, random);
      const Graph after = sunk(before, seed);
      if (count<Transpose>(after) > 0 && after.ops.back().is<Transpose>()) passed.insert(name);
    });
    if (HasFailure()) return;
  }
  for (const char *name : {"ADD", "SUB", "MUL", "LOGISTIC", "QUANTIZE", "MEAN"}) {
    EXPECT_TRUE(passed.count(name)) << name;
  }
  for (const char *name : {"SOFTMAX", "CONV_2D", "DEPTHWISE_CONV_2D", "DEQUANTIZE", "CONCATENATION"}) {
    EXPECT_FALSE(passed.count(name)) << name;
  }
}

/// Random programs of operators that let transposes pass and of some that do not.
Graph random_transposes(std::uint64_t seed) {
  GraphBuilder b(seed, kTypes[seed % 3]);
  Random random(seed ^ 0x7f4au);
  const auto permutation = [&random](std::size_t rank) { return random_permutation(random, rank); };
  const auto logistic = [&b](TensorId x) {  // int16 has a limit of the scale
    return b.tensor(x).quantization.scale() > 2.0f ? x : b.logistic(x);
  };
  const auto length = [&random] { return random.chance(35) ? 1 : random.integer(2, 4); };
  std::vector<TensorId> tensors{b.input({length(), length(), length(), length()})};
  tensors.push_back(b.input(b.shape(tensors[0])));
  for (int i = 0; i < 10; ++i) {
    const TensorId x = random.chance(70) ? tensors.back() : random.pick(tensors);
    const Shape shape = b.shape(x);
    const std::size_t rank = shape.size();
    TensorId y = x;
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
      case 2:
        y = b.transpose(x, permutation(rank));
        break;
      case 3: {  // axes of length 1 dropped, or one added
        Shape to;
        for (const std::int32_t n : shape) {
          if (n != 1 || random.chance(50)) to.push_back(n);
        }
        if (to.size() < 5 && random.chance(50))
          to.insert(to.begin() + static_cast<std::ptrdiff_t>(random.next() % (to.size() + 1)), 1);
        y = b.reshape(x, to);
        break;
      }
      case 4:
        if (rank > 1) {
          std::vector<std::int32_t> axes;
          for (std::size_t a = 0; a < rank; ++a) {
            if (random.chance(30)) axes.push_back(static_cast<std::int32_t>(a));
          }
          y = b.mean(x, axes, random.chance(50));
        }
        break;
      case 5: {
        const std::vector<std::int32_t> axes = permutation(rank);
        y = b.add(b.transpose(x, axes), b.transpose(random.chance(50) ? logistic(x) : x, axes));
        break;
      }
      case 6:
        y = b.mul(x, b.constant(rank > 0 && random.chance(60) ? Shape{shape.back()} : Shape{}, b.type()));
        break;
      case 7:
        y = logistic(x);
        break;
      case 8:
        y = b.reshape(x, {static_cast<std::int32_t>(b.tensor(x).elements())});
        break;
      default:
        if (b.type() == ElementType::int8) y = b.quantize(x);
    }
    if (y != x) tensors.push_back(y);
  }
  std::vector<TensorId> outputs{tensors.back()};
  const TensorId other = random.pick(tensors);
  if (other > 1 && other != outputs[0] && random.chance(30)) outputs.push_back(other);
  return b.build(outputs);
}

TEST(SinkTransposes, RandomProgramsKeepTheirBytes) {
  int before_all = 0, after_all = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const Graph before = random_transposes(seed);
    if (before.outputs[0] < 2) continue;  // nothing but inputs
    SCOPED_TRACE(seed);
    sunk(before, seed);
    const Graph after = rewritten(before, seed);
    before_all += count<Transpose>(before);
    after_all += count<Transpose>(after);
    EXPECT_LE(count<Transpose>(after), count<Transpose>(before));
    const Graph again = value_or_die(rewrite(after, {}));
    EXPECT_EQ(again.ops.size(), after.ops.size()) << "a fixed point";
    EXPECT_EQ(again.tensors.size(), after.tensors.size());
    if (HasFailure()) return;
  }
  EXPECT_LT(after_all, before_all * 2 / 3);
  EXPECT_GT(after_all, 0);
}

/// Whatever the order of the passes, every one leaves a graph that computes the same.
TEST(Passes, AnyOrderIsRight) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph before = random_transposes(seed);
    if (before.outputs[0] < 2) continue;
    SCOPED_TRACE(seed);
    Random random(seed);
    Graph after = before;
    for (int i = 0; i < 8; ++i) {
      after = value_or_die(canonicalise()[random.next() % canonicalise().size()].run(std::move(after), {}));
    }
    expect_same_outputs(before, after, seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace thimble::test
