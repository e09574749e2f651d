// Keyword spotting networks of MLPerf Tiny as streams.
#include <gtest/gtest.h>

#include <iostream>

#include "stream/step_simulator.h"
#include "support/shared_data.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/stream/agreement.h"
#include "thimble/stream/rings.h"
#include "thimble/stream/work.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

Graph model(const char *path) {
  auto graph = read_tflite(shared_data() / "models" / path);
  if (!graph) throw std::runtime_error(graph.error().text());
  return *graph;
}

/// Bytes of the outputs' elements are the batch's.
void expect_batch_bytes(const Graph &graph, const TimeAxes &axes, const Rates &rates, const Rings &rings) {
  const auto batch = interpret(graph, random_inputs(graph, 1));
  ASSERT_TRUE(batch);
  StepSimulator simulator(graph, axes, rates, rings);
  simulator.run(*batch);
  EXPECT_GT(simulator.compared, 0);
  EXPECT_EQ(simulator.different, 0);
}

TEST(Models, StreamingWakeWordsComputesOneColumnPerFrame) {
  THIMBLE_NEEDS_SHARED_DATA();
  const Graph graph = model("mlperf_tiny/str_ww_ref_model.tflite");
  const TimeAxes axes = find_time(graph).value();
  EXPECT_EQ(axes.input_axis, 1);
  const Rates rates = stream_rates(graph, axes).value();
  EXPECT_EQ(rates.period, 1);
  const TensorRate &output = rates.of(graph.outputs[0]);
  EXPECT_EQ(output.offset, 29) << "as soon as the first window is whole";
  EXPECT_EQ(output.receptive_field(), 30);
  const Rings rings = stream_rings(graph, axes, rates);
  EXPECT_EQ(rings.state_bytes, 2 * 40 + 4 * 128 + 9 * 128 + 14 * 128) << "3,536";
  EXPECT_EQ(rings.least_state_bytes, rings.state_bytes);
  const StreamWork work = stream_work(graph, axes, rates);
  EXPECT_EQ(work.phases, (std::vector<std::int64_t>{46'040}));
  EXPECT_EQ(macs(graph), 826'368) << "of a window";
  const Agreement agreement = window_agreement(graph, axes, rates);
  EXPECT_EQ(agreement.first, kNone) << "nothing is padded: the stream is the sliding window";
  EXPECT_FALSE(disagreement(graph, agreement));
  expect_batch_bytes(graph, axes, rates, rings);
}

TEST(Models, KeywordSpottingIsPaddedOverTimeAndHasTwoAxesThatCouldBeIt) {
  THIMBLE_NEEDS_SHARED_DATA();
  const Graph graph = model("mlperf_tiny/kws_ref_model.tflite");
  const auto ambiguous = find_time(graph);
  ASSERT_FALSE(ambiguous);
  EXPECT_NE(ambiguous.error().text().find("1 (49 elements), 2 (10 elements)"), std::string::npos)
      << ambiguous.error().text();

  const TimeAxes axes = find_time(graph, 1).value();
  const Rates rates = stream_rates(graph, axes).value();
  EXPECT_EQ(rates.period, 2);
  // First filter: 10 taps, stride 2, 4 rows before the map: 5 steps late. Four of 3 taps in the middle: 2
  // each. 25 elements of the sum: 48.
  EXPECT_EQ(rates.of(graph.outputs[0]).offset, 5 + 4 * 2 + 48);
  const Rings rings = stream_rings(graph, axes, rates);
  EXPECT_EQ(rings.state_bytes, 9 * 10 + 4 * (2 * 5 * 64) + 24 * 5 * 64);
  const StreamWork work = stream_work(graph, axes, rates);
  EXPECT_EQ(work.phases, (std::vector<std::int64_t>{0, 2'656'000 / 25 + 768}));
  expect_batch_bytes(graph, axes, rates, rings);

  const Agreement agreement = window_agreement(graph, axes, rates);
  EXPECT_EQ(agreement.first, 1) << "the first convolution";
  EXPECT_EQ(agreement.ops[1].padding_before, 4);
  EXPECT_EQ(agreement.ops[1].padding_behind, 5);
  const auto line = disagreement(graph, agreement);
  ASSERT_TRUE(line);
  EXPECT_NE(line->text().find("operator 0 (CONV_2D)"), std::string::npos) << line->text();

  // Every frame's window: the stride is gone, what follows is dilated by 2, and costs twice the state.
  const Rates dense = stream_rates(graph, axes, StreamMode::dense).value();
  EXPECT_EQ(dense.period, 1);
  EXPECT_EQ(dense.of(graph.outputs[0]).offset, rates.of(graph.outputs[0]).offset);
  EXPECT_EQ(stream_rings(graph, axes, dense).state_bytes, 9 * 10 + 4 * (4 * 5 * 64) + 48 * 5 * 64);
  EXPECT_EQ(stream_work(graph, axes, dense).total(), work.total());
}

TEST(Models, MicroSpeechArrivesInFramesOf40Values) {
  THIMBLE_NEEDS_SHARED_DATA();
  const Graph graph = model("tflite_micro/micro_speech_quantized.tflite");
  const TimeAxes axes = find_time(graph).value();
  EXPECT_EQ(axes.of(graph.inputs[0]), (TimeAxis{1, 40, 49}));
  const Rates rates = stream_rates(graph, axes).value();
  EXPECT_EQ(rates.period, 2);
  const Rings rings = stream_rings(graph, axes, rates);
  EXPECT_EQ(rings.state_bytes, 9 * 40 + 24 * 160) << "10 taps; 25 maps of 20 x 8 before the dense layer";
  EXPECT_EQ(stream_work(graph, axes, rates).total(), 20 * 8 * 80 + 25 * 160 * 4);
  expect_batch_bytes(graph, axes, rates, rings);
}

// Whatever the network and the axis: rates, rings and work, or a reason. Small ones are stepped through.
TEST(Models, EveryReadableNetworkHasAnAnswer) {
  THIMBLE_NEEDS_SHARED_DATA();
  int networks = 0, found = 0, followed = 0, scheduled = 0, dense = 0, stepped = 0;
  for (auto &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (!row["path"].ends_with(".tflite")) continue;
    const auto graph = read_tflite(shared_data() / "models" / row["path"]);
    if (!graph) continue;
    SCOPED_TRACE(row["path"]);
    ++networks;
    found += find_time(*graph).has_value();
    if (graph->inputs.size() != 1) continue;
    for (int axis = 0; axis < graph->tensor(graph->inputs[0]).rank(); ++axis) {
      const auto axes = follow_time(*graph, axis);
      if (!axes) continue;
      ++followed;
      for (const StreamMode mode : {StreamMode::scheduled, StreamMode::dense}) {
        const auto rates = stream_rates(*graph, *axes, mode);
        if (!rates) continue;
        const Rings rings = stream_rings(*graph, *axes, *rates);
        const StreamWork work = stream_work(*graph, *axes, *rates);
        EXPECT_LE(rings.least_state_bytes, rings.state_bytes);
        EXPECT_LE(work.critical_peak(), work.peak());
        ++(mode == StreamMode::scheduled ? scheduled : dense);
        if (mode == StreamMode::dense || macs(*graph) > 300'000) continue;
        expect_batch_bytes(*graph, *axes, *rates, rings);
        ++stepped;
      }
    }
  }
  std::cout << networks << " networks, " << found << " with one axis for time; " << followed
            << " axes followed, " << scheduled << " scheduled, " << dense << " dense, " << stepped
            << " stepped through\n";
  EXPECT_GE(networks, 300);
  EXPECT_GE(found, 20);
  EXPECT_GE(stepped, 50);
}

}  // namespace
}  // namespace thimble::test
