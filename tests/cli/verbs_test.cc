// What the verbs do with the shipped model.
#include <nlohmann/json.hpp>

#include "cli/tool.h"
#include "read/normalised_model.h"
#include "read/stateful_model.h"

namespace thimble::test {
namespace {

using Json = nlohmann::ordered_json;

class Verbs : public ToolTest {
 protected:
  void SetUp() override { ASSERT_TRUE(std::filesystem::exists(shipped())) << shipped(); }

  /// Standard output of a run that must succeed in silence.
  std::string good(const std::vector<std::string> &arguments, const std::vector<std::string> &settings = {},
                   const std::filesystem::path &in = {}) {
    const auto outcome = thimble_tool(arguments, settings, in);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "") << "progress and warnings have no place in a pipe";
    return outcome.out;
  }
};

std::vector<std::string> keys_of(const Json &object) {
  std::vector<std::string> keys;
  for (const auto &[key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST_F(Verbs, InspectShowsEveryOperator) {
  const std::string text = good({"inspect", shipped()});
  for (const char *kind : {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}) {
    EXPECT_NE(text.find(kind), std::string::npos) << kind;
  }
  const Json json = Json::parse(good({"inspect", shipped(), "--json", "-"}));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_GT(json["operators"].size(), 5u);
  std::int64_t macs = 0;
  for (const Json &op : json["operators"]) macs += op["macs"].get<std::int64_t>();
  EXPECT_EQ(json["compute"]["macs"], macs);
  EXPECT_GT(macs, 0);
}

// Rows of an image as frames.
TEST_F(Verbs, StreamTakesARowPerStep) {
  const auto ambiguous = thimble_tool({"stream", shipped(), "-o", in_folder("none")});
  EXPECT_EQ(ambiguous.exit_code, 1);
  EXPECT_NE(ambiguous.err.find("each of the axes 1 (28 elements), 2 (28 elements)"), std::string::npos)
      << ambiguous.err;
  EXPECT_FALSE(std::filesystem::exists(in_folder("none")));

  const Json json = Json::parse(good({"stream", shipped(), "--axis", "1", "--target", "host", "--verify",
                                      "-o", in_folder("s"), "--json", "-"}));
  EXPECT_EQ(json["verb"], "stream");
  EXPECT_EQ(json["verification"]["mismatched_bytes"], 0);
  EXPECT_GT(json["verification"]["outputs"], 0);
  EXPECT_EQ(json["time"]["period"], 8);
  EXPECT_EQ(json["compute"]["macs_per_step"]["steps"].size(), 8u);
  EXPECT_LT(json["compute"]["macs_per_step"]["average"], json["compute"]["macs_per_step"]["peak"]);
  const Json &memory = json["memory"];
  EXPECT_EQ(memory["arena_bytes"], memory["state_bytes"].get<int>() + memory["step_bytes"].get<int>());
  EXPECT_LE(memory["least_state_bytes"], memory["state_bytes"]);
  for (const Json &file : json["files"])
    EXPECT_TRUE(std::filesystem::exists(in_folder("s/" + file.get<std::string>()))) << file;
}

TEST_F(Verbs, StreamInPartsReportsWhatTheyChange) {
  const Json json = Json::parse(good({"stream", shipped(), "--axis", "1", "--target", "host", "--extra",
                                      "short-rings", "--extra", "spread", "--json", "-"}));
  EXPECT_EQ(json["extras"]["names"], Json::array({"short-rings", "spread"}));
  EXPECT_GT(json["extras"]["operators_in_parts"], 0);
  EXPECT_LT(json["compute"]["macs_per_step"]["peak"], json["extras"]["without"]["macs_per_step"]["peak"]);
  const auto both =
      thimble_tool({"stream", shipped(), "--axis", "1", "--extra", "short-rings", "--extra", "past-taps"});
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_NE(both.err.find("choose past-taps or short-rings"), std::string::npos) << both.err;
}

// y = x + the x before, by a variable that begins with {10, -20}; and a memory of SVDF.
TEST_F(Verbs, StreamTakesNetworksThatKeepStates) {
  const auto write = [&](const char *name, ModelBuilder model) {
    const std::vector<std::uint8_t> bytes = model.bytes();
    std::ofstream(in_folder(name), std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return in_folder(name);
  };
  const std::string model = write("delay.tflite", stateful_model());
  for (const std::string &file : {model, write("svdf.tflite", svdf_model())}) {
    SCOPED_TRACE(file);
    const Json json = Json::parse(
        good({"stream", file, "--keep-states", "--target", "cortex-m4", "--verify", "--json", "-"}));
    EXPECT_EQ(json["time"]["mode"], "states");
    EXPECT_EQ(json["verification"]["steps"], 64);
    EXPECT_EQ(json["verification"]["mismatched_bytes"], 0);
    EXPECT_GT(json["verification"]["runs"][3]["instructions_per_step"]["average"], 0.0);
    const Json &memory = json["memory"];
    EXPECT_EQ(memory["states"].size(), 1u);
    EXPECT_EQ(memory["arena_bytes"], memory["state_bytes"].get<int>() + memory["step_bytes"].get<int>());
    EXPECT_LE(memory["lower_bound_bytes"], memory["arena_bytes"]);
    EXPECT_LE(memory["least_state_bytes"], memory["state_bytes"]);
  }
  // No element of time is all that a memory of SVDF holds.
  EXPECT_EQ(Json::parse(good({"stream", in_folder("svdf.tflite"), "--json", "-"}))["time"]["mode"], "states");
  for (const char *verb : {"compile", "verify", "pareto"}) {
    std::vector<std::string> arguments{verb, model};
    if (std::string(verb) == "compile") arguments.insert(arguments.end(), {"-o", in_folder("none")});
    const auto refused = thimble_tool(arguments);
    EXPECT_EQ(refused.exit_code, 1) << verb;
    EXPECT_NE(refused.err.find("take C that keeps them from: thimble stream"), std::string::npos)
        << refused.err;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  }
  const auto frames = thimble_tool({"stream", model, "--keep-states", "--hop", "2"});
  EXPECT_EQ(frames.exit_code, 1);
  EXPECT_NE(frames.err.find("leave out --axis, --mode, --hop, --causal and --extra"), std::string::npos)
      << frames.err;
  EXPECT_EQ(thimble_tool({"stream", shipped(), "--keep-states"}).exit_code, 1);
}

TEST_F(Verbs, ParetoListsPlansThatCompileByName) {
  const Json json = Json::parse(good({"pareto", shipped(), "--json", "-"}));
  const Json &points = json["points"];
  ASSERT_GT(points.size(), 1u);
  for (std::size_t p = 1; p < points.size(); ++p) {
    EXPECT_LT(points[p]["arena_bytes"], points[p - 1]["arena_bytes"]);
    EXPECT_GT(points[p]["overhead"], points[p - 1]["overhead"]);
  }
  const std::string text = good({"pareto", shipped()});
  EXPECT_NE(text.find("overhead"), std::string::npos);

  const Json &last = points.back();
  const Json plan = Json::parse(good({"compile", shipped(), "--plan", last["plan"], "--target", "host", "-o",
                                      in_folder("p"), "--json", "-"}));
  EXPECT_EQ(plan["memory"]["arena_bytes"], last["arena_bytes"]);
  EXPECT_EQ(plan["compute"]["overhead"], last["overhead"]);
  const auto unknown = thimble_tool({"compile", shipped(), "--plan", "p999", "-o", in_folder("q")});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("p999"), std::string::npos);
}

TEST_F(Verbs, PassesAreListedAndCanBeLeftOut) {
  const std::string text = good({"pareto", shipped(), "--passes", "--max-overhead", "1.01"});
  EXPECT_NE(text.find("remove_channels"), std::string::npos) << text;
  const std::vector<std::string> verify{"verify", shipped(), "--target", "host", "--inputs", "1"};
  auto arguments = verify;
  for (const char *more : {"--no-pass", "relax_activations", "--no-pass", "merge_common", "--json", "-"})
    arguments.emplace_back(more);
  const Json json = Json::parse(good(arguments));
  EXPECT_EQ(json["mismatched_bytes"], 0);
  ASSERT_GT(json["passes"].size(), 10u);
  for (const Json &pass : json["passes"]) {
    EXPECT_EQ(keys_of(pass), (std::vector<std::string>{"name", "enabled", "changes", "operators_removed",
                                                       "macs_removed", "constant_bytes_removed"}));
    const std::string name = pass["name"];
    EXPECT_EQ(pass["enabled"],
              name != "relax_activations" && name != "merge_common" && name != "fold_floats");
  }
  const auto unknown = thimble_tool({"pareto", shipped(), "--no-pass", "magic"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("magic"), std::string::npos);
}

TEST_F(Verbs, FoldedFloatsAreVerifiedAgainstTheirOwnInterpreter) {
  const std::string model = in_folder("normalised.tflite");
  const std::vector<std::uint8_t> bytes = normalised_model().bytes();
  std::ofstream(model, std::ios::binary)
      .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const std::vector<std::string> verify{"verify", model, "--target", "host"};
  EXPECT_EQ(good(verify).find("rounding"), std::string::npos);
  auto arguments = verify;
  arguments.emplace_back("--fold-floats");
  const std::string text = good(arguments);
  EXPECT_NE(text.find("rounding: outputs are at most"), std::string::npos) << text;
  EXPECT_NE(text.find("0 mismatched bytes"), std::string::npos) << text;
  arguments.insert(arguments.end(), {"--json", "-"});
  const Json json = Json::parse(good(arguments));
  EXPECT_EQ(json["mismatched_bytes"], 0);
  EXPECT_EQ(json["rounds_differently"], true);
  EXPECT_GT(json["deviation"]["largest"], 0.0);
  EXPECT_LT(json["deviation"]["largest"], 1e-6);
  EXPECT_TRUE(json["runs"][0]["mismatched_bytes"].is_null()) << "the interpreter is the reference";
}

TEST_F(Verbs, MaxOverheadTradesComputationForMemory) {
  const auto plan = [&](const std::string &limit) {
    return Json::parse(good(
        {"verify", shipped(), "--max-overhead", limit, "--target", "host", "--inputs", "1", "--json", "-"}));
  };
  const Json once = plan("1");
  const Json again = plan("2");
  EXPECT_EQ(once["compute"]["overhead"], 1.0);
  EXPECT_LT(again["memory"]["arena_bytes"], once["memory"]["arena_bytes"]);
  EXPECT_LE(again["compute"]["overhead"], 2.0);
  EXPECT_EQ(again["mismatched_bytes"], 0);
  EXPECT_EQ(thimble_tool({"verify", shipped(), "--max-overhead", "0.5"}).exit_code, 2);
}

TEST_F(Verbs, CompileEmitsAPlannedModelFile) {
  const std::string file = in_folder("planned.tflite");
  const std::string text = good({"compile", shipped(), "--emit", "tflite", "-o", file});
  EXPECT_NE(text.find("arena for tensors"), std::string::npos);
  EXPECT_NE(text_of(file).find("OfflineMemoryAllocation"), std::string::npos);
  const Json json = Json::parse(good({"compile", shipped(), "--emit", "tflite", "-o", file, "--json", "-"}));
  EXPECT_EQ(json["emit"], "tflite");
  EXPECT_GE(json["memory"]["arena_bytes"], json["memory"]["allocation_bound_bytes"]);
  for (const Json &tensor : json["tensors"]) {
    EXPECT_EQ(tensor["offset"].get<std::int64_t>() % 16, 0);
    EXPECT_LE(tensor["offset"].get<std::int64_t>() + tensor["bytes"].get<std::int64_t>(),
              json["memory"]["arena_bytes"].get<std::int64_t>());
  }
  // It is a model like any other, with the same answers.
  const std::string before = in_folder("before.bin"), after = in_folder("after.bin");
  good({"run", shipped(), "--input", shipped("inputs.bin"), "--output", before});
  good({"run", file, "--input", shipped("inputs.bin"), "--output", after});
  EXPECT_EQ(text_of(before), text_of(after));
  EXPECT_FALSE(text_of(after).empty());

  const auto refused = thimble_tool({"compile", shipped(), "--emit", "tflite", "-o", file, "--ram", "1k"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("more than the limit of 1,024"), std::string::npos) << refused.err;
}

TEST_F(Verbs, CompileWritesTheProgramAndItsPlan) {
  const std::string text =
      good({"compile", shipped(), "-o", in_folder("c"), "--json", in_folder("plan.json"), "--name", "net"});
  EXPECT_NE(text.find("arena"), std::string::npos);
  const Json json = Json::parse(text_of(folder() / "plan.json"));
  EXPECT_EQ(json["verb"], "compile");
  EXPECT_EQ(json["name"], "net");
  EXPECT_EQ(json["numerics"], "tflm");
  EXPECT_EQ(json["target"], "cortex-m4");
  EXPECT_EQ(keys_of(json["memory"]),
            (std::vector<std::string>{"arena_bytes", "lower_bound_bytes", "allocation_bound_bytes",
                                      "msf_bytes", "input_bytes", "output_bytes", "scratch_bytes",
                                      "state_bytes", "stall_cycles", "stall_bound_cycles", "regions"}));
  ASSERT_EQ(json["memory"]["regions"].size(), 1u);
  EXPECT_EQ(json["memory"]["regions"][0]["bytes"], json["memory"]["arena_bytes"]);
  EXPECT_EQ(json["memory"]["stall_cycles"], 0);
  EXPECT_EQ(json["memory"]["input_bytes"], 784);
  EXPECT_EQ(json["memory"]["output_bytes"], 10);
  EXPECT_GE(json["memory"]["arena_bytes"], json["memory"]["allocation_bound_bytes"]);
  EXPECT_GE(json["memory"]["allocation_bound_bytes"], json["memory"]["lower_bound_bytes"]);
  EXPECT_GT(json["flash"]["weights_bytes"], 1000);
  EXPECT_EQ(json["compute"]["macs"], json["compute"]["macs_unplanned"]);
  for (const Json &buffer : json["buffers"]) {
    EXPECT_EQ(keys_of(buffer), (std::vector<std::string>{"tensor", "kind", "region", "offset", "size",
                                                         "first", "last", "made_by", "loads", "stores"}));
    EXPECT_LE(buffer["offset"].get<std::int64_t>() + buffer["size"].get<std::int64_t>(),
              json["memory"]["arena_bytes"].get<std::int64_t>());
  }
  std::int64_t macs = 0;
  for (const Json &stage : json["stages"]) macs += stage["macs"].get<std::int64_t>();
  EXPECT_EQ(json["compute"]["macs"], macs);

  const auto files = files_below(folder() / "c");
  EXPECT_EQ(files.size(), json["files"].size());
  for (const Json &name : json["files"]) EXPECT_TRUE(files.count(name.get<std::string>())) << name;
  for (const char *name : {"net.h", "net.c", "main.c", "CMakeLists.txt"})
    EXPECT_TRUE(files.count(name)) << name;
}

TEST_F(Verbs, CompileGivesTheSameBytesInAnyFolderAndLocale) {
  std::filesystem::create_directories(folder() / "a" / "deep");
  const std::vector<std::vector<std::string>> locales{
      {"LC_ALL=C"}, {"LC_ALL=C.UTF-8"}, {"LC_ALL=de_DE.UTF-8"}, {"LC_ALL=tr_TR.UTF-8"}, {}};
  std::vector<std::map<std::string, std::string>> programs;
  std::vector<std::string> reports;
  for (std::size_t i = 0; i < locales.size(); ++i) {
    const std::string out = in_folder("out" + std::to_string(i));
    const std::string plan = out + ".json";
    good({"compile", shipped(), "-o", out, "--target", "host", "--selftest", "--json", plan}, locales[i],
         i % 2 == 0 ? folder() : folder() / "a" / "deep");
    programs.push_back(files_below(out));
    reports.push_back(text_of(plan));
  }
  for (std::size_t i = 1; i < programs.size(); ++i) {
    EXPECT_EQ(programs[i], programs[0]);
    EXPECT_EQ(reports[i], reports[0]);
  }
  ASSERT_FALSE(programs[0].empty());
  for (const auto &[name, text] : programs[0]) {
    EXPECT_EQ(text.find(folder().string()), std::string::npos) << name << " names a folder of this machine";
  }
}

TEST_F(Verbs, TheModelsFolderDoesNotShowInTheProgram) {
  std::filesystem::copy_file(shipped(), folder() / "fashion_mnist.tflite");
  good({"compile", "fashion_mnist.tflite", "-o", "a", "--target", "host"}, {}, folder());
  good({"compile", shipped(), "-o", in_folder("b"), "--target", "host"});
  EXPECT_EQ(files_below(folder() / "a"), files_below(folder() / "b"));
}

TEST_F(Verbs, RunGivesTheSameBytesOnInterpreterAndSchedule) {
  const std::string text = good({"run", shipped(), "--input", shipped("inputs.bin"), "--output",
                                 in_folder("a"), "--labels", shipped("labels.bin")});
  EXPECT_NE(text.find("accuracy"), std::string::npos);
  const Json json =
      Json::parse(good({"run", shipped(), "--input", shipped("inputs.bin"), "--output", in_folder("b"),
                        "--labels", shipped("labels.bin"), "--on", "schedule", "--compare", "--json", "-"}));
  EXPECT_EQ(text_of(folder() / "a").size(), 1000u);
  EXPECT_EQ(text_of(folder() / "a"), text_of(folder() / "b"));
  EXPECT_EQ(json["inferences"], 100);
  EXPECT_EQ(json["compared_bytes"], 1000);
  EXPECT_EQ(json["mismatched_bytes"], 0);
  EXPECT_EQ(json["accuracy"]["of"], 100);
  EXPECT_GE(json["accuracy"]["right"], 80)
      << "the shipped classifier is at 88 % or more on the whole test set";
}

TEST_F(Verbs, RunRefusesInputsAndLabelsOfWrongSize) {
  ASSERT_TRUE(write_file(folder() / "short", std::string(783, 'x')));
  const auto outcome =
      thimble_tool({"run", shipped(), "--input", in_folder("short"), "--output", in_folder("y")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("783 bytes"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("784 bytes"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder() / "y"));
  ASSERT_TRUE(write_file(folder() / "labels", std::string(99, '\0')));
  const auto labels =
      thimble_tool({"run", shipped(), "--input", shipped("inputs.bin"), "--labels", in_folder("labels")});
  EXPECT_EQ(labels.exit_code, 1);
  EXPECT_NE(labels.err.find("99 labels for 100 inferences"), std::string::npos) << labels.err;
}

TEST_F(Verbs, VerifyOnTheTargetFindsNoDifference) {
  const Json json = Json::parse(good({"verify", shipped(), "--inputs", "2", "--json", "-"}));
  EXPECT_EQ(json["verb"], "verify");
  EXPECT_EQ(json["inputs"], 2);
  EXPECT_EQ(json["mismatched_bytes"], 0);
  EXPECT_GT(json["flash"]["code_bytes"], 0);
  std::vector<std::string> on;
  for (const Json &run : json["runs"]) {
    on.push_back(run["on"]);
    EXPECT_EQ(run["mismatched_bytes"], 0);
  }
  EXPECT_EQ(on, (std::vector<std::string>{"interpreter", "schedule", "host", "cortex-m4"}));
  const Json &target = json["runs"].back();
  EXPECT_GT(target["instructions"], json["compute"]["macs"]);
  EXPECT_GE(target["cycles_estimate"], target["instructions"]);
  // Three functions of a stage of pixels, and a kernel that lists what a pixel reads.
  EXPECT_LE(target["stack_bytes"], 640);
  EXPECT_GT(target["loads"], target["stores"]);
  EXPECT_TRUE(json["runs"][0]["instructions"].is_null());
}

TEST_F(Verbs, CostsAreForetoldWithinATwentieth) {
  for (const char *wish : {"ram", "latency"}) {
    const Json json =
        Json::parse(good({"verify", shipped(), "--inputs", "1", "--minimize", wish, "--json", "-"}));
    const Json &run = json["runs"].back(), &estimate = json["estimate"];
    EXPECT_NEAR(estimate["instructions"].get<double>() / run["instructions"].get<double>(), 1, 0.05) << wish;
    EXPECT_NEAR(estimate["cycles"].get<double>() / run["cycles_estimate"].get<double>(), 1, 0.05) << wish;
  }
}

TEST_F(Verbs, VerifyTellsWhatEachOperatorTakes) {
  // Fused, fed row by row, and whole tensors; the last in several memories under QEMU.
  for (const std::vector<std::string> &plan : std::vector<std::vector<std::string>>{
           {},
           {"--stream-input"},
           {"--space", "whole", "--target", "cortex-m55", "--memory", "a=16k", "--memory", "b=10k:2"}}) {
    const std::string report = in_folder("report.json");
    std::vector<std::string> arguments = {"verify", shipped(), "--inputs", "1", "--json", report};
    arguments.insert(arguments.end(), plan.begin(), plan.end());
    arguments.emplace_back("--operators");
    const std::string text = good(arguments);
    EXPECT_NE(text.find("\n2:DEPTHWISE_CONV_2D"), std::string::npos) << text;
    const Json json = Json::parse(text_of(report));
    if (plan.empty()) {
      arguments.pop_back();
      good(arguments);
      const Json without = Json::parse(text_of(report));
      EXPECT_TRUE(without["operators"].is_null());
      EXPECT_EQ(json["runs"], without["runs"]) << "asking changes no count";
    }
    const Json &run = json["runs"].back();
    for (const char *figure : {"instructions", "cycles_estimate", "loads", "stores"}) {
      double sum = 0;
      for (const Json &op : json["operators"]) sum += op[figure].get<double>();
      // The marks may change how the compiler orders what stands around them.
      EXPECT_NEAR(sum / run[figure].get<double>(), 1, 0.005) << figure;
    }
    std::int64_t macs = 0;
    for (const Json &op : json["operators"]) {
      macs += op["macs"].get<std::int64_t>();
      if (op["kind"] == "CONV_2D") {
        EXPECT_GT(op["loads"], 1000) << op;
      }
    }
    EXPECT_EQ(json["compute"]["macs"], macs);
    const Json &around = json["operators"][0];
    EXPECT_TRUE(around["op"].is_null() && around["kind"].is_null() && around["variant"].is_null());
    EXPECT_LT(around["instructions"], run["instructions"].get<std::int64_t>() / 1000);
  }
}

TEST_F(Verbs, OperatorsAreNotCountedOnTheHost) {
  const auto outcome = thimble_tool({"verify", shipped(), "--target", "host", "--operators"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("nothing is counted on the host"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Verbs, VerifyPrintsAVerdict) {
  const std::string text = good({"verify", shipped(), "--inputs", "1", "--target", "host"});
  EXPECT_NE(text.find("verified: 1 input (seed 12345), 10 output bytes each, 0 mismatched bytes\n"),
            std::string::npos)
      << text;
}

TEST_F(Verbs, JsonOnStandardOutputIsNothingButJson) {
  for (const std::vector<std::string> &arguments :
       std::vector<std::vector<std::string>>{{"inspect", shipped()},
                                             {"compile", shipped(), "-o", in_folder("c"), "--target", "host"},
                                             {"run", shipped(), "--input", shipped("inputs.bin")},
                                             {"verify", shipped(), "--inputs", "1", "--target", "host"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--json", "-"});
    const std::string text = good(all);
    ASSERT_TRUE(Json::accept(text)) << text;
    const Json json = Json::parse(text);
    const std::vector<std::string> keys = keys_of(json);
    ASSERT_GE(keys.size(), 5u);
    EXPECT_EQ((std::vector<std::string>(keys.begin(), keys.begin() + 5)),
              (std::vector<std::string>{"schema", "thimble", "verb", "model", "numerics"}));
    EXPECT_EQ(json["verb"], arguments[0]);
    EXPECT_EQ(json["model"]["sha256"].get<std::string>().size(), 64u);
    EXPECT_EQ(text.back(), '\n');
  }
}

}  // namespace
}  // namespace thimble::test
