// Loop nests of every kind: what is emitted fires what the enumerator fires and gives the interpreter's
// bytes.
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <sstream>

#include "emit/emitted_batch.h"
#include "emit/graphs.h"
#include "emit/loop_cases.h"
#include "schedule/base_schedules.h"
#include "schedule/nets.h"

namespace thimble::test {
namespace {

TEST(EmittedLoops, SchedulesOfEveryStyle) {
  EmittedBatch batch;
  for (const NamedSchedule &base : base_schedules()) {
    Schedule schedule = base.schedule;
    add_cursors(schedule);
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule.graph, 1),
                                                 random_inputs(*schedule.graph, 2)};
    batch.add(base.name, std::move(schedule), inputs);
  }
  batch.expect_traces(kStrictSanitized);
}

void expect_random(ElementType type, std::uint64_t first, std::uint64_t count) {
  EmittedBatch batch;
  std::map<std::string, int> refused;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Result<Schedule> schedule = random_loop_case(seed, type);
    if (!schedule) continue;
    expect_good(*schedule, "random " + std::to_string(seed));
    const std::vector<std::vector<Bytes>> inputs{random_inputs(*schedule->graph, seed)};
    std::string refusal;
    if (!batch.add_if_emitted("random " + std::to_string(seed), std::move(*schedule), inputs, refusal))
      ++refused[refusal];
  }
  std::size_t pushed = 0, recomputed = 0;
  for (const EmittedCase &emitted : batch.cases()) {
    std::size_t ops = 0;
    for (const Stage &stage : emitted.schedule.stages) ops += stage.ops.size();
    if (ops > emitted.graph->ops.size()) ++recomputed;
    for (const auto &[name, text] : emitted.program.files) {
      if (name.ends_with(".h") && text.find("_push_row(") != std::string::npos) ++pushed;
    }
  }
  std::cout << batch.cases().size() << " cases, " << pushed << " of them fed by rows, " << recomputed
            << " with an operator in several stages\n";
  EXPECT_GT(pushed, 0u);
  EXPECT_GT(recomputed, 0u);
  for (const auto &[text, times] : refused) ADD_FAILURE() << times << " x " << text;
  batch.expect_traces(kStrictSanitized);
}

/// x -> expand -> depthwise -> project in rings of rows, the rows of x pushed by the caller.
Schedule row_fed_schedule(const Net &net) {
  Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.x, net.a, net.b, net.c}, {{Level::row, 1}},
                                           {{net.x, Level::row, Level::call, 1},
                                            {net.a, Level::row, Level::call, 1},
                                            {net.b, Level::row, Level::row, 1}})});
  add_buffers(schedule);
  add_cursors(schedule);
  return schedule;
}

