// Networks whose padding is all before the window.
#include "thimble/stream/causal.h"

#include <gtest/gtest.h>

#include "stream/stream_graphs.h"
#include "thimble/stream/agreement.h"
#include "thimble/stream/plan_stream.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

TEST(Causal, NothingWaitsAndShapesStay) {
  int moved = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    StreamGraphOptions options;
    options.repeats = false;
    options.heads = false;
    const Graph graph = random_stream_graph(seed, options);
    const TimeAxes axes = find_time(graph, 1).value();
    const Causal causal = make_causal(graph, axes);
    ASSERT_TRUE(verify(causal.graph));
    for (std::size_t t = 0; t < graph.tensors.size(); ++t)
      EXPECT_EQ(graph.tensors[t].shape, causal.graph.tensors[t].shape);
    const Rates before = stream_rates(graph, axes).value();
    const Rates after = stream_rates(causal.graph, find_time(causal.graph, 1).value()).value();
    const TensorId output = graph.outputs[0];
    EXPECT_LE(after.of(output).offset, before.of(output).offset);
    EXPECT_EQ(after.of(output).receptive_field(), before.of(output).receptive_field());
    if (causal.moved.empty()) {
      EXPECT_EQ(after.of(output).offset, before.of(output).offset);
    }
    const Agreement agreement = window_agreement(causal.graph, find_time(causal.graph, 1).value(), after);
    for (const OpAgreement &op : agreement.ops) EXPECT_LE(op.padding_behind, 0);
    moved += causal.moved.empty() ? 0 : 1;
  }
  EXPECT_GE(moved, 20);
}

TEST(Causal, TheReasonNamesTheWayOut) {
  GraphBuilder builder(3);
  const TensorId x = builder.input({1, 16, 1, 2});
  const Graph graph = builder.build({builder.conv_2d(x, 2, {3, 1})});
  const TimeAxes axes = find_time(graph, 1).value();
  const Rates rates = stream_rates(graph, axes).value();
  const auto line = disagreement(graph, window_agreement(graph, axes, rates));
  ASSERT_TRUE(line);
  EXPECT_NE(line->text().find("depends on 3 frames and pads time by 1 before and 1 behind"),
            std::string::npos)
      << line->text();
  EXPECT_NE(line->text().find("--causal"), std::string::npos) << line->text();
  const Graph causal = make_causal(graph, axes).graph;
  EXPECT_EQ(stream_rates(causal, find_time(causal, 1).value()).value().of(causal.outputs[0]).offset, 0);
}

}  // namespace
}  // namespace thimble::test
