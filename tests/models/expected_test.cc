// Real models: the interpreter gives what TensorFlow Lite Micro gives (see README.md of the shared models for
// how inputs are made). Rows that the reader refuses must be refused for a reason that is documented here.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <set>

#include "models/comparison.h"
#include "models/expected_rows.h"
#include "support/shared_data.h"
#include "thimble/base/hash.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

/// In builds with assertions and sanitizers, networks with more multiply-accumulates than this run their
/// first input only, so that the test stays short.
constexpr std::int64_t kLargeNetwork = 100'000'000;
#ifdef NDEBUG
constexpr bool kShort = false;
#else
constexpr bool kShort = true;
#endif

/// What Thimble does not take, as parts of its diagnostics. A model may be refused for nothing else.
constexpr const char *kKnownLimits[] = {
    "this kind of operator is not supported",
    "the input is quantised per channel",  // hybrid: per-channel weights that are dequantised
    "this network output is a constant or a network input",
    "its weights are computed at run time",
    "its indices are computed at run time",
    // In files that hold unsupported kinds as well:
    "of its shape is dynamic",
    "the input is int16 with a zero point other than 0",
};

/// Runs a model on the inputs of its row, one after the other, its states going from each to the next; the
/// differences found, one line each.
std::vector<std::string> compare(const Graph &graph, const Row &row, int inputs) {
  const bool kept = row.file != "-";
  const Bytes expected = kept ? read_bytes(shared_data() / "models" / row.file) : Bytes{};
  std::vector<std::string> differences;
  InputGenerator generator;
  StateBytes states;
  Bytes all;
  bool floats = false;
  for (int i = 0; i < inputs; ++i) {
    std::vector<Bytes> values;
    for (TensorId id : graph.inputs) values.push_back(generator.next(graph.tensor(id)));
    const auto outputs = interpret_outputs(graph, values, states);
    if (!outputs) return {outputs.error().text()};
    for (std::size_t o = 0; o < graph.outputs.size(); ++o) {
      const Tensor &tensor = graph.tensor(graph.outputs[o]);
      const Bytes &got = (*outputs)[o];
      floats = floats || tensor.type == ElementType::float32;
      if (kept) {
        if (all.size() + got.size() > expected.size()) return {"the expected outputs end too early"};
        const std::string text = difference(tensor, got, {expected.data() + all.size(), got.size()});
        if (!text.empty())
          differences.push_back("input " + std::to_string(i) + ", output " + std::to_string(o) + ": " + text);
      }
      all.insert(all.end(), got.begin(), got.end());
    }
  }
  if (kept && inputs == row.inputs && all.size() != expected.size())
    differences.push_back("more outputs are expected");
  if (!kept && inputs == row.inputs && sha256_hex(all) != row.sha256) {
    // A hash cannot tell how near floats are.
    if (!floats) return {"the outputs have another hash"};
    std::cout << "float outputs with another hash, not kept to compare: " << graph.file << "\n";
  }
  return differences;
}

bool known_limit(const Error &error) {
  for (const Diagnostic &line : error.lines) {
    const std::string text = line.text();
    bool known = false;
    for (const char *limit : kKnownLimits) known = known || text.find(limit) != std::string::npos;
    if (!known) return false;
  }
  return true;
}

TEST(Expected, InterpreterEqualsTensorFlowLiteMicro) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::filesystem::path models = shared_data() / "models";
  std::set<std::string> core;
  for (const auto &row : read_tsv(models / "INDEX.tsv")) {
    if (row.at("set") == "core") core.insert(row.at("path"));
  }
  int core_passed = 0;
  int streams_passed = 0;
  int passed = 0;
  int refused = 0;
  std::int64_t inferences = 0;
  for (const auto &row : read_tsv(models / "EXPECTED.tsv")) {
    const std::string &path = row.at("path");
    const bool is_core = core.contains(path);
    const auto begin = std::chrono::steady_clock::now();
    const auto graph = read_tflite(models / path);
    if (!graph) {
      EXPECT_FALSE(is_core) << graph.error().text();
      EXPECT_TRUE(known_limit(graph.error())) << graph.error().text();
      std::cout << "refused: " << graph.error().lines.front().text() << "\n";
      ++refused;
      continue;
    }
    std::int64_t total_macs = 0;
    for (const Op &op : graph->ops) total_macs += macs(*graph, op);
    const Row expected{std::stoi(row.at("inputs")), row.at("sha256_of_outputs"), row.at("file")};
    int inputs = expected.inputs;
    if (kShort && total_macs > kLargeNetwork && inputs > 1) {
      std::cout << "only the first of " << inputs << " inputs: " << path << " (" << total_macs / 1000000
                << " MMAC)\n";
      inputs = 1;
    }
    const std::vector<std::string> differences = compare(*graph, expected, inputs);
    for (const std::string &difference : differences) ADD_FAILURE() << path << ": " << difference;
    if (differences.empty()) {
      ++passed;
      core_passed += is_core ? 1 : 0;
      streams_passed += row.at("set") == "stream" ? 1 : 0;
    }
    inferences += inputs;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    if (seconds.count() > 1.0) {
      std::cout << path << ": " << seconds.count() << " s, "
                << seconds.count() * 1e9 / static_cast<double>(std::max<std::int64_t>(total_macs, 1) * inputs)
                << " ns/MAC\n";
    }
  }
  std::cout << passed << " models equal (" << core_passed << " core, " << streams_passed
            << " with states) in " << inferences << " inferences, " << refused << " refused\n";
  EXPECT_EQ(core_passed, 82);
  EXPECT_GE(streams_passed, 15);
  EXPECT_GE(passed, 386);
}

}  // namespace
}  // namespace thimble::test
