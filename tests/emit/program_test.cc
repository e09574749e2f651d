// What an emitted program is besides its results: deterministic, self-contained, small, documented.
#include <algorithm>
#include <chrono>
#include <clocale>
#include <iostream>
#include <locale>
#include <set>
#include <sstream>

#include "emit/emitted_batch.h"
#include "emit/graphs.h"
#include "support/random_graph.h"
#include "thimble/plan/plan.h"
#include "thimble/schedule/firing.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

struct Planned {
  std::shared_ptr<const Graph> graph;
  Schedule schedule;
};

Planned planned(Graph graph) {
  Planned result;
  result.graph = std::make_shared<const Graph>(std::move(graph));
  auto schedule = plan(result.graph);
  EXPECT_TRUE(schedule) << schedule.error().text();
  if (schedule) result.schedule = std::move(*schedule);
  return result;
}

EmittedProgram emitted(const Schedule &schedule, EmitOptions options = {}) {
  auto program = emit(schedule, options);
  EXPECT_TRUE(program) << program.error().text();
  return program ? std::move(*program) : EmittedProgram{};
}

EmitOptions with_selftest(const Graph &graph) {
  SelfTest test;
  test.inputs = random_inputs(graph, 7);
  test.outputs = *interpret_outputs(graph, test.inputs);
  EmitOptions options;
  options.selftest = std::move(test);
  return options;
}

TemporaryFolder folder() {
  auto made = TemporaryFolder::make();
  if (!made) throw std::runtime_error(made.error().text());
  return std::move(*made);
}

/// .data + .bss over all objects of a folder, and all undefined symbols that no object defines.
std::int64_t ram_bytes(const std::filesystem::path &path, const std::string &prefix) {
  std::istringstream lines(command({"sh", "-c", prefix + "size *.o"}, path));
  std::string line;
  std::getline(lines, line);
  std::int64_t sum = 0;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::int64_t text = 0, data = 0, bss = 0;
    cells >> text >> data >> bss;
    sum += data + bss;
  }
  return sum;
}

std::set<std::string> symbols(const std::filesystem::path &path, const std::string &prefix,
                              const std::string &option) {
  std::istringstream words(
      command({"sh", "-c", prefix + "nm -P " + option + " *.o | cut -s -d' ' -f1,2"}, path));
  std::set<std::string> found;
  std::string name, kind;
  while (words >> name >> kind) found.insert(name);
  return found;
}

class CommaNumbers : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(EmittedProgram, IsTheSameInEveryLocaleAndFolder) {
  RandomGraphOptions options;
  options.type = ElementType::float32;
  for (std::uint64_t seed : {1, 2}) {
    Graph here = random_graph(seed, options);
    here.file = "/home/here/model.tflite";
    Graph there = random_graph(seed, options);
    there.file = "there/model.tflite";
    const Planned first = planned(std::move(here));
    const EmittedProgram plain = emitted(first.schedule, with_selftest(*first.graph));
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaNumbers));
    std::setlocale(LC_ALL, "de_DE.UTF-8");
    const Planned second = planned(std::move(there));
    const EmittedProgram german = emitted(second.schedule, with_selftest(*second.graph));
    std::locale::global(before);
    std::setlocale(LC_ALL, "C");
    EXPECT_EQ(plain.files, german.files);
    for (const auto &[name, text] : plain.files) EXPECT_EQ(text.find("/home"), std::string::npos) << name;
  }
}

TEST(EmittedProgram, HoldsItsFilesAndOnlyTheKernelsItNeeds) {
  GraphBuilder b(3);
  const Planned p = planned(b.build({b.softmax(b.fully_connected(b.input({1, 8}), 4))}));
  const EmittedProgram program = emitted(p.schedule, with_selftest(*p.graph));
  std::set<std::string> names;
  for (const auto &[name, text] : program.files) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"CMakeLists.txt",
                                          "main.c",
                                          "network.c",
                                          "network.h",
                                          "network_arena.c",
                                          "network_selftest.c",
                                          "network_weights.c",
                                          "network_weights.h",
                                          "thimble_dot_s8.h",
                                          "thimble_dsp.h",
                                          "thimble_fixed_point.h",
                                          "thimble_fully_connected.h",
                                          "thimble_fully_connected_s8.c",
                                          "thimble_limits_s8.h",
                                          "thimble_mve.h",
                                          "thimble_mve_dense_s8.h",
                                          "thimble_mve_row_s8.c",
                                          "thimble_mve_row_s8.h",
                                          "thimble_mve_rows.h",
                                          "thimble_reciprocal.h",
                                          "thimble_scale.h",
                                          "thimble_small_stack.h",
                                          "thimble_softmax.h",
                                          "thimble_softmax_s8.c",
                                          "thimble_sums.h",
                                          "thimble_v6m.c",
                                          "thimble_v6m.h"}));
  EXPECT_GT(program.weight_bytes, 32 + 16);
}

