// Every operator on many small random models: the interpreter gives what TensorFlow Lite Micro's own
// interpreter gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "goldens/golden_pack.h"
#include "models/comparison.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

std::vector<std::filesystem::path> packs() {
  std::vector<std::filesystem::path> found;
  for (const auto &entry :
       std::filesystem::directory_iterator(std::filesystem::path(THIMBLE_SOURCE_DIR) / "tests/goldens")) {
    if (entry.path().extension() == ".pack") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Bytes> split(const Graph &graph, const std::vector<TensorId> &ids, const Bytes &joined) {
  std::vector<Bytes> parts;
  std::size_t at = 0;
  for (TensorId id : ids) {
    const std::size_t size = static_cast<std::size_t>(graph.tensor(id).bytes());
    EXPECT_LE(at + size, joined.size());
    parts.emplace_back(joined.begin() + static_cast<std::ptrdiff_t>(at),
                       joined.begin() + static_cast<std::ptrdiff_t>(std::min(at + size, joined.size())));
    at += size;
  }
  EXPECT_EQ(at, joined.size());
  return parts;
}

class Goldens : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Goldens, InterpreterEqualsReference) {
  const std::vector<GoldenCase> cases = read_golden_pack(GetParam());
  ASSERT_FALSE(cases.empty());
  // Our exponential and the C library's differ in the last bits; everything else is exact, float included.
  const std::string pack = GetParam().stem().string();
  const bool exponential = pack == "softmax_float" || pack == "logistic_float" || pack == "lstm_float";
  const float tolerance = exponential ? 1e-5f : 0.0f;
  for (const GoldenCase &golden : cases) {
    const auto graph = read_tflite(golden.model, golden.name);
    ASSERT_TRUE(graph) << graph.error().text();
    ASSERT_FALSE(golden.inferences.empty());
    StateBytes states;
    for (std::size_t i = 0; i < golden.inferences.size(); ++i) {
      const auto outputs =
          interpret_outputs(*graph, split(*graph, graph->inputs, golden.inferences[i].inputs), states);
      ASSERT_TRUE(outputs) << outputs.error().text();
      const std::vector<Bytes> expected = split(*graph, graph->outputs, golden.inferences[i].outputs);
      for (std::size_t o = 0; o < expected.size(); ++o) {
        EXPECT_EQ(difference(graph->tensor(graph->outputs[o]), (*outputs)[o], expected[o], tolerance), "")
            << golden.name << ", inference " << i << ", output " << o;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, Goldens, testing::ValuesIn(packs()),
                         [](const auto &pack) { return pack.param.stem().string(); });

TEST(GoldenPacks, HoldEveryOperator) {
  std::set<std::string> operators;
  for (const std::filesystem::path &pack : packs()) {
    for (const GoldenCase &golden : read_golden_pack(pack)) {
      const auto graph = read_tflite(golden.model, golden.name);
      ASSERT_TRUE(graph) << graph.error().text();
      for (const Op &op : graph->ops) operators.insert(name_of(op));
    }
  }
  operators.insert("LOOKUP");  // no file has these
  operators.insert("CONV_PART");
#define THIMBLE_EXPECT_COVERED(Kind, name) EXPECT_TRUE(operators.contains(name)) << name;
  THIMBLE_OPS(THIMBLE_EXPECT_COVERED)
#undef THIMBLE_EXPECT_COVERED
}

}  // namespace
}  // namespace thimble::test
