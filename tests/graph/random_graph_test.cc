#include "support/random_graph.h"

#include <gtest/gtest.h>

#include <set>

#include "thimble/base/hash.h"

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

/// Every build tests the same networks, whatever the compiler. Whoever changes the generator takes the new
/// digest.
TEST(RandomGraph, IsTheSameInEveryBuild) {
  std::vector<std::uint8_t> all;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Graph graph = random_graph(seed);
    for (const Op &op : graph.ops) {
      for (const char *c = name_of(op); *c != 0; ++c) all.push_back(static_cast<std::uint8_t>(*c));
    }
    for (const Tensor &tensor : graph.tensors) {
      for (const std::int32_t length : tensor.shape) all.push_back(static_cast<std::uint8_t>(length));
      if (tensor.constant()) all.insert(all.end(), tensor.data->begin(), tensor.data->end());
    }
    const auto outputs = interpret_outputs(graph, random_inputs(graph, seed));
    ASSERT_TRUE(outputs);
    for (const Bytes &output : *outputs) {
      all.insert(all.end(), output.begin(), output.end());
    }
  }
  EXPECT_EQ(sha256_hex(all), "587e13781d026f7b41aee1e8ce0b2051ed4d368599b7815f2b24da205ad291e7");
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