TEST(EmittedProgram, RamIsTheArenaAndNothingOutsideIsNeeded) {
  struct Toolchain {
    std::string prefix, flags;
  };
  const Toolchain toolchains[] = {{"", " -fno-pie"}, {"arm-none-eabi-", " -mcpu=cortex-m4 -mthumb"}};
  int used = 0;
  for (const Toolchain &toolchain : toolchains) {
    ProcessRequest probe;
    probe.arguments = {toolchain.prefix + "gcc", "--version"};
    if (!run_process(probe)) continue;
    ++used;
    for (ElementType type : {ElementType::int8, ElementType::float32}) {
      RandomGraphOptions options;
      options.type = type;
      options.steps = 12;
      const Planned p = planned(random_graph(11, options));
      const TemporaryFolder place = folder();
      write_program(emitted(p.schedule, with_selftest(*p.graph)), place.path());
      std::vector<std::string> flags = kStrict;
      flags.push_back("-O2" + toolchain.flags);
      ASSERT_EQ(compile_folder(place.path(), flags, toolchain.prefix + "gcc"), "");
      EXPECT_EQ(ram_bytes(place.path(), toolchain.prefix), p.schedule.regions[0].size);
      const std::set<std::string> defined = symbols(place.path(), toolchain.prefix, "--defined-only");
      EXPECT_TRUE(defined.contains("network_run") && defined.contains("network_arena"));
      for (const std::string &name : symbols(place.path(), toolchain.prefix, "-u")) {
        const bool helper = name == "memcpy" || name == "memset" || name.rfind("__aeabi_", 0) == 0;
        EXPECT_TRUE(defined.contains(name) || helper) << name << " is used but not part of the program";
      }
    }
  }
  if (used == 1) std::cout << "no arm-none-eabi-gcc: host only\n";
}

// Worst stack of a call chain, run -> stage -> kernel: their frames added up. Kernels call nothing further.
TEST(EmittedProgram, StackIsSmallOnCortexM4) {
  ProcessRequest probe;
  probe.arguments = {"arm-none-eabi-gcc", "--version"};
  if (!run_process(probe)) GTEST_SKIP() << "no arm-none-eabi-gcc";
  for (ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    // The kernels of every operator, and one network.
    std::map<std::string, std::string> files;
    for (auto &[label, graph] : operator_graphs(type)) {
      const Planned p = planned(std::move(graph));
      for (const auto &[name, text] : emitted(p.schedule).files) {
        if (name.rfind("thimble_", 0) == 0) files.emplace(name, text);
      }
    }
    RandomGraphOptions options;
    options.type = type;
    options.steps = 15;
    const Planned p = planned(random_graph(41, options));
    for (const auto &[name, text] : emitted(p.schedule).files) files.emplace(name, text);
    const TemporaryFolder place = folder();
    ASSERT_TRUE(write_files(place.path(), files));
    ASSERT_EQ(compile_folder(place.path(),
                             {"-std=c99", "-O2", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard",
                              "-mfpu=fpv4-sp-d16", "-fstack-usage"},
                             "arm-none-eabi-gcc"),
              "");
    std::istringstream lines(command({"sh", "-c", "cat *.su"}, place.path()));
    std::string where, kind;
    std::int64_t bytes = 0, network = 0, kernel = 0;
    while (lines >> where >> bytes >> kind) {
      EXPECT_EQ(kind, "static") << where;
      std::int64_t &worst = where.rfind("thimble_", 0) == 0 ? kernel : network;
      worst = std::max(worst, bytes);
    }
    EXPECT_GT(kernel, 0);
    EXPECT_LE(2 * network + kernel, 512) << name_of(type);
    std::cout << name_of(type) << ": at most " << network << " bytes in the network, " << kernel
              << " in a kernel\n";
  }
}

