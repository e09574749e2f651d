// Emitted streams, built for this machine under its sanitizers, against the batch: as a schedule, after
// another stream and a reset, and with their state moved away and back between calls.
#include <gtest/gtest.h>

#include <iostream>

#include "stream/stream_graphs.h"
#include "stream_programs/build_and_run.h"
#include "thimble/report/stream_verify.h"
#include "thimble/schedule/variant.h"

namespace thimble::test {
namespace {

using namespace thimble::report;

Result<StreamNetwork> stream_of(Graph graph, stream::StreamMode mode, const char *target,
                                std::int32_t hop = 1, const stream::Extras &extras = {}) {
  StreamRequest request;
  request.extras = extras;
  request.axis = 1;
  request.mode = mode;
  request.hop = hop;
  Network network;
  network.options.name = "net";
  auto profile = load_profile(target);
  if (!profile) return tl::unexpected(profile.error());
  network.profile = std::move(*profile);
  network.graph = std::make_shared<const Graph>(std::move(graph));
  network.file = network.graph;
  network.ends.inputs.resize(network.graph->inputs.size());
  network.ends.outputs.resize(network.graph->outputs.size());
  return plan_stream_network(std::move(network), request);
}

struct Totals {
  int programs = 0, multirate = 0, refused = 0, flushed = 0;
  std::int64_t outputs = 0;

