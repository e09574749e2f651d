// thimble soi as a user calls it, and its files in TensorFlow Lite itself.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/tool.h"
#include "soi/networks.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/tflite.h"
#include "thimble/report/npy.h"
#include "thimble/write/tflite.h"

namespace thimble::test {
namespace {

using Json = nlohmann::json;

class Soi : public ToolTest {
 protected:
  std::string save(const Graph &graph, const std::string &name) const {
    const auto bytes = write_tflite(graph);
    EXPECT_TRUE(bytes) << bytes.error().text();
    EXPECT_TRUE(write_file(in_folder(name), *bytes));
    return in_folder(name);
  }
  std::string small_u_net() const { return save(u_net({{6, 8, 10}, {}, 0, 0, 4, 48}), "net.tflite"); }
  /// Slow waves for the input of small_u_net.
  std::string recording() const {
    report::NpyArray array{ElementType::float32, {200, 1, 4}, {}};
    for (int i = 0; i < 800; ++i) {
      const float value = static_cast<float>(std::sin(0.1 * (i / 4) + i % 4));
      const auto *bytes = reinterpret_cast<const std::uint8_t *>(&value);
      array.bytes.insert(array.bytes.end(), bytes, bytes + 4);
    }
    EXPECT_TRUE(write_file(in_folder("stream.npy"), report::npy_bytes(array)));
    return in_folder("stream.npy");
  }
};

std::string good(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "soi");
  const auto outcome = thimble_tool(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

std::string bad(std::vector<std::string> arguments, int code) {
  arguments.insert(arguments.begin(), "soi");
  const auto outcome = thimble_tool(arguments);
  EXPECT_EQ(outcome.exit_code, code) << outcome.out;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  return outcome.err;
}

TEST_F(Soi, ListsPositions) {
  const std::string model = small_u_net();
  EXPECT_NE(good({model, "--list"}).find("position  way in"), std::string::npos);
  const Json json = Json::parse(good({model, "--list", "--json", "-"}));
  EXPECT_EQ(json["verb"], "soi");
  EXPECT_EQ(json["positions"].size(), 3u);
  EXPECT_EQ(json["positions"][0]["meets"], "join");
}

TEST_F(Soi, WritesModelAndProgramThatAreVerified) {
  const std::string model = small_u_net();
  for (const std::vector<std::string> &how :
       std::vector<std::vector<std::string>>{{"--kind", "pp"},
                                             {"--kind", "fp"},
                                             {"--kind", "fp", "--shift", "3", "--extrapolate", "linear"},
                                             {"--extrapolate", "tconv"},
                                             {"--hold"}}) {
    SCOPED_TRACE(how.back());
    std::vector<std::string> arguments = {model,    "--pairs",          "1|3",      "--verify",
                                          "-o",     in_folder("out"),   "--target", "host",
                                          "--json", in_folder("r.json")};
    arguments.insert(arguments.end(), how.begin(), how.end());
    good(arguments);
    const Json json = Json::parse(text_of(in_folder("r.json")));
    EXPECT_EQ(json["mismatched_bytes"], 0);
    EXPECT_EQ(json["after"]["macs_per_step"]["average"].get<double>() <
                  json["before"]["macs_per_step"]["average"].get<double>(),
              true);
    const auto files = files_below(in_folder("out"));
    EXPECT_EQ(files.count("net.tflite"), 1u);
    EXPECT_EQ(files.count("net.h"), 1u);
    EXPECT_TRUE(read_tflite(in_folder("out") + "/net.tflite"));
  }
}

TEST_F(Soi, SearchesOnData) {
  const std::string model = small_u_net(), data = recording();
  const std::string text = good({model, "--search", "--macs-avg", "60%", "--data", data});
  EXPECT_NE(text.find("injected SNR dB"), std::string::npos) << text;
  const Json json =
      Json::parse(good({model, "--search", "--macs-avg", "60%", "--data", data, "--json", "-"}));
  ASSERT_FALSE(json["front"].empty());
  for (const Json &point : json["front"]) {
    EXPECT_LE(point["cost"]["macs_per_step"]["average"].get<double>(),
              0.6 * json["before"]["macs_per_step"]["average"].get<double>());
  }
  EXPECT_EQ(json["windows"], 4);
  const auto none = thimble_tool({"soi", model, "--search", "--macs-avg", "1%", "--data", data});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.out.find("the best is"), std::string::npos) << none.out;
  EXPECT_NE(none.out.find("no plan keeps to all limits"), std::string::npos) << none.out;
}

TEST_F(Soi, WhatMakesNoSenseIsOneLine) {
  const std::string model = small_u_net(), data = recording();
  EXPECT_NE(bad({model}, 2).find("one of --list, --pairs and --search"), std::string::npos);
  EXPECT_NE(bad({model, "--pairs", "1-2"}, 2).find("no list of positions"), std::string::npos);
  EXPECT_NE(bad({model, "--pairs", "1", "--shift", "1"}, 2).find("--kind fp"), std::string::npos);
  EXPECT_NE(bad({model, "--pairs", "1", "--hold", "--kind", "fp"}, 2).find("--hold neither"),
            std::string::npos);
  EXPECT_NE(bad({model, "--search"}, 2).find("needs --data"), std::string::npos);
  EXPECT_NE(bad({model, "--search", "--data", data, "--macs-avg", "x"}, 2).find("neither a share"),
            std::string::npos);
  EXPECT_NE(bad({model, "--pairs", "4"}, 1).find("its last is 3"), std::string::npos);
  EXPECT_NE(bad({model, "--pairs", "1|1"}, 1).find("twice"), std::string::npos);
  EXPECT_NE(bad({shipped(), "--axis", "3", "--pairs", "1"}, 1).find("has no part"), std::string::npos);
  EXPECT_NE(bad({model, "--search", "--data", model}, 1).find("no whole number of windows"),
            std::string::npos);
}

/// TensorFlow Lite's outputs, by its reference kernels; nothing where it is not installed.
std::optional<Bytes> by_tensorflow_lite(const std::string &model, const Bytes &input,
                                        const std::filesystem::path &folder) {
  const char *named = std::getenv("THIMBLE_PYTHON");
  EXPECT_TRUE(write_file(folder / "x.bin", input));
  ProcessRequest request;
  request.arguments = {named != nullptr ? named : "python3",
                       std::string(THIMBLE_SOURCE_DIR) + "/tests/cli/run_tflite.py", model,
                       (folder / "x.bin").string(), (folder / "y.bin").string()};
  request.timeout_seconds = 120;
  const auto outcome = run_process(request);
  if (!outcome || outcome->exit_code == 77) {
    std::cout << (outcome ? outcome->out : outcome.error().text() + "\n");
    return std::nullopt;
  }
  EXPECT_EQ(outcome->exit_code, 0) << outcome->err;
  return read_file(folder / "y.bin").value_or(Bytes{});
}

/// Of the largest value, how far the two are apart; of integers, in steps.
double largest_difference(const Bytes &a, const Bytes &b, ElementType type) {
  double largest = 0, scale = 1e-9;
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i + 4 <= a.size() && type == ElementType::float32; i += 4) {
    float x, y;
    std::memcpy(&x, &a[i], 4);
    std::memcpy(&y, &b[i], 4);
    largest = std::max(largest, double{std::abs(x - y)});
    scale = std::max(scale, double{std::abs(x)});
  }
  if (type == ElementType::float32) return largest / scale;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int apart = static_cast<std::int8_t>(a[i]) - static_cast<std::int8_t>(b[i]);
    largest = std::max(largest, static_cast<double>(std::abs(apart)));
  }
  return largest;
}