// One public function per file, named as the file; the rest is static. Some have it for one architecture
// only, or in tests.
TEST(Runtime, FilesAreNamedAfterTheirOneFunction) {
  const TemporaryFolder place = folder();
  int count = 0;
  for (const auto &entry :
       std::filesystem::directory_iterator(std::filesystem::path(THIMBLE_SOURCE_DIR) / "runtime")) {
    std::filesystem::copy_file(entry.path(), place.path() / entry.path().filename());
    count += entry.path().extension() == ".c" ? 1 : 0;
  }
  ASSERT_GT(count, 50);
  std::vector<std::string> flags = kStrict;
  flags.push_back("-O0");
  flags.push_back("-DTHIMBLE_V6M_TWIN");
  ASSERT_EQ(compile_folder(place.path(), flags), "");
  std::istringstream words(
      command({"sh", "-c", "nm -A -P --defined-only *.o | grep ' T ' | cut -d' ' -f1,2"}, place.path()));
  std::string file, name;
  int functions = 1;  // thimble_mve_row_s8 is for cores with Helium only
  for (; words >> file >> name; ++functions) EXPECT_EQ(file, name + ".o:");
  EXPECT_EQ(functions, count);
}

TEST(EmittedProgram, HeaderIsValidCPlusPlus) {
  GraphBuilder b(9, ElementType::int8);
  const TensorId x = b.input({1, 6, 6, 2});
  const Planned p = planned(b.build({b.conv_2d(x, 3, {3, 3}), b.dequantize(x)}));
  const TemporaryFolder place = folder();
  write_program(emitted(p.schedule, with_selftest(*p.graph)), place.path());
  ASSERT_TRUE(write_file(place.path() / "use.cc",
                         "#include \"network.h\"\n#include \"network_weights.h\"\n"
                         "int use() {\n  int8_t *x = network_input(network_arena, 0);\n"
                         "  float *y = network_output(network_arena, 1);\n"
                         "  static const int shape[] = NETWORK_INPUT_0_SHAPE;\n"
                         "  return *x + static_cast<int>(*y) + shape[0] + network_run(network_arena);\n}\n"));
  for (const char *standard : {"-std=c++98", "-std=c++11", "-std=c++20"}) {
    command({"g++", standard, "-Wall", "-Wextra", "-Wpedantic", "-Wno-long-long", "-Werror", "-c", "use.cc"},
            place.path());
  }
}

TEST(EmittedProgram, HeaderSaysWhatTheNetworkIs) {
  GraphBuilder b(9);
  Graph graph = b.build({b.conv_2d(b.input({1, 6, 6, 2}, ElementType::int8, 0.5f, -3), 3, {3, 3})});
  graph.file = "some/where/wake*/word.tflite";
  graph.sha256 = std::string(64, 'a');
  const Planned p = planned(std::move(graph));
  EmitOptions options;
  options.name = "wake";
  options.options = "--target cortex-m4";
  options.notes[p.graph->inputs[0]] = "folded QUANTIZE: real input is float32";
  const EmittedProgram program = emitted(p.schedule, options);
  const std::string &header = program.files.at("wake.h");
  for (const char *part :
       {"word.tflite", "aaaaaaaa", "--target cortex-m4", "tflm", "int8 [1,6,6,2]",
        "#define WAKE_INPUT_0_SCALE 0.5f", "#define WAKE_INPUT_0_ZERO_POINT (-3)",
        "#define WAKE_INPUT_0_BYTES 72", "#define WAKE_INPUT_0_SHAPE {1, 6, 6, 2}",
        "#define WAKE_OUTPUT_0_BYTES 108", "int wake_run(void *arena);", "folded QUANTIZE"}) {
    EXPECT_NE(header.find(part), std::string::npos) << part;
  }
  EXPECT_NE(header.find("#define WAKE_ARENA_BYTES " + std::to_string(p.schedule.regions[0].size) + "\n"),
            std::string::npos);
  EXPECT_EQ(header.find("some/where"), std::string::npos);
}

