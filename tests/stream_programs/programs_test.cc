// Emitted streams, built for this machine under its sanitizers, against the batch: as a schedule, after
// another stream and a reset, and with their state moved away and back between calls.
#include <gtest/gtest.h>

#include <iostream>

#include "stream/stream_graphs.h"
#include "thimble/report/stream_verify.h"

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
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      StreamGraphOptions options;
      options.type = type;
      const std::int32_t hop = seed % 3 == 2 ? 3 : 1;
      verify(stream_of(random_stream_graph(seed, options), stream::StreamMode::scheduled, "host", hop),
             totals);
    }
  }
  print("scheduled", totals);
  EXPECT_GE(totals.flushed, 5);
  EXPECT_EQ(totals.refused, 0);
  EXPECT_GE(totals.multirate, 10);
}

TEST(StreamPrograms, DenseStreamsGiveTheSlidingWindowsBytes) {
  Totals totals;
  StreamGraphOptions options;
  options.repeats = false;
  options.padded = false;
  options.maxima = false;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    verify(stream_of(random_stream_graph(seed, options), stream::StreamMode::dense, "host"), totals);
  }
  print("dense", totals);
  EXPECT_GE(totals.programs, 5);
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
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const auto stream = stream_of(random_stream_graph(seed, {}), stream::StreamMode::scheduled, "host",
                                    seed % 3 == 2 ? 3 : 1, extras);
      verify(stream, totals);
      cut += stream ? stream->plan.cut : 0;
    }
  }
  print("in parts", totals);
  EXPECT_EQ(totals.refused, 0);
  EXPECT_GE(cut, 20);
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
    const auto stream = stream_of(u_net(options), stream::StreamMode::scheduled, "cortex-m4", 1, extras);
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
