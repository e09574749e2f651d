// Networks that remember elements of time, as the batch that they once were.
#include "thimble/stream/without_states.h"

#include <gtest/gtest.h>

#include "support/graph_builder.h"
#include "thimble/stream/plan_stream.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

/// Layers of convolutions whose states are made in the ways that exporters know, and a head over all that the
/// last one remembers.
class RandomStateful {
 public:
  explicit RandomStateful(std::uint64_t seed) : builder_(seed), random_(seed + 99) {}

  Graph make() {
    frames_ = random_.integer(1, 3);
    TensorId x = builder_.input({1, frames_, 1, random_.integer(1, 3)});
    if (random_.chance(50)) x = builder_.reshape(x, builder_.shape(x));
    for (std::int32_t layers = random_.integer(1, 3); layers > 0; --layers) x = layer(x);
    if (builder_.shape(x)[1] == 1 && random_.chance(60)) x = head(x);
    Graph graph = builder_.build({x});
    // Memory begins with zeros.
    for (State &state : graph.states)
      state.fill = static_cast<std::uint8_t>(graph.tensor(state.read).quantization.zero_point());
    return graph;
  }

 private:
  std::int32_t length(TensorId x) const { return builder_.shape(x)[1]; }

  TensorId rows(TensorId x, std::int32_t begin, std::int32_t count) {
    Shape extent = builder_.shape(x);
    extent[1] = count;
    return builder_.strided_slice(x, {{0, begin, 0, 0}, {1, 1, 1, 1}, extent, {false, false, false, false}});
  }

  /// The last `kept` elements before x, and x.
  TensorId remembered(TensorId x, std::int32_t kept) {
    const std::int32_t news = length(x);
    // Some exporters keep the newest elements and others that nobody reads again.
    const bool too_many = random_.chance(40);
    Shape shape = builder_.shape(x);
    shape[1] = kept + (too_many ? news : 0);
    const TensorId memory = builder_.state(shape);
    const TensorId old = too_many ? rows(memory, news, kept) : memory;
    const TensorId all = builder_.concatenation({old, x}, 1);
    builder_.keep(memory, too_many ? all : rows(all, news, kept));
    return all;
  }

  TensorId layer(TensorId x) {
    const std::int32_t taps = random_.integer(2, 4);
    const std::int32_t news = length(x);
    const std::int32_t stride = news > 1 && random_.chance(50) ? news : 1;
    const TensorId all = remembered(x, taps - 1);
    const auto valid = PaddingRule::valid();
    TensorId y = random_.chance(50)
                     ? builder_.conv_2d(all, random_.integer(1, 3), {taps, 1}, {stride, 1}, {}, valid)
                     : builder_.depthwise_conv_2d(all, 1, {taps, 1}, {stride, 1}, {}, valid);
    // What was there some inferences ago, added.
    if (stride == 1 && random_.chance(30)) {
      const TensorId late = rows(remembered(y, 2), 0, length(y));
      y = builder_.add(late, y);
    }
    return y;
  }

  TensorId head(TensorId x) {
    const TensorId all = remembered(x, random_.integer(1, 5));
    const Shape shape = builder_.shape(all);
    return builder_.fully_connected(builder_.reshape(all, {1, shape[1] * shape[3]}), 2);
  }

  GraphBuilder builder_;
  Random random_;
  std::int32_t frames_ = 1;
};

/// Bytes that differ between the outputs of the network's inferences and those of the batch.
void expect_same(const Graph &graph, const Batch &batch, std::uint64_t seed) {
  const Tensor &x = batch.graph.tensor(batch.graph.inputs[0]);
  Random random(seed);
  const Bytes frames = random_bytes(random, x.type, x.elements());
  const auto expected = interpret_outputs(batch.graph, {frames});
  ASSERT_TRUE(expected) << expected.error().text();
  StateBytes states;
  Bytes found;
  const auto step = static_cast<std::ptrdiff_t>(frames.size() / static_cast<std::size_t>(batch.inferences));
  for (std::int32_t i = 0; i < batch.inferences; ++i) {
    const auto outputs =
        interpret_outputs(graph, {{frames.begin() + i * step, frames.begin() + (i + 1) * step}}, states);
    ASSERT_TRUE(outputs) << outputs.error().text();
    found.insert(found.end(), (*outputs)[0].begin(), (*outputs)[0].end());
  }
  EXPECT_EQ(found, (*expected)[0]);
}

