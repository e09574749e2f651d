// Programs of networks that keep states, built for this machine under its sanitizers, against the
// interpreter: after another stream and a reset, with their state moved away and back; and two streams in
// turns.
#include <gtest/gtest.h>

#include <iostream>

#include "stream_programs/build_and_run.h"
#include "support/stateful_graph.h"
#include "thimble/base/files.h"
#include "thimble/emit/c_text.h"
#include "thimble/report/any_stream.h"
#include "thimble/report/state_stream_verify.h"
#include "thimble/rewrite/passes.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

using namespace thimble::report;

Result<StateStream> stream_of(Graph graph, const char *target, std::string name = "net") {
  StreamRequest request;
  Network network;
  network.options.name = std::move(name);
  auto profile = load_profile(target);
  if (!profile) return tl::unexpected(profile.error());
  network.profile = std::move(*profile);
  auto rewritten = rewrite_and_tell(graph, {});
  if (!rewritten) return tl::unexpected(rewritten.error());
  network.passes = std::move(rewritten->effects);
  network.file = std::make_shared<const Graph>(std::move(graph));
  network.graph = std::make_shared<const Graph>(std::move(rewritten->graph));
  auto ends = match_ends(*network.file, *network.graph);
  if (!ends) return tl::unexpected(ends.error());
  network.ends = std::move(*ends);
  return plan_state_stream(std::move(network), request);
}

TEST(StatePrograms, RandomNetworksGiveTheInterpretersBytes) {
  int programs = 0;
  for (const ElementType type : {ElementType::int8, ElementType::float32, ElementType::int16}) {
    for (std::uint64_t seed = 100; seed < 106; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      Graph graph = random_stateful_graph(seed, type);
      const auto stream = stream_of(std::move(graph), seed % 5 == 0 ? "cortex-m4" : "host");
      ASSERT_TRUE(stream) << stream.error().text();
      if (stream->network.graph->states.empty()) continue;
      const auto verification = verify_stream(*stream, kDefaultSeed, {});
      ASSERT_TRUE(verification) << verification.error().text();
      EXPECT_EQ(verification->mismatched_bytes, 0);
      EXPECT_EQ(verification->outputs, kStateSteps);
      ++programs;
    }
  }
  std::cout << programs << " programs\n";
  EXPECT_GT(programs, 12);
}

/// A caller of two streams in turns; in the middle the one is saved, goes on, is put back and goes on again.
constexpr const char *kTwoStreams = R"(#include <stdio.h>
#include <string.h>
#include "net.h"

static NET_ALIGNED unsigned char a[NET_STATE_BYTES], b[NET_STATE_BYTES], saved[NET_STATE_BYTES];
static @IN@ frame[NET_FRAME_ELEMENTS], other[NET_FRAME_ELEMENTS];
static @OUT@ output[NET_OUTPUT_ELEMENTS];

static int step(void *state, const @IN@ *given) {
  if (net_step(state, given, output) != 1) return 1;
  return fwrite(output, NET_OUTPUT_BYTES, 1, stdout) != 1;
}

int main(void) {
  if (net_reset(0) != -1 || net_reset(a + 1) != -1 || net_step(0, frame, output) != -1) return 1;
  if (net_reset(a) != 0 || net_reset(b) != 0) return 2;
  for (int t = 0; t < 8; ++t) {
    if (fread(frame, NET_FRAME_BYTES, 1, stdin) != 1 || fread(other, NET_FRAME_BYTES, 1, stdin) != 1) return 3;
    if (t == 4) memcpy(saved, a, sizeof a);
    if (step(a, frame) || step(b, other)) return 4;
    if (t == 4) {
      memcpy(a, saved, sizeof a);
      if (step(a, frame)) return 5;
    }
  }
  return net_reset(a) != 0 || step(a, frame);
}
)";

/// The emitted program of a network with one input and one output, and `main` for its types.
Result<EmittedProgram> program_with(const char *main, const StateStream &stream) {
  auto program = emit_stream(stream);
  if (!program) return program;
  const Graph &graph = *stream.network.graph;
  const auto type = [&](TensorId id) { return std::string(c_text::type_of(graph.tensor(id).type)); };
  program->files["main.c"] =
      c_text::fill(main, {{"IN", type(graph.inputs[0])}, {"OUT", type(graph.outputs[0])}});
  return program;
}