// Names in a model are somebody else's text: they must not leave their comments.
TEST(EmittedProgram, HostileNamesStayInComments) {
  GraphBuilder b(4);
  Graph graph = b.build({b.conv_2d(b.input({1, 4, 4, 2}), 3, {3, 3})});
  for (Tensor &tensor : graph.tensors) tensor.name = "*/ int x; /*\n#error\n // \\\n ?\?/ @NAME@ \xff\x01";
  graph.file = "*/#error/x*/\n.tflite";
  const Planned p = planned(std::move(graph));
  EmitOptions options = with_selftest(*p.graph);
  options.options = "*/ #error";
  const TemporaryFolder place = folder();
  write_program(emitted(p.schedule, options), place.path());
  std::vector<std::string> flags = kStrict;
  EXPECT_EQ(compile_folder(place.path(), flags), "");
}

TEST(EmittedProgram, SelfTestAndCopyingWrapper) {
  const Planned p = planned(random_graph(21));
  EmitOptions options = with_selftest(*p.graph);
  const TemporaryFolder place = folder();
  write_program(emitted(p.schedule, options), place.path());
  ASSERT_EQ(compile_folder(place.path(), kStrict), "");
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o example && ./example"}, place.path());
  ASSERT_TRUE(write_file(place.path() / "main.c",
                         "#include \"network.h\"\nint main(void) {\n"
                         "  if (network_run(0) != -1 || network_run(network_arena + 1) != -1) return 1;\n"
                         "  if (network_selftest(0) != -1) return 2;\n"
                         "  return network_selftest(network_arena) == 0 ? 0 : 3;\n}\n"));
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o check && ./check"}, place.path());

  // One wrong expected byte is one difference.
  options.selftest->outputs[0][0] ^= 1;
  write_program(emitted(p.schedule, options), place.path());
  ASSERT_EQ(compile_folder(place.path(), kStrict), "");
  ASSERT_TRUE(write_file(
      place.path() / "main.c",
      "#include \"network.h\"\nint main(void) { return network_selftest(network_arena) == 1 ? 0 : 3; }\n"));
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o check && ./check"}, place.path());
}

TEST(EmittedProgram, CopyingWrapperGivesTheSameBytes) {
  GraphBuilder b(8);
  const TensorId x = b.input({1, 5, 4, 3});
  const TensorId y = b.input({1, 5, 4, 3});
  const Planned p = planned(b.build({b.add(x, y), b.softmax(b.reshape(x, {1, 60}))}));
  const EmitOptions options = with_selftest(*p.graph);
  const EmittedProgram program = emitted(p.schedule, options);
  EXPECT_NE(
      program.files.at("network.h")
          .find("#define NETWORK_RUN_COPY_RAM_BYTES " + std::to_string(p.schedule.regions[0].size + 4 * 60)),
      std::string::npos);
  const TemporaryFolder place = folder();
  write_program(program, place.path());
  std::string main = "#include \"network.h\"\n#include <string.h>\n";
  const auto bytes = [&](const std::string &name, const Bytes &data) {
    main += "static const int8_t " + name + "[] = {";
    for (std::uint8_t byte : data) main += std::to_string(static_cast<std::int8_t>(byte)) + ",";
    main += "};\n";
  };
  bytes("a", options.selftest->inputs[0]);
  bytes("b", options.selftest->inputs[1]);
  bytes("c", options.selftest->outputs[0]);
  bytes("d", options.selftest->outputs[1]);
  main +=
      "int main(void) {\n  static int8_t u[60], v[60];\n  if (network_run_copy(a, b, u, v) != 0) return 1;\n"
      "  return memcmp(u, c, 60) != 0 || memcmp(v, d, 60) != 0;\n}\n";
  ASSERT_TRUE(write_file(place.path() / "main.c", main));
  ASSERT_EQ(compile_folder(place.path(), kStrict), "");
  command({"sh", "-c", "gcc -std=c99 main.c *.o -o check && ./check"}, place.path());
}