TEST_F(Soi, TensorFlowLiteComputesTheSame) {
  int models = 0, skips = 0;
  for (const ElementType type : {ElementType::int8, ElementType::float32}) {
    for (const Family family : kFamilies) {
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        SCOPED_TRACE(std::string(name_of(type)) + " family " + std::to_string(static_cast<int>(family)) +
                     " seed " + std::to_string(seed));
        const Timeline net(random_soi_network(seed, family, type));
        const auto positions = net.positions();
        if (positions.empty() || !write_tflite(net.graph)) continue;  // pools of some paddings
        Random random(seed);
        soi::Pairs pairs{some_pairs(positions, random)};
        std::vector<std::string> arguments = {save(net.graph, "net.tflite"),
                                              "--pairs",
                                              soi::pairs_text(pairs.numbers),
                                              "-o",
                                              in_folder("soi.tflite"),
                                              "--axis",
                                              "1"};
        if (seed % 2 == 1) arguments.insert(arguments.end(), {"--kind", "fp", "--shift", "2"});
        if (seed % 3 > 0)
          arguments.insert(arguments.end(), {"--extrapolate", seed % 3 == 1 ? "tconv" : "linear"});
        good(arguments);
        const auto graph = read_tflite(in_folder("soi.tflite"));
        ASSERT_TRUE(graph) << graph.error().text();
        const auto inputs = random_inputs(*graph, seed);
        const auto theirs = by_tensorflow_lite(in_folder("soi.tflite"), inputs[0], folder());
        if (!theirs) GTEST_SKIP() << "no TensorFlow Lite (THIMBLE_PYTHON names a Python that has it)";
        const Bytes ours = interpret_outputs(*graph, inputs).value()[0];
        EXPECT_LE(largest_difference(ours, *theirs, type), type == ElementType::int8 ? 0 : 1e-5);
        ++models;
        for (const Op &op : graph->ops) skips += graph->tensor(op.output()).name.ends_with("/fresh");
      }
    }
  }
  std::cout << models << " models, " << skips << " fresh skips\n";
  EXPECT_GE(models, 20);
}

}  // namespace
}  // namespace thimble::test
