#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <set>

namespace thimble::test {
namespace {

TEST(RandomGraph, IsValidRunsAndIsTheSameForTheSameSeed) {
  for (ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    std::set<std::string> kinds;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      RandomGraphOptions options;
      options.type = type;
      const Graph graph = random_graph(seed, options);
      const Graph again = random_graph(seed, options);
      const auto first = interpret_outputs(graph, random_inputs(graph, seed));
      const auto second = interpret_outputs(again, random_inputs(again, seed));
      ASSERT_TRUE(first) << first.error().text();
      EXPECT_EQ(*first, *second);
      for (const Op &op : graph.ops) kinds.insert(name_of(op));
    }
    EXPECT_GE(kinds.size(), 14u) << name_of(type);
  }
}

TEST(RandomGraph, OutputsAreNotDegenerate) {
  // Quantisation keeps values spread: most outputs of int8 networks hold several different values.
  int spread = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomGraphOptions options;
    options.head = false;
    const Graph graph = random_graph(seed, options);
    const auto outputs = interpret_outputs(graph, random_inputs(graph, seed));
    ASSERT_TRUE(outputs);
    spread += std::set<std::uint8_t>((*outputs)[0].begin(), (*outputs)[0].end()).size() >= 4 ? 1 : 0;
  }
  EXPECT_GE(spread, 40);
}

}  // namespace
}  // namespace thimble::test
