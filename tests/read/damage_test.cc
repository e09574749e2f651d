// Small models with every byte damaged in turn: whatever comes of it is a graph or a clean error.
#include <gtest/gtest.h>

#include "read/small_model.h"
#include "read/stateful_model.h"
#include "thimble/graph/interpret.h"
#include "thimble/read/outline.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

struct Outcome {
  int accepted = 0, refused = 0;

  void add(const std::vector<std::uint8_t> &bytes) {
    const auto graph = read_tflite(bytes, "m.tflite");
    if (graph) {
      ++accepted;
      return;
    }
    ++refused;
    ASSERT_FALSE(graph.error().lines.empty());
    for (const Diagnostic &line : graph.error().lines) {
      EXPECT_EQ(line.file, "m.tflite");
      EXPECT_FALSE(line.reason.empty());
      EXPECT_EQ(line.text().find('\n'), std::string::npos);
    }
  }
};

TEST(Damage, EveryByteFlipped) {
  const std::vector<std::uint8_t> whole = small_model().bytes();
  Outcome outcome;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const std::uint8_t mask : {0x01, 0x10, 0x80, 0xff}) {
      std::vector<std::uint8_t> bytes = whole;
      bytes[i] ^= mask;
      outcome.add(bytes);
    }
  }
  // Weights and scales may be anything; structure may not. Both must have been met.
  EXPECT_GT(outcome.accepted, 500);
  EXPECT_GT(outcome.refused, 500);
}

TEST(Damage, EveryWordExtreme) {
  const std::vector<std::uint8_t> whole = small_model().bytes();
  Outcome outcome;
  for (std::size_t i = 0; i + 4 <= whole.size(); i += 2) {
    for (const std::uint32_t word : {0u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 65536u}) {
      std::vector<std::uint8_t> bytes = whole;
      std::memcpy(bytes.data() + i, &word, 4);
      outcome.add(bytes);
    }
  }
  EXPECT_GT(outcome.refused, 500);
}

/// Graphs with states are run as well, twice.
TEST(Damage, EveryByteOfModelsWithStates) {
  for (const std::vector<std::uint8_t> &whole :
       {stateful_model().bytes(), svdf_model().bytes(), lstm_model().bytes()}) {
    Outcome outcome;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const std::uint8_t mask : {0x01, 0x02, 0x10, 0x80, 0xff}) {
        std::vector<std::uint8_t> bytes = whole;
        bytes[i] ^= mask;
        outcome.add(bytes);
        (void)outline_tflite(bytes, "m.tflite");
        const auto graph = read_tflite(bytes, "m.tflite");
        if (!graph || graph->inputs.size() != 1 || graph->tensor(graph->inputs[0]).bytes() > 1000) continue;
        const Bytes input(static_cast<std::size_t>(graph->tensor(graph->inputs[0]).bytes()), 3);
        StateBytes states;
        for (int inference = 0; inference < 2; ++inference)
          EXPECT_TRUE(interpret_outputs(*graph, {input}, states).has_value());
      }
    }
    EXPECT_GT(outcome.accepted, 100);
    EXPECT_GT(outcome.refused, 500);
  }
}

TEST(Damage, EveryTruncation) {
  const std::vector<std::uint8_t> whole = small_model().bytes();
  Outcome outcome;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    outcome.add({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
  }
  // The root is at the front and what it needs at the back, so hardly a cut goes unnoticed (only of
  // alignment).
  EXPECT_LT(outcome.accepted, 16);
}

}  // namespace
}  // namespace thimble::test