TEST(WithoutStates, TheBatchGivesWhatTheInferencesGive) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = RandomStateful(seed).make();
    const auto batch = without_states(graph, 1);
    ASSERT_TRUE(batch) << batch.error().text();
    EXPECT_TRUE(batch->graph.states.empty());
    expect_same(graph, *batch, seed);
  }
}

TEST(WithoutStates, TheBatchIsStreamedWithRings) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = RandomStateful(seed).make();
    const auto batch = without_states(graph, 1);
    ASSERT_TRUE(batch) << batch.error().text();
    StreamOptions options;
    options.axis = batch->axis;
    const auto plan = plan_stream(batch->graph, options);
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_LE(plan->rings.least_state_bytes,
              state_bytes(graph) + (batch->frames - 1) * graph.tensor(graph.inputs[0]).elements());
  }
}

TEST(WithoutStates, AnAxisThatIsNotThereIsOneLine) {
  for (const int axis : {-1, 4}) {
    const auto batch = without_states(RandomStateful(1).make(), axis);
    ASSERT_FALSE(batch);
    EXPECT_NE(batch.error().text().find("has no axis " + std::to_string(axis) + " for time"),
              std::string::npos)
        << batch.error().text();
  }
}

class NotAList : public testing::Test {
 protected:
  GraphBuilder builder{7};
  TensorId x = builder.input({1, 1, 1, 2});

  std::string refusal(const Graph &graph) {
    const auto batch = without_states(graph, 1);
    return batch ? "accepted" : batch.error().text();
  }
};

TEST_F(NotAList, ASumOfAllThatWas) {
  const TensorId memory = builder.state({1, 1, 1, 2});
  const TensorId sum = builder.add(memory, x);
  builder.keep(memory, sum);
  EXPECT_NE(refusal(builder.build({sum})).find("is not a list of the last elements"), std::string::npos);
}

TEST_F(NotAList, OldestElementsStay) {
  const TensorId memory = builder.state({1, 2, 1, 2});
  const TensorId all = builder.concatenation({memory, x}, 1);
  builder.keep(memory, builder.strided_slice(all, {{0, 0, 0, 0}, {1, 1, 1, 1}, {1, 2, 1, 2}, {}}));
  const TensorId y = builder.conv_2d(all, 1, {3, 1}, {}, {}, PaddingRule::valid());
  EXPECT_NE(refusal(builder.build({y})).find("is not a list of the last elements"), std::string::npos);
}

TEST_F(NotAList, OtherFirstBytesThanZeros) {
  const TensorId memory = builder.state({1, 2, 1, 2}, 77);
  const TensorId all = builder.concatenation({memory, x}, 1);
  builder.keep(memory, builder.strided_slice(all, {{0, 1, 0, 0}, {1, 1, 1, 1}, {1, 2, 1, 2}, {}}));
  const TensorId y = builder.conv_2d(all, 1, {3, 1}, {}, {}, PaddingRule::valid());
  EXPECT_NE(refusal(builder.build({y})).find("begins with other bytes than those of zeros"),
            std::string::npos);
}

TEST_F(NotAList, ComputedFromItself) {
  const TensorId memory = builder.state({1, 2, 1, 2});
  const TensorId next = builder.conv_2d(memory, 2, {2, 1}, {}, {}, PaddingRule::valid());
  const TensorId all = builder.concatenation({memory, builder.add(next, x)}, 1);
  builder.keep(memory, builder.strided_slice(all, {{0, 1, 0, 0}, {1, 1, 1, 1}, {1, 2, 1, 2}, {}}));
  Graph graph = builder.build({next});
  graph.states[0].fill =
      static_cast<std::uint8_t>(graph.tensor(graph.states[0].read).quantization.zero_point());
  EXPECT_NE(refusal(graph).find("computed from itself"), std::string::npos) << refusal(graph);
}

TEST_F(NotAList, PaddedInEachInference) {
  const TensorId memory = builder.state({1, 2, 1, 2});
  const TensorId all = builder.concatenation({memory, x}, 1);
  builder.keep(memory, builder.strided_slice(all, {{0, 1, 0, 0}, {1, 1, 1, 1}, {1, 2, 1, 2}, {}}));
  const TensorId y = builder.conv_2d(all, 1, {3, 1});
  Graph graph = builder.build({y});
  graph.states[0].fill =
      static_cast<std::uint8_t>(graph.tensor(graph.states[0].read).quantization.zero_point());
  EXPECT_NE(refusal(graph).find("is padded over time in each inference"), std::string::npos)
      << refusal(graph);
}

}  // namespace
}  // namespace thimble::test
