// The emitted C gives the bytes of TensorFlow Lite Micro's own interpreter.
#include <algorithm>
#include <cstdlib>

#include "emit/emitted_batch.h"
#include "goldens/golden_pack.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

constexpr std::size_t kCasesPerPack = 10;  // THIMBLE_ALL_GOLDENS=1 in the environment takes them all

std::vector<Bytes> split(const Graph &graph, const std::vector<TensorId> &ids, const Bytes &all) {
  std::vector<Bytes> parts;
  auto at = all.begin();
  for (TensorId id : ids) {
    parts.emplace_back(at, at + static_cast<std::ptrdiff_t>(graph.tensor(id).bytes()));
    at += static_cast<std::ptrdiff_t>(graph.tensor(id).bytes());
  }
  return parts;
}

/// Cases of every pack whose name ends in `ending`, spread evenly over each pack.
void compare_packs(const std::string &ending, const std::vector<std::string> &flags, bool exact) {
  EmittedBatch batch;
  std::vector<std::vector<std::vector<Bytes>>> goldens;
  std::vector<std::filesystem::path> packs;
  for (const auto &entry :
       std::filesystem::directory_iterator(std::filesystem::path(THIMBLE_SOURCE_DIR) / "tests/goldens")) {
    if (entry.path().extension() == ".pack" && entry.path().stem().string().ends_with(ending))
      packs.push_back(entry);
  }
  std::sort(packs.begin(), packs.end());
  ASSERT_GT(packs.size(), 3u);
  for (const std::filesystem::path &path : packs) {
    const std::vector<GoldenCase> cases = read_golden_pack(path);
    const std::size_t step =
        std::getenv("THIMBLE_ALL_GOLDENS") ? 1 : std::max<std::size_t>(1, cases.size() / kCasesPerPack);
    for (std::size_t c = 0; c < cases.size(); c += step) {
      auto graph = read_tflite(cases[c].model, cases[c].name);
      ASSERT_TRUE(graph) << graph.error().text();
      if (!graph->states.empty()) continue;  // not planned
      std::vector<std::vector<Bytes>> inputs, outputs;
      for (const GoldenInference &inference : cases[c].inferences) {
        inputs.push_back(split(*graph, graph->inputs, inference.inputs));
        outputs.push_back(split(*graph, graph->outputs, inference.outputs));
      }
      batch.add(path.stem().string() + ": " + cases[c].name, std::move(*graph), inputs);
      ASSERT_FALSE(testing::Test::HasFailure());
      goldens.push_back(std::move(outputs));
    }
  }
  const auto results = batch.run(flags);
  ASSERT_TRUE(results) << results.error().text();
  for (std::size_t k = 0; k < batch.cases().size(); ++k) {
    EXPECT_EQ((*results)[k], batch.cases()[k].expected) << batch.cases()[k].label << " (interpreter)";
    if (exact) {
      EXPECT_EQ((*results)[k], goldens[k]) << batch.cases()[k].label << " (TensorFlow Lite Micro)";
    }
  }
}

std::vector<std::string> strict_with(const std::vector<std::string> &more) {
  std::vector<std::string> flags = kStrict;
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

TEST(EmittedGoldens, Int8EqualsReference) {
  compare_packs("_int8", strict_with({"-O1"}), true);
}
TEST(EmittedGoldens, Int16EqualsReference) {
  compare_packs("_int16", strict_with({"-O2"}), true);
}
TEST(EmittedGoldens, Int32EqualsReference) {
  EmittedBatch batch;
  const std::filesystem::path path =
      std::filesystem::path(THIMBLE_SOURCE_DIR) / "tests/goldens/quantize_int32.pack";
  for (const GoldenCase &golden : read_golden_pack(path)) {
    auto graph = read_tflite(golden.model, golden.name);
    ASSERT_TRUE(graph) << graph.error().text();
    std::vector<std::vector<Bytes>> inputs;
    for (const GoldenInference &inference : golden.inferences)
      inputs.push_back(split(*graph, graph->inputs, inference.inputs));
    batch.add(golden.name, std::move(*graph), inputs);
  }
  batch.expect_equal(strict_with({"-O1"}));
}

// Float results are the interpreter's to the last bit, whatever the compiler may fuse.
TEST(EmittedGoldens, FloatEqualsInterpreterStrict) {
  compare_packs("_float", strict_with({"-O2"}), false);
}
TEST(EmittedGoldens, FloatEqualsInterpreterWithFma) {
  compare_packs("_float", {"-std=gnu11", "-O3", "-march=native"}, false);
}

}  // namespace
}  // namespace thimble::test
