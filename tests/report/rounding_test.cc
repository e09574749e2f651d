// What reports say where passes changed how floats round.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "read/normalised_model.h"
#include "thimble/report/deviation.h"
#include "thimble/report/json.h"
#include "thimble/report/pareto.h"
#include "thimble/report/text.h"

namespace thimble::report {
namespace {

using Json = nlohmann::ordered_json;

class Rounding : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = std::filesystem::temp_directory_path() / ("thimble_rounding_" + name + ".tflite");
    const std::vector<std::uint8_t> bytes = test::normalised_model().bytes();
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  CompileOptions options(bool fold_floats) const {
    return {.model = path_.string(), .fold_floats = fold_floats};
  }

 private:
  std::filesystem::path path_;
};

TEST_F(Rounding, IsTheFilesByDefault) {
  const auto network = plan_network(options(false));
  ASSERT_TRUE(network) << network.error().text();
  const std::string text = compile_text(*network, {}, {});
  EXPECT_EQ(text.find("round differently"), std::string::npos) << text;
  EXPECT_EQ(text.find("fold_floats"), std::string::npos) << text;
  const Json json = Json::parse(compile_json(*network, {}, {}));
  EXPECT_EQ(json["fold_floats"], false);
  EXPECT_EQ(json["rounds_differently"], false);
}

TEST_F(Rounding, ThatDiffersIsToldEverywhere) {
  const auto network = plan_network(options(true));
  ASSERT_TRUE(network) << network.error().text();
  EXPECT_EQ(network->graph->ops.size(), network->file->ops.size() - 2);
  const std::string line = "2 operators are part of float weights: results round differently";
  const std::string text = compile_text(*network, {}, {});
  EXPECT_NE(text.find(line), std::string::npos) << text;
  const Json json = Json::parse(compile_json(*network, {}, {}));
  EXPECT_EQ(json["fold_floats"], true);
  EXPECT_EQ(json["rounds_differently"], true);

  const auto front = plan_front(options(true));
  ASSERT_TRUE(front) << front.error().text();
  EXPECT_NE(pareto_text(*front).find(line), std::string::npos);
  EXPECT_EQ(Json::parse(pareto_json(*front))["rounds_differently"], true);

  const auto program = emit_network(*network);
  ASSERT_TRUE(program) << program.error().text();
  bool named = false;
  for (const auto &[name, file] : program->files) named |= file.find("--fold-floats") != std::string::npos;
  EXPECT_TRUE(named) << "the options stand in the program";
}

TEST_F(Rounding, OfNothingFoldedIsTheFiles) {
  CompileOptions without = options(true);
  without.without = {"fold_floats"};
  const auto network = plan_network(without);
  ASSERT_TRUE(network) << network.error().text();
  const Json json = Json::parse(compile_json(*network, {}, {}));
  EXPECT_EQ(json["fold_floats"], true);
  EXPECT_EQ(json["rounds_differently"], false);
}

Graph one_output(ElementType type, Quantization quantization = {}) {
  Graph graph;
  graph.tensors.resize(1);
  graph.tensors[0].type = type;
  graph.tensors[0].quantization = std::move(quantization);
  graph.outputs = {0};
  return graph;
}

Deviation of_floats(const std::vector<float> &expected, const std::vector<float> &found) {
  return deviation(one_output(ElementType::float32), {{test::bytes_of(expected)}}, {{test::bytes_of(found)}});
}

TEST(Deviations, AreLargestDifferences) {
  const Deviation ordinary = of_floats({1.0f, -4.0f, 2.0f}, {1.25f, -4.0f, 1.5f});
  EXPECT_EQ(ordinary.largest, 0.5);
  EXPECT_EQ(ordinary.magnitude, 4.0);
  EXPECT_EQ(deviation_text(ordinary),
            "rounding: outputs are at most 0.5 from the model file's, which go up to 4");
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(of_floats({nan, infinity, 0.0f}, {nan, infinity, -0.0f}).largest, 0.0);
  EXPECT_EQ(of_floats({nan}, {1.0f}).largest, infinity);
  EXPECT_EQ(of_floats({infinity}, {1.0f}).largest, infinity);
  const Deviation stored =
      deviation(one_output(ElementType::int8, {{0.5f}, {-3}, 0}), {{Bytes{1, 2}}}, {{Bytes{1, 4}}});
  EXPECT_EQ(stored.largest, 1.0);
  EXPECT_EQ(stored.magnitude, 2.5);
}

}  // namespace
}  // namespace thimble::report