TEST(EmittedProgram, CMakeBuildsIt) {
  const Planned p = planned(random_graph(22));
  const TemporaryFolder place = folder();
  write_program(emitted(p.schedule, with_selftest(*p.graph)), place.path());
  command({"cmake", "-S", ".", "-B", "build"}, place.path());
  command({"cmake", "--build", "build"}, place.path());
  EXPECT_NE(command({"build/network_example"}, place.path()).find("self-test: 0 bytes differ"),
            std::string::npos);
}

TEST(EmittedProgram, TraceIsTheScheduleOfTheEnumerator) {
  for (std::uint64_t seed : {31, 32, 33}) {
    const Planned p = planned(random_graph(seed));
    const TemporaryFolder place = folder();
    write_program(emitted(p.schedule), place.path());
    ASSERT_TRUE(write_file(
        place.path() / "main.c",
        "#include <stdio.h>\n#include \"network.h\"\n"
        "void network_trace(int32_t op, int32_t begin, int32_t end, int32_t rank, const int32_t *tile) {\n"
        "  printf(\"%d %d %d\", (int)op, (int)begin, (int)end);\n"
        "  for (int i = 0; i < 2 * rank; ++i) printf(\" %d\", (int)tile[i]);\n  printf(\"\\n\");\n}\n"
        "int main(void) { return network_run(network_arena); }\n"));
    std::vector<std::string> flags = kStrict;
    flags.push_back("-DNETWORK_TRACE");
    ASSERT_EQ(compile_folder(place.path(), flags), "");
    const std::string printed =
        command({"sh", "-c", "gcc -std=c99 -DNETWORK_TRACE main.c *.o -o trace && ./trace"}, place.path());
    std::string expected;
    for_each_firing(p.schedule, [&](const Firing &firing) {
      if (firing.entry != Entry::run) return;  // arrivals of inputs are the caller's doing
      expected += std::to_string(firing.op) + " " + std::to_string(firing.reduction.begin) + " " +
                  std::to_string(firing.reduction.end);
      for (int a = 0; a < firing.tile.rank; ++a) {
        expected +=
            " " + std::to_string(firing.tile.axis[a].begin) + " " + std::to_string(firing.tile.axis[a].end);
      }
      expected += "\n";
    });
    EXPECT_EQ(printed, expected);
    EXPECT_FALSE(expected.empty());
  }
}

TEST(EmittedProgram, RefusesWhatItCannotEmit) {
  GraphBuilder b(6);
  Planned p = planned(b.build({b.conv_2d(b.input({1, 6, 6, 2}), 3, {3, 3})}));
  for (const char *name : {"", "2fast", "a-b", "int", "class", "main", "thimble_x", "_x"}) {
    EmitOptions options;
    options.name = name;
    EXPECT_FALSE(emit(p.schedule, options)) << name;
  }
  EmitOptions wrong = with_selftest(*p.graph);
  wrong.selftest->outputs[0].pop_back();
  EXPECT_FALSE(emit(p.schedule, wrong));
  Schedule regions = p.schedule;
  regions.regions.push_back({"state", RegionKind::state, 16});
  auto refused = emit(regions, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("memory 'state', which is no arena"), std::string::npos);
  for (const char *name : {"int", "Fast", "a-b", "arena"}) {  // the last one is there already
    regions.regions[1] = {name, RegionKind::arena, 16};
    EXPECT_FALSE(emit(regions, {})) << name;
  }
  regions.regions[1] = {"fast", RegionKind::arena, 16};
  EXPECT_TRUE(emit(regions, {}));
  Schedule ring = p.schedule;
  ring.buffers[0].kind = BufferKind::ring;
  ring.buffers[0].layout.fold[1] = 3;
  EXPECT_FALSE(emit(ring, {}));
}

TEST(EmittedProgram, FourMegabytesOfWeightsAreWrittenFast) {
  GraphBuilder b(2);
  const Planned p = planned(b.build({b.fully_connected(b.input({1, 4096}), 1024)}));
  const auto begin = std::chrono::steady_clock::now();
  const EmittedProgram program = emitted(p.schedule);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GT(program.weight_bytes, 4 << 20);
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_LT(seconds, 5.0);  // 0.1 s alone on a desktop; generous for a busy or instrumented one
}

}  // namespace
}  // namespace thimble::test
