// What the tests of passes share: how many operators of a kind there are, and whether two graphs compute the
// same bytes.
#pragma once

#include <gtest/gtest.h>

#include "support/random.h"
#include "thimble/graph/interpret.h"
#include "thimble/rewrite/convert.h"

namespace thimble::test {

template <class T>
T value_or_die(Result<T> result) {
  EXPECT_TRUE(result.has_value()) << result.error().text();
  return result ? std::move(*result) : T();
}

template <class Kind>
int count(const Graph &graph) {
  int n = 0;
  for (const Op &op : graph.ops) n += op.is<Kind>();
  return n;
}

/// Outputs of `before` on `file_inputs`, and of `after` with the ends converted as a caller would.
inline void expect_same_outputs(const Graph &before, const Graph &after,
                                const std::vector<Bytes> &file_inputs) {
  const Result<void> verified = verify(after);
  ASSERT_TRUE(verified.has_value()) << verified.error().text();
  const Ends ends = value_or_die(match_ends(before, after));
  std::vector<Bytes> inputs;
  for (std::size_t i = 0; i < ends.inputs.size(); ++i) {
    EXPECT_EQ(ends.inputs[i].file.name, ends.inputs[i].network.name);
    inputs.push_back(value_or_die(to_network(ends.inputs[i], file_inputs[i])));
  }
  const auto want = value_or_die(interpret_outputs(before, file_inputs));
  const auto raw = value_or_die(interpret_outputs(after, inputs));
  ASSERT_EQ(raw.size(), want.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    EXPECT_EQ(ends.outputs[i].file.name, ends.outputs[i].network.name);
    EXPECT_EQ(value_or_die(to_file(ends.outputs[i], raw[i])), want[i]) << "output " << i;
    EXPECT_FALSE(want[i].empty());
  }
}

inline void expect_same_outputs(const Graph &before, const Graph &after, std::uint64_t seed) {
  expect_same_outputs(before, after, random_inputs(before, seed));
}

}  // namespace thimble::test
