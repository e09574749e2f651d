// A stream that runs for long: its counters wrap, and nothing drifts.
#include <gtest/gtest.h>

#include "stream/stream_graphs.h"
#include "thimble/base/files.h"
#include "thimble/report/stream.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

using namespace thimble::report;

/// Feeds frames that repeat. What the network remembers of them repeats, too, so that all outputs are those
/// of the first rounds.
constexpr const char *kMain = R"(#include <stdio.h>
#include <string.h>
#include "net.h"

enum { FRAMES = 21, STEPS = 10000000 };
static int8_t frames[FRAMES][NET_FRAME_ELEMENTS], first[FRAMES * 8][NET_OUTPUT_ELEMENTS], output[NET_OUTPUT_ELEMENTS];
static int was_due[FRAMES * 8];

int main(void) {
  unsigned s = 1;
  for (int f = 0; f < FRAMES; ++f)
    for (int i = 0; i < NET_FRAME_ELEMENTS; ++i) frames[f][i] = (int8_t)((s = s * 1664525u + 1013904223u) >> 24);
  const int round = FRAMES * 4; /* a multiple of the period of 4, too */
  long outputs = 0, wrong = 0;
  if (net_reset(net_state) != 0) return 1;
  for (long t = 0; t < STEPS; ++t) {
    const int due = net_step(net_state, frames[t % FRAMES], output);
    if (due < 0) return 1;
    outputs += due;
    const long place = t % round;
    if (t >= round && t < 2 * round) {
      was_due[place] = due;
      if (due) memcpy(first[place], output, sizeof output);
    } else if (t >= 2 * round) {
      if (due != was_due[place] || (due && memcmp(first[place], output, sizeof output) != 0)) ++wrong;
    }
  }
  printf("%ld outputs, %ld wrong\n", outputs, wrong);
  return wrong != 0;
}
)";

TEST(LongRun, TenMillionStepsDoNotDrift) {
  UNetOptions options;
  options.channels = {2, 2, 3};
  options.compressed = {1, 3};
  options.shift = 1;
  options.input_channels = 2;
  StreamRequest request;
  request.axis = 1;
  Network network;
  network.options.name = "net";
  network.profile = load_profile("host").value();
  network.graph = network.file = std::make_shared<const Graph>(u_net(options));
  network.ends.inputs.resize(1);
  network.ends.outputs.resize(1);
  const auto stream = plan_stream_network(std::move(network), request);
  ASSERT_TRUE(stream) << stream.error().text();
  EXPECT_EQ(stream->plan.rates.period, 4);
  EXPECT_LT(stream->plan.rates.of(stream->network.graph->outputs[0]).receptive_field(), 84);
  auto program = emit_stream(*stream);
  ASSERT_TRUE(program) << program.error().text();
  program->files["main.c"] = kMain;
  const auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_files(folder->path(), program->files));
  std::vector<std::string> arguments{"gcc", "-O2", "-o", (folder->path() / "long_run").string()};
  for (const auto &[name, unused] : program->files) {
    if (name.ends_with(".c")) arguments.push_back((folder->path() / name).string());
  }
  ProcessRequest build, run;
  build.arguments = std::move(arguments);
  const auto built = run_process(build);
  ASSERT_TRUE(built) << built.error().text();
  ASSERT_EQ(built->exit_code, 0) << built->err;
  run.arguments = {(folder->path() / "long_run").string()};
  const auto ran = run_process(run);
  ASSERT_TRUE(ran) << ran.error().text();
  EXPECT_EQ(ran->out, "10000000 outputs, 0 wrong\n");
  EXPECT_EQ(ran->exit_code, 0);
}

}  // namespace
}  // namespace thimble::test