  void add(const StreamNetwork &stream, const StreamVerification &verification) {
    ++programs;
    multirate += stream.plan.rates.period > 1;
    outputs += verification.outputs;
    flushed += verification.flushed > 0;
  }
};

void verify(const Result<StreamNetwork> &stream, Totals &totals) {
  if (!stream) {
    ++totals.refused;
    std::cout << stream.error().text() << "\n";
    return;
  }
  const auto verification = verify_stream(*stream, kDefaultSeed, {});
  ASSERT_TRUE(verification) << verification.error().text();
  EXPECT_GT(verification->outputs, 0);
  EXPECT_EQ(verification->mismatched_bytes, 0) << "flushed " << verification->flushed;
  for (const StreamRun &run : verification->runs) EXPECT_EQ(run.mismatched_bytes, 0) << run.on;
  totals.add(*stream, *verification);
}

void print(const char *what, const Totals &totals) {
  std::cout << what << ": " << totals.programs << " programs, " << totals.multirate << " multirate, "
            << totals.refused << " refused, " << totals.outputs << " outputs, " << totals.flushed
            << " with more at the end\n";
}

TEST(StreamPrograms, RandomStreamsGiveTheBatchsBytes) {
  Totals totals;
  for (const ElementType type : {ElementType::int8, ElementType::float32, ElementType::int16}) {
    for (std::uint64_t seed = 4; seed < 12; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      StreamGraphOptions options;
      options.type = type;
      const std::int32_t hop = seed % 3 == 2 ? 3 : 1;
      verify(stream_of(random_stream_graph(seed, options), stream::StreamMode::scheduled, "host", hop),
             totals);
    }
  }
  print("scheduled", totals);
  EXPECT_GE(totals.flushed, 3);
  EXPECT_EQ(totals.refused, 0);
  EXPECT_GE(totals.multirate, 10);
}

TEST(StreamPrograms, DenseStreamsGiveTheSlidingWindowsBytes) {
  Totals totals;
  StreamGraphOptions options;
  options.repeats = false;
  options.padded = false;
  options.maxima = false;
  for (std::uint64_t seed = 0; seed < 9; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    verify(stream_of(random_stream_graph(seed, options), stream::StreamMode::dense, "host"), totals);
  }
  print("dense", totals);
  EXPECT_GE(totals.programs, 5);
}

/// Sums that the state keeps begin with a whole window, and are saved and restored with it.
TEST(StreamPrograms, LongMeansRunAlong) {
  Totals totals;
  for (const bool pooled : {false, true}) {
    for (const std::int32_t columns : {1, 5, 40}) {
      SCOPED_TRACE(std::string(pooled ? "pool" : "mean") + " of " + std::to_string(columns) + " columns");
      GraphBuilder builder(static_cast<std::uint64_t>(columns));
      const TensorId x = builder.input({1, 40, columns, 19});
      const TensorId mean =
          pooled ? builder.reshape(builder.average_pool_2d(x, {40, columns}, {40, columns}), {1, 19})
                 : builder.mean(x, {1, 2});
      const auto stream = stream_of(builder.build({builder.fully_connected(mean, 6)}),
                                    stream::StreamMode::scheduled, "cortex-m4");
      ASSERT_TRUE(stream) << stream.error().text();
      const auto runs_along = [&](const Stage &stage) {
        const Op &op = stream->schedule().graph->op(stage.ops[0].op);
        return kernel_variants(op)[static_cast<std::size_t>(stage.ops[0].variant)].remembers;
      };
      EXPECT_EQ(std::count_if(stream->schedule().stages.begin(), stream->schedule().stages.end(), runs_along),
                1);
      verify(stream, totals);
    }
  }
  print("long means", totals);
  EXPECT_EQ(totals.programs, 6);
}

TEST(StreamPrograms, UNetsThatComputeSomeLevelsInSomeCallsOnly) {
  Totals totals;
  for (const std::int32_t shift : {0, 1, 2}) {
    SCOPED_TRACE("shift " + std::to_string(shift));
    UNetOptions options;
    options.channels = {8, 8, 12};
    options.compressed = {1, 3};
    options.shift = shift;
    const auto stream = stream_of(u_net(options), stream::StreamMode::scheduled, "cortex-m4");
    verify(stream, totals);
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->plan.rates.period, 4);
    EXPECT_LT(stream->macs.average(), static_cast<double>(stream->macs.peak()));
    // What does not need the frame is done before it comes, and counted apart.
    EXPECT_EQ(stream->schedule().time->before > 0, shift > 0);
    EXPECT_EQ(stream->macs.critical<stream->macs.peak(), shift> 0);
    const auto verification = verify_stream(*stream, kDefaultSeed, {});
    ASSERT_TRUE(verification) << verification.error().text();
    const StreamRun &board = verification->runs.back();
    ASSERT_TRUE(board.instructions && board.instructions_with_frame);
    EXPECT_EQ(board.instructions_with_frame->peak<board.instructions->peak / 2, shift> 0);
  }
  print("U-Nets", totals);
}

TEST(StreamPrograms, ConvolutionsInPartsGiveTheBatchsBytes) {
  Totals totals;
  int cut = 0;
  for (const stream::Extras &extras :
       {stream::Extras{.past_taps = true}, stream::Extras{.short_rings = true},
        stream::Extras{.spread = true}, stream::Extras{.held_products = true},
        stream::Extras{.past_taps = true, .held_products = true, .spread = true}}) {
    for (std::uint64_t seed = 1; seed < 3; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const auto stream = stream_of(random_stream_graph(seed, {}), stream::StreamMode::scheduled, "host",
                                    seed % 3 == 2 ? 3 : 1, extras);
      verify(stream, totals);
      cut += stream ? stream->plan.cut : 0;
    }
  }
  // Parts within the step fire on padding, too, when a stream ends.
  GraphBuilder builder(2);
  TensorId x = builder.input({1, 40, 2, 3});
  for (const std::int32_t channels : {4, 5}) {
    x = builder.conv_2d(x, channels, {3, 1}, {}, {}, PaddingRule(Padding2D{1, 1, 0, 0}));
    x = builder.depthwise_conv_2d(x, 1, {4, 1}, {}, {}, PaddingRule(Padding2D{1, 2, 0, 0}));
  }
  verify(stream_of(builder.build({x}), stream::StreamMode::scheduled, "host", 1, {.short_rings = true}),
         totals);
  print("in parts", totals);
  EXPECT_GE(totals.flushed, 1);
  EXPECT_EQ(totals.refused, 0);
  EXPECT_GE(cut, 10);
}

/// Two streams, each of which does what it can before either has its frame.
constexpr const char *kTwoStreams = R"(#include <stdio.h>
#include "net.h"

static NET_ALIGNED unsigned char a[NET_STATE_BYTES], b[NET_STATE_BYTES];
static int8_t frame[NET_FRAME_ELEMENTS], output[NET_OUTPUT_ELEMENTS];

static int step(void *state) {
  if (fread(frame, NET_FRAME_BYTES, 1, stdin) != 1 || net_step(state, frame, output) != 1) return 1;
  return fwrite(output, NET_OUTPUT_BYTES, 1, stdout) != 1;
}

int main(void) {
  if (net_reset(a) != 0 || net_reset(b) != 0) return 2;
  for (int t = 0; t < 40; ++t) {
    if (net_pre(a) != 1 || net_pre(b) != 1 || net_pre(a) != 0) return 3;
    if (step(a) || step(b)) return 4;
  }
  return 0;
}
)";

