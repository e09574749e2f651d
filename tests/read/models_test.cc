// Real files: every .tflite of the shared data is either a graph or a clean error.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <set>

#include "goldens/golden_pack.h"
#include "support/shared_data.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> tflite_rows(const std::function<bool(const std::string &set)> &wanted) {
  std::vector<Row> rows;
  for (Row &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (row["path"].ends_with(".tflite") && wanted(row["set"])) rows.push_back(std::move(row));
  }
  return rows;
}

void expect_clean(const Error &error, const std::string &file) {
  ASSERT_FALSE(error.lines.empty());
  for (const Diagnostic &line : error.lines) {
    EXPECT_EQ(line.file, file);
    EXPECT_FALSE(line.reason.empty());
    EXPECT_EQ(line.text().find('\n'), std::string::npos);
  }
}

TEST(Models, CoreNetworksAreAllRead) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto rows = tflite_rows([](const std::string &set) { return set == "core"; });
  EXPECT_EQ(rows.size(), 82u);
  for (const Row &row : rows) {
    const auto graph = read_tflite(shared_data() / "models" / row.at("path"));
    EXPECT_TRUE(graph.has_value()) << graph.error().text();
    if (graph) {
      EXPECT_EQ(graph->sha256, row.at("sha256")) << row.at("path");
    }
  }
}

TEST(Models, NegativeOnesAreRefusedWithOneLinePerProblem) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto rows = tflite_rows([](const std::string &set) { return set.starts_with("negative"); });
  EXPECT_GE(rows.size(), 3u);
  for (const Row &row : rows) {
    const std::filesystem::path path = shared_data() / "models" / row.at("path");
    const auto graph = read_tflite(path);
    ASSERT_FALSE(graph.has_value()) << row.at("path");
    expect_clean(graph.error(), path.string());
    if (row.at("path").find("vela") != std::string::npos) {
      EXPECT_NE(graph.error().text().find("compiled for an Arm Ethos-U by Vela"), std::string::npos);
    }
  }
}

TEST(Models, EveryOperatorThatCannotBeSupportedIsListedAtOnce) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto kinds = [](const char *file) {
    std::map<std::string, int> count;
    const auto graph = read_tflite(shared_data() / "models" / file);
    if (graph) return count;
    for (const Diagnostic &line : graph.error().lines) {
      // Operators of one kind with one problem share a line that counts them.
      const std::string more = ", as with ";
      const std::size_t at = line.reason.find(more);
      count[line.op_name] +=
          1 + (at == std::string::npos ? 0 : std::stoi(line.reason.substr(at + more.size())));
    }
    return count;
  };
  using Kinds = std::map<std::string, int>;
  EXPECT_EQ(kinds("coral/mobilenet_v1_0.25_128_quant.tflite"),
            (Kinds{{"CONV_2D", 15}, {"DEPTHWISE_CONV_2D", 13}, {"AVERAGE_POOL_2D", 1}, {"SOFTMAX", 1}}));
  EXPECT_EQ(kinds("mlperf_tiny/kws_ref_model_float32.tflite"), (Kinds{{"CONV_2D", 5}}))
      << "only these are hybrid";
  EXPECT_EQ(kinds("coral/deeplabv3_mnv2_dm05_pascal_quant.tflite"), (Kinds{{"ADD", 10},
                                                                           {"ARG_MAX", 1},
                                                                           {"AVERAGE_POOL_2D", 1},
                                                                           {"CONV_2D", 38},
                                                                           {"DEPTHWISE_CONV_2D", 17},
                                                                           {"QUANTIZE", 1},
                                                                           {"RESIZE_BILINEAR", 3}}));
}

TEST(Models, EveryFileIsAGraphOrACleanError) {
  THIMBLE_NEEDS_SHARED_DATA();
  const auto rows = tflite_rows([](const std::string &) { return true; });
  int accepted = 0;
  std::set<std::string> missing;
  for (const Row &row : rows) {
    const std::filesystem::path path = shared_data() / "models" / row.at("path");
    const auto graph = read_tflite(path);
    if (graph) {
      ++accepted;
      continue;
    }
    expect_clean(graph.error(), path.string());
    for (const Diagnostic &line : graph.error().lines) {
      if (line.reason.rfind("this kind of operator is not supported", 0) == 0) missing.insert(line.op_name);
    }
  }
  std::cout << accepted << " of " << rows.size() << " files are graphs; " << missing.size()
            << " kinds of operators are missing\n";
  EXPECT_GE(accepted, 300);
}

TEST(Models, EveryGoldenIsRead) {
  const std::filesystem::path folder = std::filesystem::path(THIMBLE_SOURCE_DIR) / "tests" / "goldens";
  int models = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".pack") continue;
    for (const GoldenCase &golden : read_golden_pack(entry.path())) {
      const auto graph = read_tflite(golden.model, golden.name);
      EXPECT_TRUE(graph.has_value()) << entry.path().filename() << ": " << graph.error().text();
      ++models;
    }
  }
  EXPECT_GT(models, 100);
}

}  // namespace
}  // namespace thimble::test
