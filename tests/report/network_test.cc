// The way through the house with real models.
#include "thimble/report/network.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/shared_data.h"
#include "thimble/base/files.h"
#include "thimble/report/execute_on.h"
#include "thimble/report/json.h"
#include "thimble/report/run.h"
#include "thimble/report/text.h"

namespace thimble::report {
namespace {

using Json = nlohmann::ordered_json;

std::string shipped() {
  return std::string(THIMBLE_SOURCE_DIR) + "/models/fashion_mnist/fashion_mnist.tflite";
}

Network planned(CompileOptions options) {
  auto network = plan_network(options);
  EXPECT_TRUE(network) << network.error().text();
  return network ? std::move(*network) : Network{};
}

TEST(Names, BecomeThoseOfPrograms) {
  EXPECT_EQ(default_name("models/fashion_mnist.tflite"), "fashion_mnist");
  EXPECT_EQ(default_name("my net-2.tflite"), "my_net_2");
  EXPECT_EQ(default_name("3d.tflite"), "network_3d");
  EXPECT_EQ(default_name("n\xC3\xA4tz.tflite"), "n__tz");
  for (const char *good : {"a1", "strings", "mains", "net_main"}) EXPECT_TRUE(is_program_name(good)) << good;
  for (const char *bad : {"", "1a", "a-b", "a b", "\xC3\xA4", "_a", "int", "class", "main", "Main", "stdint",
                          "string", "String", "stddef", "math", "thimble", "thimble_net"}) {
    EXPECT_FALSE(is_program_name(bad)) << bad;
    const std::string made = default_name(std::string(bad) + ".tflite");
    EXPECT_TRUE(is_program_name(made)) << bad << " became " << made;
  }
  EXPECT_EQ(default_name("int.tflite"), "network_int");
  EXPECT_EQ(default_name("\xC3\xA9.tflite"), "network___");
  EXPECT_EQ(default_name("a/stdint.tflite"), "network_stdint");
  EXPECT_TRUE(is_program_name(default_name(std::string(200, 'x') + ".tflite")));
  EXPECT_TRUE(is_program_name(default_name(std::string(200, '1') + ".tflite")));
}

TEST(PlannedNetwork, FiguresAgreeWithEachOther) {
  const Network network = planned({.model = shipped()});
  EXPECT_EQ(network.options.name, "fashion_mnist");
  EXPECT_EQ(network.memory.arena_bytes, network.schedule.regions[0].size);
  EXPECT_GE(network.memory.arena_bytes, network.memory.allocation_bound_bytes);
  EXPECT_GE(network.memory.allocation_bound_bytes, network.lower_bound_bytes);
  EXPECT_EQ(network.proof.firings, network.compute.firings);
  std::int64_t macs = 0, peak = 0;
  for (std::int64_t stage : network.stage_macs) macs += stage;
  for (const StagePeak &stage : network.peaks) peak = std::max(peak, stage.bytes);
  EXPECT_EQ(macs, network.compute.macs);
  EXPECT_LE(peak, network.memory.arena_bytes);
}

TEST(PlannedNetwork, ARamLimitIsKept) {
  const std::string portable = "cortex-m3";
  const std::int64_t arena = planned({.model = shipped(), .target = portable}).memory.arena_bytes;
  EXPECT_TRUE(plan_network({.model = shipped(), .target = portable, .ram_limit = arena}));
  const auto refused = plan_network({.model = shipped(), .target = portable, .ram_limit = arena - 1});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("more than the limit of"), std::string::npos);
}

// Where there are faster kernels, the arena may grow for their working memory a little, and not at all where
// the limit is the least arena.
TEST(PlannedNetwork, FasterKernelsTakeLittle) {
  const std::int64_t least = planned({.model = shipped(), .target = "cortex-m3"}).memory.arena_bytes;
  const Network network = planned({.model = shipped(), .target = "cortex-m4"});
  EXPECT_LE(network.memory.arena_bytes, least + std::max<std::int64_t>(least / 80, 256));
  EXPECT_GT(network.memory.scratch_bytes, 0);
  const Network limited = planned({.model = shipped(), .target = "cortex-m4", .ram_limit = least});
  EXPECT_EQ(limited.memory.arena_bytes, least);
  const Network portable =
      planned({.model = shipped(), .target = "cortex-m4", .kernels = KernelSet::portable});
  EXPECT_EQ(portable.memory.arena_bytes, least);
  EXPECT_EQ(portable.memory.scratch_bytes, 0);
}

/// Room that maps would fill is no use where kernels then have none to work in.
TEST(PlannedNetwork, MoreRamDoesNotTakeMoreTime) {
  const auto cycles = [](const Network &network) {
    std::int64_t sum = 0;
    for (const KernelCost &own : network.operator_costs) sum += own.cycles;
    return sum;
  };
  const Network small = planned({.model = shipped(), .target = "cortex-m4"});
  for (const std::int64_t more : {0, 500, 2000, 8000}) {
    const std::int64_t limit = small.memory.arena_bytes + more;
    const Network fast = planned(
        {.model = shipped(), .target = "cortex-m4", .ram_limit = limit, .minimize = Objective::latency});
    EXPECT_LE(fast.memory.arena_bytes, limit);
    EXPECT_LE(cycles(fast), cycles(small) * 101 / 100) << more;
  }
}

TEST(PlannedNetwork, UnknownTargetsAreNamed) {
  const auto refused = plan_network({.model = shipped(), .target = "pdp-11"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("pdp-11"), std::string::npos);
}

TEST(PlannedNetwork, ANetworkTooLargeForAnyPlanIsRefusedWithAHint) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto model = (test::shared_data() / "models/litert_testdata/conv_huge_im2col.tflite").string();
  const auto refused = plan_network({.model = model});
  ASSERT_FALSE(refused);
  const std::string text = refused.error().text();
  EXPECT_TRUE(text.starts_with(model + ": its inputs and outputs take 536481792 bytes, a plan")) << text;
  EXPECT_FALSE(refused.error().lines[0].hint.empty());
}

TEST(Comparison, CountsEveryDifferingByteAndFindsTheFirst) {
  const std::vector<Inference> a{{{1, 2}, {3}}, {{4, 5}, {6}}};
  EXPECT_EQ(compare(a, a).bytes, 0);
  EXPECT_FALSE(compare(a, a).first);
  std::vector<Inference> b = a;
  b[0][1][0] = 9;
  b[1][0][1] = 8;
  const Difference difference = compare(a, b);
  EXPECT_EQ(difference.bytes, 2);
  ASSERT_TRUE(difference.first);
  EXPECT_EQ(difference.first->inference, 0u);
  EXPECT_EQ(difference.first->output, 1u);
  EXPECT_EQ(difference.first->byte, 0u);
  EXPECT_EQ(difference.first->expected, 3);
  EXPECT_EQ(difference.first->found, 9);
  EXPECT_EQ(compare(a, {a[0]}).bytes, 3) << "a missing inference differs in all its bytes";
  EXPECT_EQ(compare({a[0]}, a).bytes, 3);
}

TEST(Reports, AreTheSameEveryTime) {
  const Network network = planned({.model = shipped()});
  const Flash flash{100, 200, ""};
  EXPECT_EQ(compile_json(network, flash, {"a.c"}),
            compile_json(planned({.model = shipped()}), flash, {"a.c"}));
  EXPECT_EQ(compile_text(network, flash, {}), compile_text(planned({.model = shipped()}), flash, {}));
}

TEST(Reports, AMismatchIsToldInTextAndJson) {
  const Network network = planned({.model = shipped()});
  Verification verification;
  verification.inputs = 3;
  verification.seed = 7;
  verification.output_bytes = 30;
  verification.runs = {{.on = "interpreter"}, {.on = "schedule", .mismatched_bytes = 4}};
  verification.mismatched_bytes = 4;
  verification.first_mismatch = Mismatch{"schedule", 2, 0, 5, 17, 18};
  const std::string text = verify_text(network, verification);
  EXPECT_NE(
      text.find("MISMATCH: 3 inputs (seed 7), 30 output bytes each, 4 mismatched bytes; first on schedule: "
                "inference 2, output 0, byte 5: expected 17, found 18"),
      std::string::npos)
      << text;
  EXPECT_EQ(text.find("verified"), std::string::npos);
  const Json json = Json::parse(verify_json(network, verification));
  EXPECT_EQ(json["mismatched_bytes"], 4);
  EXPECT_EQ(json["first_mismatch"]["byte"], 5);
  EXPECT_EQ(json["runs"][1]["mismatched_bytes"], 4);
}

TEST(Reports, AccessesAreToldByPartOfTheMemory) {
  const Network network = planned({.model = shipped()});
  RunReport run;
  run.figures.on = "cortex-m4";
  run.figures.instructions = 100;
  run.figures.loads = 1070;
  run.figures.stores = 9;
  run.figures.parts = {{"code", 0, 0}, {"weights", 1050, 0}, {"arena", 20, 5}, {"stack", 0, 4}};
  const std::string text = run_text(network, run);
  EXPECT_NE(text.find("accesses      weights 1,050 r, arena 20 r 5 w, stack 4 w\n"), std::string::npos)
      << text;
  const Json json = Json::parse(run_json(network, run))["runs"][0];
  EXPECT_EQ(json["parts"].dump(), R"({"code":{"loads":0,"stores":0},"weights":{"loads":1050,"stores":0},)"
                                  R"("arena":{"loads":20,"stores":5},"stack":{"loads":0,"stores":4}})");
  run.figures.parts.clear();
  EXPECT_TRUE(Json::parse(run_json(network, run))["runs"][0]["parts"].is_null());
  EXPECT_EQ(run_text(network, run).find("accesses"), std::string::npos);
}

TEST(Reports, WhatWasNotComparedHasNoMismatches) {
  const Network network = planned({.model = shipped()});
  RunReport run;
  const Json json = Json::parse(run_json(network, run));
  EXPECT_TRUE(json["mismatched_bytes"].is_null());
  EXPECT_TRUE(json["runs"][0]["mismatched_bytes"].is_null());
  run.compared_bytes = 10;
  run.figures.mismatched_bytes = 0;
  const Json compared = Json::parse(run_json(network, run));
  EXPECT_EQ(compared["mismatched_bytes"], 0);
  EXPECT_EQ(compared["runs"][0]["mismatched_bytes"], 0);
}

TEST(Reports, NamesThatAreNoUtf8StillGiveJson) {
  Network network = planned({.model = shipped()});
  Graph graph = *network.graph;
  for (Tensor &tensor : graph.tensors) tensor.name = "\xFF\xFE";
  network.graph = std::make_shared<const Graph>(std::move(graph));
  EXPECT_TRUE(Json::accept(compile_json(network, {}, {})));
  EXPECT_TRUE(Json::accept(inspect_json(*network.graph)));
}

/// Rows of EXPECTED.tsv with integer and with float ends: raw files in, TensorFlow Lite Micro's bytes out.
class ExpectedOutputs : public testing::TestWithParam<const char *> {};

TEST_P(ExpectedOutputs, AreGivenByRunByteForByte) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto models = test::shared_data() / "models";
  std::map<std::string, std::string> row;
  for (const auto &candidate : test::read_tsv(models / "EXPECTED.tsv")) {
    if (candidate.at("path") == GetParam()) row = candidate;
  }
  ASSERT_FALSE(row.empty()) << GetParam();
  const Network network = planned({.model = (models / GetParam()).string()});
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  const auto input = folder->path() / "input.bin";
  const auto inputs = random_inputs(*network.file, std::stoi(row.at("inputs")), kDefaultSeed);
  ASSERT_TRUE(write_file(input, *output_bytes(input, specs_of(*network.file, network.file->inputs), inputs)));
  for (const char *on : {"interpreter", "schedule"}) {
    const auto outcome = run_network(network, {.input = input, .output = "y.bin", .on = on}, {});
    ASSERT_TRUE(outcome) << outcome.error().text();
    const auto expected = read_file(models / row.at("file"));
    ASSERT_TRUE(expected);
    EXPECT_TRUE(outcome->output == *expected) << GetParam() << " on " << on;
    EXPECT_EQ(outcome->report.ends, "file");
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ExpectedOutputs,
                         testing::Values("tflite_micro/hello_world_int8.tflite",
                                         "mlperf_tiny/kws_ref_model.tflite",
                                         "mlperf_tiny/model_ToyCar_quant_fullint.tflite",
                                         "mlonmcu/CNN_full_quantized.tflite"),
                         [](const auto &row) {
                           std::string name = row.param;
                           for (char &c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace thimble::report