TEST(StreamPrograms, SumsOfTwoStreamsInTurnsDoNotMeet) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 40, 1, 4});
  const Graph graph = builder.build({causal_conv(builder, causal_conv(builder, x, 6, 3), 5, 4)});
  const auto stream = stream_of(graph, stream::StreamMode::scheduled, "host", 1, {.past_taps = true});
  ASSERT_TRUE(stream) << stream.error().text();
  auto program = emit_stream(*stream);
  ASSERT_TRUE(program) << program.error().text();
  program->files["main.c"] = kTwoStreams;
  const std::vector<Bytes> of[2] = {random_inputs(graph, 1), random_inputs(graph, 2)};
  const Bytes made[2] = {interpret_outputs(graph, of[0]).value()[0],
                         interpret_outputs(graph, of[1]).value()[0]};
  std::string given;
  Bytes expected;
  for (std::size_t t = 0; t < 40; ++t) {
    for (const int s : {0, 1}) {
      given.append(reinterpret_cast<const char *>(of[s][0].data()) + 4 * t, 4);
      expected.insert(expected.end(), made[s].begin() + static_cast<std::ptrdiff_t>(5 * t),
                      made[s].begin() + static_cast<std::ptrdiff_t>(5 * t + 5));
    }
  }
  expect_output(*program, given, expected);
}

TEST(StreamPrograms, UNetsInPartsOnACortexM4) {
  struct Case {
    const char *what;
    stream::Extras extras;
    std::vector<std::int32_t> compressed;
  };
  std::cout << "extras  compressed  MACs a step  with frame  state B  within a step B  M4  M4 with frame\n";
  for (const auto &[what, extras, compressed] :
       {Case{"none", {}, {}}, Case{"past-taps", {.past_taps = true}, {}},
        Case{"short-rings", {.short_rings = true}, {}}, Case{"none", {}, {6}},
        Case{"held-products", {.held_products = true}, {6}}, Case{"spread", {.spread = true}, {6}}}) {
    SCOPED_TRACE(what);
    UNetOptions options;
    options.channels = {16, 24, 32, 48, 64, 64, 64};
    options.compressed = compressed;
    const auto stream =
        stream_of(with_one_scale(u_net(options)), stream::StreamMode::scheduled, "cortex-m4", 1, extras);
    ASSERT_TRUE(stream) << stream.error().text();
    const auto verification = verify_stream(*stream, kDefaultSeed, {});
    ASSERT_TRUE(verification) << verification.error().text();
    EXPECT_EQ(verification->mismatched_bytes, 0);
    const StreamRun &board = verification->runs.back();
    ASSERT_TRUE(board.instructions && board.instructions_with_frame);
    std::cout << what << "\t" << testing::PrintToString(compressed) << "\t" << stream->macs.average() << "\t"
              << stream->macs.critical << "\t" << state_bytes(*stream) << "\t" << call_bytes(*stream) << "\t"
              << board.instructions->average << "\t" << board.instructions_with_frame->peak << "\n";
    if (extras.past_taps) {
      EXPECT_LT(board.instructions_with_frame->peak, board.instructions->average * 0.6);
    }
  }
}

}  // namespace
}  // namespace thimble::test