// The three ways in: the copying wrapper, the self-test, the example; rows that do not exist are refused, and
// row 0 begins again whatever came before.
TEST(RowFedProgram, EveryEntryPushesRows) {
  NetOptions shape;
  shape.type = ElementType::int16;
  const Net net = expand_project(shape);
  const Schedule schedule = row_fed_schedule(net);
  EmitOptions options;
  options.selftest = SelfTest{random_inputs(*net.graph, 3), {}};
  options.selftest->outputs = *interpret_outputs(*net.graph, options.selftest->inputs);
  const auto program = emit(schedule, options);
  ASSERT_TRUE(program) << program.error().text();
  auto place = TemporaryFolder::make();
  ASSERT_TRUE(place);
  write_program(*program, place->path());
  std::vector<std::string> flags = kStrict;
  flags.push_back("-O2");
  ASSERT_EQ(compile_folder(place->path(), flags), "");
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o example && ./example"}, place->path());
  const auto values = [](const Bytes &bytes) {
    std::string list;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      std::int16_t value = 0;
      std::memcpy(&value, bytes.data() + i, 2);
      list += std::to_string(value) + ",";
    }
    return list;
  };
  ASSERT_TRUE(write_file(
      place->path() / "main.c",
      "#include <string.h>\n#include \"network.h\"\nstatic const int16_t x[] = {" +
          values(options.selftest->inputs[0]) + "};\nstatic const int16_t y[] = {" +
          values(options.selftest->outputs[0]) +
          "};\nstatic int16_t out[NETWORK_OUTPUT_0_ELEMENTS];\n"
          "int main(void) {\n  if (network_push_row(network_arena, NETWORK_ROWS, x) != -1) return 1;\n"
          "  if (network_push_row(0, 0, x) != -1) return 2;\n"
          "  if (network_run_copy(x, out) != 0 || memcmp(out, y, sizeof y) != 0) return 3;\n"
          "  for (int r = 0; r < 3; ++r) network_push_row(network_arena, r, x);\n"
          "  return network_selftest(network_arena);\n}\n"));
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o check && ./check"}, place->path());
  ASSERT_TRUE(write_file(place->path() / "use.cc",
                         "#include \"network.h\"\nint use(const int16_t *row) { return "
                         "network_push_row(network_arena, 0, row); }\n"));
  command(
      {"g++", "-std=c++98", "-Wall", "-Wextra", "-Wpedantic", "-Wno-long-long", "-Werror", "-c", "use.cc"},
      place->path());
}

TEST(RowFedProgram, NeedsItsCursorsToStay) {
  Schedule schedule = row_fed_schedule(expand_project());
  std::erase_if(schedule.buffers, [](const Buffer &buffer) { return buffer.kind == BufferKind::cursors; });
  const auto refused = emit(schedule, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("must stay between rows"), std::string::npos)
      << refused.error().text();
}

/// The same in two strips: the second one would need the rows again.
TEST(RowFedProgram, RefusesRowsOutOfOrder) {
  const Net net = expand_project();
  Schedule schedule = make_schedule(
      net.graph, {make_stage(*net.graph, {net.x, net.a, net.b, net.c}, {{Level::strip, 4}, {Level::row, 1}},
                             {{net.x, Level::row, Level::strip, 1},
                              {net.a, Level::row, Level::strip, 1},
                              {net.b, Level::row, Level::row, 1}})});
  add_buffers(schedule);
  const auto refused = emit(schedule, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("asked for a row again"), std::string::npos)
      << refused.error().text();
}

/// Frames on the stack, from the run down to the kernels, of a stage of rings on a Cortex-M4.
TEST(EmittedLoops, StackIsSmallOnCortexM4) {
  if (std::system("arm-none-eabi-gcc --version > /dev/null 2>&1") != 0)
    GTEST_SKIP() << "no arm-none-eabi-gcc";
  const Net net = inverted_residual();
  Schedule schedule =
      make_schedule(net.graph, {make_stage(*net.graph, {net.a, net.b, net.c, net.d}, {{Level::row, 1}},
                                           {{net.a, Level::row, Level::call, 1},
                                            {net.b, Level::row, Level::row, 1},
                                            {net.c, Level::row, Level::row, 1}})});
  add_buffers(schedule);
  const auto program = emit(schedule, {});
  ASSERT_TRUE(program) << program.error().text();
  auto place = TemporaryFolder::make();
  ASSERT_TRUE(place);
  write_program(*program, place->path());
  ASSERT_EQ(compile_folder(place->path(), {"-std=c99", "-O2", "-mcpu=cortex-m4", "-mthumb", "-fstack-usage"},
                           "arm-none-eabi-gcc"),
            "");
  std::istringstream lines(command({"sh", "-c", "cat *.su"}, place->path()));
  std::string where, kind;
  std::int64_t bytes = 0, network = 0, kernel = 0;
  while (lines >> where >> bytes >> kind) {
    if (where.rfind("thimble_", 0) == 0) {
      kernel = std::max(kernel, bytes);
    } else {
      network += bytes;  // every function at once: more than any chain
    }
  }
  EXPECT_LE(network + kernel, 512);
}

