// Convolutions in parts: the same bytes as whole ones, at other times, out of other rings.
#include "thimble/stream/extras.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "stream/run_schedule.h"
#include "stream/stream_graphs.h"
#include "support/shared_data.h"
#include "thimble/read/tflite.h"
#include "thimble/schedule/check.h"
#include "thimble/stream/work.h"

namespace thimble::test {
namespace {

using namespace thimble::stream;

constexpr Extras kPastTaps{.past_taps = true};
constexpr Extras kShortRings{.short_rings = true};
constexpr Extras kHeldProducts{.held_products = true};
constexpr Extras kSpread{.spread = true};
constexpr Extras kAll{.past_taps = true, .held_products = true, .spread = true};

Result<StreamPlan> plan(const Graph &graph, const Extras &extras) {
  StreamOptions options;
  options.axis = 1;
  options.extras = extras;
  return plan_stream(graph, options);
}

/// What the network without parts computes of a recording as long as the plan's.
Bytes whole_outputs(const Graph &graph, const StreamPlan &plan, const std::vector<Bytes> &inputs) {
  const Graph &parts = plan.recording.graph;
  const std::int32_t frames = plan.recording.axes.of(parts.inputs[0]).length;
  const auto whole = lengthen(graph, plan.axes, plan.rates, frames);
  EXPECT_TRUE(whole) << whole.error().text();
  return interpret_outputs(whole->graph, inputs).value()[0];
}

StreamWork work_of(const StreamPlan &plan) {
  return stream_work(plan.recording.graph, plan.recording.axes, plan.recording.rates);
}

/// Of buffers that survive calls, counters apart.
std::int64_t kept_bytes(const StreamPlan &plan) {
  std::int64_t bytes = 0;
  for (const Buffer &buffer : plan.schedule.buffers) {
    if (buffer.kind == BufferKind::state) bytes += buffer.size;
  }
  return bytes;
}

double share(double part, double whole) {
  return std::round(1000.0 * part / whole) / 10.0;
}

#ifdef NDEBUG
constexpr std::uint64_t kGraphs = 500;
#else
constexpr std::uint64_t kGraphs = 150;  // under sanitizers
#endif

TEST(Extras, RandomStreamsGiveTheBytesOfWholeConvolutions) {
  for (const Extras &extras : {kPastTaps, kShortRings, kHeldProducts, kSpread, kAll}) {
    int cut = 0, multirate = 0;
    std::int64_t elements = 0;
    for (std::uint64_t seed = 0; seed < kGraphs; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const Graph drawn = random_stream_graph(seed, {});
      const Graph graph = seed % 2 == 0 ? drawn : with_one_scale(drawn);
      const auto streamed = plan(graph, extras);
      ASSERT_TRUE(streamed) << streamed.error().text();
      if (streamed->cut == 0) continue;
      const std::vector<Bytes> inputs = random_inputs(streamed->recording.graph, seed);
      EXPECT_EQ(interpret_outputs(streamed->recording.graph, inputs).value()[0],
                whole_outputs(graph, *streamed, inputs));
      const Compared compared = run_schedule(*streamed, streamed->schedule);
      EXPECT_GT(compared.elements, 0);
      EXPECT_EQ(compared.different, 0);
      elements += compared.elements;
      cut += streamed->cut;
      multirate += streamed->rates.period > 1;
    }
    std::cout << cut << " operators in parts, " << multirate << " multirate graphs, " << elements
              << " output elements\n";
    EXPECT_GE(cut, static_cast<int>(kGraphs / 40));
    EXPECT_GE(multirate, static_cast<int>(kGraphs / 40));
  }
}

// Where nothing but convolutions keeps elements, no ring has a place more than it must have.
TEST(Extras, ShortRingsAreTheLeastThatAStreamKeeps) {
  for (const std::int32_t dilation : {1, 2, 3}) {
    GraphBuilder builder(1);
    TensorId x = builder.input({1, 40, 2, 3});
    for (int layer = 0; layer < 3; ++layer) x = causal_conv(builder, x, 4 + layer, 3 + layer, 1, dilation);
    x = builder.depthwise_conv_2d(x, 1, {4, 1}, {}, {}, PaddingRule::valid());
    const Graph graph = builder.build({x});
    const StreamPlan before = plan(graph, {}).value(), after = plan(graph, kShortRings).value();
    EXPECT_GT(kept_bytes(before), before.rings.least_state_bytes);
    EXPECT_EQ(kept_bytes(after), before.rings.least_state_bytes);
    EXPECT_EQ(work_of(after).critical_peak(), work_of(before).critical_peak()) << "all in the step";
    // Before the frame the rings are as short, but sums wait for it.
    const StreamPlan early = plan(graph, kPastTaps).value();
    EXPECT_GT(kept_bytes(early), kept_bytes(after));
    EXPECT_LT(work_of(early).critical_peak(), work_of(before).critical_peak());
    EXPECT_EQ(work_of(early).total(), work_of(before).total());
  }
}

// A part that fires behind what makes the newest element of its input would find the oldest one gone.
TEST(Extras, CheckRefusesPartsThatComeTooLateAndRingsThatAreTooShort) {
  GraphBuilder builder(2);
  const TensorId x = builder.input({1, 40, 1, 4});
  const Graph graph = builder.build({causal_conv(builder, causal_conv(builder, x, 5, 3), 6, 4)});
  const StreamPlan good = plan(graph, kShortRings).value();
  ASSERT_TRUE(check(good.schedule));
  Schedule late = good.schedule;
  for (std::size_t s = 0; s + 1 < late.stages.size(); ++s) {
    const PartTime &part = good.recording.parts[static_cast<std::size_t>(late.stages[s].ops[0].op)];
    if (part.end == kNone) continue;
    std::swap(late.stages[s], late.stages[s + 1]);
    break;
  }
  EXPECT_FALSE(check(late));
  int shorter = 0;
  for (std::size_t b = 0; b < good.schedule.buffers.size(); ++b) {
    if (good.schedule.buffers[b].kind != BufferKind::state) continue;
    Schedule less = good.schedule;
    --less.buffers[b].layout.fold[1];
    less.buffers[b].size = less.buffers[b].layout.bytes();
    EXPECT_FALSE(check(less));
    ++shorter;
  }
  EXPECT_EQ(shorter, 2);
}

// What is made before the frame and read with it lies in the stream's own state: another stream's calls may
// come between.
TEST(Extras, SumsThatWaitForTheFrameAreState) {
  GraphBuilder builder(3);
  const TensorId x = builder.input({1, 40, 1, 4});
  const Graph graph = builder.build({causal_conv(builder, causal_conv(builder, x, 5, 3), 6, 4)});
  const StreamPlan early = plan(graph, kPastTaps).value();
  EXPECT_EQ(early.schedule.time->before, 2);
  int sums = 0;
  for (const Buffer &buffer : early.schedule.buffers) {
    if (buffer.tensor == kNone || early.schedule.graph->tensor(buffer.tensor).type != ElementType::int32)
      continue;
    EXPECT_TRUE(survives_calls(early.schedule, buffer));
    ++sums;
  }
  EXPECT_EQ(sums, 2);
  EXPECT_EQ(kept_bytes(early), early.rings.least_state_bytes + 4 * (5 + 6));
  Schedule shared = early.schedule;
  for (Buffer &buffer : shared.buffers) {
    if (buffer.tensor == kNone || shared.graph->tensor(buffer.tensor).type != ElementType::int32) continue;
    MemoryRegion &step = shared.regions[0];
    buffer.kind = BufferKind::ring;
    buffer.region = 0;
    buffer.offset = step.size;
    step.size += buffer.size;
  }
  const auto refused = check(shared);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("taps"), std::string::npos) << refused.error().text();
}

TEST(Extras, StridedConvolutionsAreSpreadOverSteps) {
  for (const std::int32_t stride : {2, 3, 4}) {
    for (const std::int32_t taps : {2, 3, 4, 6, 9}) {
      SCOPED_TRACE(std::to_string(taps) + " taps, stride " + std::to_string(stride));
      GraphBuilder builder(4);
      const TensorId x = builder.input({1, 48, 1, 4});
      const Graph graph = builder.build({causal_conv(builder, x, 8, taps, stride)});
      const StreamPlan burst = plan(graph, {}).value(), even = plan(graph, kSpread).value();
      EXPECT_EQ(run_schedule(even, even.schedule).different, 0);
      const StreamWork before = work_of(burst), after = work_of(even);
      EXPECT_EQ(before.peak(), taps * 4 * 8);
      EXPECT_EQ(after.total(), before.total());
      // One tap for each element at the least; nothing can be done before it is there.
      EXPECT_EQ(after.peak(), (taps + stride - 1) / stride * 4 * 8);
    }
  }
}

UNetOptions seven_levels(std::vector<std::int32_t> compressed) {
  UNetOptions options;
  options.channels = {16, 24, 32, 48, 64, 64, 64};
  options.compressed = std::move(compressed);
  return options;
}

TEST(Extras, SevenLevelUNets) {
  const StreamPlan full = plan(u_net(seven_levels({})), kPastTaps).value();
  EXPECT_EQ(work_of(full).total(), 90'440);
  EXPECT_EQ(share(static_cast<double>(work_of(full).critical_peak()), 90'440), 42.1);
  struct Row {
    std::vector<std::int32_t> compressed;
    double average, held;
  };
  const std::vector<Row> rows = {{{1}, 50.0, 50.0},    {{2}, 50.5, 50.5},      {{3}, 52.0, 51.6},
                                 {{4}, 55.0, 54.1},    {{5}, 60.9, 59.2},      {{6}, 72.8, 69.4},
                                 {{7}, 88.7, 84.1},    {{1, 3}, 26.1, 25.8},   {{2, 4}, 28.0, 27.6},
                                 {{3, 6}, 38.4, 36.3}, {{1, 2, 3}, 13.3, 13.2}};
  for (const Row &row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.compressed));
    const Graph graph = u_net(seven_levels(row.compressed));
    const StreamPlan plain = plan(graph, {}).value(), held = plan(graph, kHeldProducts).value();
    EXPECT_EQ(share(work_of(plain).average(), 90'440), row.average);
    EXPECT_EQ(share(work_of(held).average(), 90'440), row.held);
    EXPECT_EQ(held.cut, static_cast<std::int32_t>(row.compressed.size()));
    std::cout << testing::PrintToString(row.compressed) << ": " << kept_bytes(plain)
              << " B kept, with products " << kept_bytes(held) << " B\n";
  }
}

// Files join tensors of one scale and zero point: then parts read what is joined from where it lies.
TEST(Extras, JoinedTensorsNeedNoRingOfTheirOwn) {
  const Graph graph = with_one_scale(u_net(seven_levels({})));
  const StreamPlan before = plan(graph, {}).value(), after = plan(graph, kShortRings).value();
  EXPECT_EQ(after.rings.least_state_bytes, 842);
  EXPECT_EQ(kept_bytes(after), 842);
  EXPECT_EQ(work_of(after).total(), work_of(before).total());
  EXPECT_EQ(run_schedule(after, after.schedule).different, 0);
  const std::vector<Bytes> inputs = random_inputs(after.recording.graph, 7);
  EXPECT_EQ(interpret_outputs(after.recording.graph, inputs).value()[0], whole_outputs(graph, after, inputs));
  std::cout << kept_bytes(before) << " B before\n";
}

TEST(Extras, FloatSumsAreLeftWholeWithTheReason) {
  for (const auto &[type, reason] :
       {std::pair{ElementType::float32, "rounded"}, std::pair{ElementType::int16, "64 bits"}}) {
    GraphBuilder builder(5, type);
    const Graph graph = builder.build({causal_conv(builder, builder.input({1, 24, 1, 3}), 2, 3)});
    const StreamPlan whole = plan(graph, kPastTaps).value();
    EXPECT_EQ(whole.cut, 0);
    ASSERT_EQ(whole.whole.size(), 1u);
    EXPECT_NE(whole.whole[0].text().find(reason), std::string::npos) << whole.whole[0].text();
  }
}

TEST(Extras, PastTapsFireOnce) {
  const auto both = plan(random_stream_graph(1, {}), {.past_taps = true, .short_rings = true});
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().text().find("short-rings"), std::string::npos);
}

TEST(Extras, WakeWordsKeepTheLeast) {
  THIMBLE_NEEDS_SHARED_DATA();
  const Graph graph = read_tflite(shared_data() / "models/mlperf_tiny/str_ww_ref_model.tflite").value();
  const StreamPlan shorter = plan(graph, kShortRings).value();
  EXPECT_EQ(kept_bytes(shorter), 3536);
  EXPECT_EQ(shorter.rings.least_state_bytes, 3536);
  EXPECT_EQ(run_schedule(shorter, shorter.schedule).different, 0);
}

}  // namespace
}  // namespace thimble::test
