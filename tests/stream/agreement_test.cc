// Whether a stream is the sliding window.
#include "thimble/stream/agreement.h"

#include <gtest/gtest.h>

#include "stream/stream_graphs.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

Agreement agreement_of(const Graph &graph) {
  const TimeAxes axes = find_time(graph).value();
  return window_agreement(graph, axes, stream_rates(graph, axes).value());
}

TEST(Agreement, TheFirstPaddedOperatorIsNamed) {
  GraphBuilder b;
  const TensorId x = b.input({1, 24, 1, 2});
  const TensorId a = b.conv_2d(x, 2, {3, 1}, {}, {}, PaddingRule::valid());
  const TensorId c = b.conv_2d(a, 2, {3, 1});
  const TensorId y = b.mean(c, {1, 2});
  const Graph graph = b.build({y});
  const Agreement agreement = agreement_of(graph);
  EXPECT_TRUE(agreement.ops[1].agrees);
  EXPECT_EQ(agreement.ops[1].latency, 2);
  EXPECT_EQ(agreement.first, 2);
  EXPECT_EQ(agreement.ops[2].padding_before, 1);
  EXPECT_EQ(agreement.ops[2].padding_behind, 1);
  EXPECT_EQ(agreement.ops[2].receptive_field, 5);
  EXPECT_FALSE(agreement.ops[3].agrees) << "what comes behind it differs, too";
  EXPECT_EQ(agreement.ops[3].padding_before, 0);
  const auto line = disagreement(graph, agreement);
  ASSERT_TRUE(line);
  EXPECT_NE(line->text().find("operator 2 (CONV_2D)"), std::string::npos) << line->text();
}

// Frames 6 .. 29 as the last ones of a stream, and as a window of their own.
TEST(Agreement, StreamsDifferFromWindowsExactlyWhereItSays) {
  int agree = 0, differ = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto network = [&](std::int32_t frames) {
      GraphBuilder b(seed, ElementType::float32);
      Random random(seed);
      TensorId x = b.input({1, frames, 1, 2});
      for (int i = 0; i < 3; ++i) {
        const std::int32_t taps = random.integer(1, 3);
        const bool padded = random.chance(15);
        const Padding2D padding{padded ? taps - 1 : 0, 0, 0, 0};
        x = b.conv_2d(x, 2, {taps, 1}, {}, {}, PaddingRule(padding));
      }
      return b.build({x});
    };
    const Graph stream = network(30), window = network(24);
    const std::vector<Bytes> frames = random_inputs(stream, seed);
    const std::vector<Bytes> last(1, Bytes(frames[0].begin() + 6 * 8, frames[0].end()));
    const Bytes of_stream = interpret_outputs(stream, frames).value()[0];
    const Bytes of_window = interpret_outputs(window, last).value()[0];
    const bool same = std::equal(of_window.rbegin(), of_window.rend(), of_stream.rbegin());
    EXPECT_EQ(agreement_of(window).first == kNone, same);
    ++(same ? agree : differ);
  }
  EXPECT_GE(agree, 10);
  EXPECT_GE(differ, 10);
}

}  // namespace
}  // namespace thimble::test