/// THIMBLE_LOOP_SEEDS="first count": a long sweep instead of the suite's cases (bench/overnight.sh).
TEST(EmittedLoops, Sweep) {
  const char *seeds = std::getenv("THIMBLE_LOOP_SEEDS");
  if (seeds == nullptr) GTEST_SKIP() << "THIMBLE_LOOP_SEEDS is not set";
  std::istringstream words(seeds);
  std::uint64_t first = 0, count = 0;
  words >> first >> count;
  const ElementType types[] = {ElementType::int8, ElementType::int16, ElementType::float32};
  for (std::uint64_t done = 0; done < count; done += 100) {
    expect_random(types[(first + done) / 100 % 3], first + done, std::min<std::uint64_t>(100, count - done));
  }
}

// Pixels of a corner lie outside the map along both axes.
TEST(EmittedLoops, WidePaddingPixelByPixel) {
  EmittedBatch batch;
  for (const bool fifos : {false, true}) {
    GraphBuilder b(11);
    const TensorId x = b.pad(b.conv_2d(b.input({1, 6, 6, 2}), 5, {1, 1}), {0, 3, 3, 0}, {0, 3, 3, 0});
    const TensorId y = b.depthwise_conv_2d(x, 1, {3, 3}, {1, 1}, {}, PaddingRule::valid());
    const auto graph = std::make_shared<const Graph>(b.build({y}));
    const TensorId before = graph->op(maker_of(*graph, x)).inputs[0];
    for (const Level at : {Level::row, Level::column}) {
      Schedule schedule =
          make_schedule(graph, {make_stage(*graph, {before, x, y}, {{Level::row, 1}, {Level::column, 1}},
                                           {{before, at, Level::call, 1}, {x, at, Level::call, 2}})});
      add_buffers(schedule, Packing::apart, fifos);
      expect_good(schedule);
      batch.add(std::string("padded at ") + name_of(at), std::move(schedule), {random_inputs(*graph, 1)});
    }
  }
  batch.expect_traces(kStrictSanitized);
}

/// Every operator, also of other ranks than images, in random loops.
void expect_operators(ElementType type, std::uint64_t seeds) {
  EmittedBatch batch;
  std::map<std::string, int> refused;
  std::uint64_t seed = 0;
  for (auto &[label, made] : operator_graphs(type)) {
    const auto graph = std::make_shared<const Graph>(std::move(made));
    for (std::uint64_t i = 0; i < seeds; ++i) {
      Result<Schedule> schedule = random_loops_of(graph, ++seed);
      if (!schedule) continue;
      const std::vector<std::vector<Bytes>> inputs{random_inputs(*graph, seed)};
      std::string refusal;
      const std::string name = label + ", " + std::to_string(i);
      if (!batch.add_if_emitted(name, std::move(*schedule), inputs, refusal)) ++refused[refusal];
    }
  }
  std::cout << batch.cases().size() << " cases\n";
  for (const auto &[text, times] : refused) {
    const bool batch_of_images = text.find("batch") != std::string::npos;
    EXPECT_TRUE(batch_of_images) << times << " x " << text;
  }
  batch.expect_traces(kStrictSanitized);
}

TEST(EmittedLoops, OperatorsInt8) {
  expect_operators(ElementType::int8, 1);
}
TEST(EmittedLoops, OperatorsInt16) {
  expect_operators(ElementType::int16, 1);
}
TEST(EmittedLoops, OperatorsFloat) {
  expect_operators(ElementType::float32, 1);
}

TEST(EmittedLoops, RandomInt8) {
  expect_random(ElementType::int8, 1, 100);
}
TEST(EmittedLoops, RandomInt16) {
  expect_random(ElementType::int16, 1001, 24);
}
TEST(EmittedLoops, RandomFloat) {
  expect_random(ElementType::float32, 2001, 24);
}

}  // namespace
}  // namespace thimble::test