TEST(StatePrograms, TwoStreamsInTurnsDoNotKnowOfEachOther) {
  for (std::uint64_t seed = 200; seed < 204; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Graph graph = random_stateful_graph(seed, ElementType::int8);
    graph.outputs.resize(1);
    const auto stream = stream_of(graph, "host");
    ASSERT_TRUE(stream) << stream.error().text();
    const auto program = program_with(kTwoStreams, *stream);
    ASSERT_TRUE(program) << program.error().text();

    const auto frames = random_sequence(graph, 16, seed);
    Bytes given, expected;
    StateBytes a, b;
    const auto step = [&](const std::vector<Bytes> &inputs, StateBytes &state) {
      const auto outputs = interpret_outputs(graph, inputs, state);
      ASSERT_TRUE(outputs);
      expected.insert(expected.end(), (*outputs)[0].begin(), (*outputs)[0].end());
    };
    for (std::size_t t = 0; t < 8; ++t) {
      for (const std::size_t f : {2 * t, 2 * t + 1})
        given.insert(given.end(), frames[f][0].begin(), frames[f][0].end());
      StateBytes saved = a;
      step(frames[2 * t], a);
      step(frames[2 * t + 1], b);
      if (t == 4) step(frames[2 * t], saved);
    }
    a.clear();
    step(frames[14], a);

    expect_output(*program, {given.begin(), given.end()}, expected);
  }
}

/// A step over zeros that writes its firings.
constexpr const char *kTraced = R"(#include <stdio.h>
#include "net.h"

static @IN@ frame[NET_FRAME_ELEMENTS];
static @OUT@ output[NET_OUTPUT_ELEMENTS];

void net_trace(int32_t op, int32_t begin, int32_t end, int32_t rank, const int32_t *tile) {
  printf("%d %d %d", (int)op, (int)begin, (int)end);
  for (int32_t i = 0; i < 2 * rank; ++i) printf(" %d", (int)tile[i]);
  printf("\n");
}

int main(void) {
  return net_reset(net_state) != 0 || net_step(net_state, frame, output) != 1;
}
)";

std::string expected_trace(const Schedule &schedule) {
  std::string text;
  for_each_firing(schedule, [&](const Firing &firing) {
    if (firing.entry == Entry::frame) return;  // the caller's doing
    text += std::to_string(firing.op) + " " + std::to_string(firing.reduction.begin) + " " +
            std::to_string(firing.reduction.end);
    for (int a = 0; a < firing.tile.rank; ++a)
      text += " " + std::to_string(firing.tile.axis[a].begin) + " " + std::to_string(firing.tile.axis[a].end);
    text += "\n";
  });
  return text;
}

TEST(StatePrograms, TracesAreTheFiringsOfTheEnumerator) {
  for (std::uint64_t seed = 300; seed < 304; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Graph graph = random_stateful_graph(seed, ElementType::int8);
    graph.outputs.resize(1);
    const auto stream = stream_of(graph, "host");
    ASSERT_TRUE(stream) << stream.error().text();
    const auto program = program_with(kTraced, *stream);
    ASSERT_TRUE(program) << program.error().text();
    const auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    ASSERT_TRUE(write_files(folder->path(), program->files));
    ProcessRequest build;
    build.arguments = {"sh", "-c", "gcc -std=c99 -DNET_TRACE *.c -o program && ./program"};
    build.folder = folder->path();
    const auto outcome = run_process(build);
    ASSERT_TRUE(outcome) << outcome.error().text();
    ASSERT_EQ(outcome->exit_code, 0) << outcome->err;
    EXPECT_EQ(outcome->out, expected_trace(stream->schedule()));
  }
}

TEST(StatePrograms, OptionsThatSpeakOfFramesInAWindowAreRefused) {
  StreamRequest request;
  request.hop = 2;
  Network network;
  network.graph = network.file = std::make_shared<const Graph>(random_stateful_graph(1, ElementType::int8));
  const auto stream = plan_state_stream(std::move(network), request);
  ASSERT_FALSE(stream);
  EXPECT_NE(stream.error().text().find("--hop"), std::string::npos);
}

}  // namespace
}  // namespace thimble::test
