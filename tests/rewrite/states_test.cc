// Passes over networks that keep states: the same bytes in inference after inference.
#include <iostream>

#include "rewrite/rewriting.h"
#include "support/stateful_graph.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {
namespace {

/// Over several inferences, ends converted as a caller would.
void expect_same_sequence(const Graph &before, const Graph &after, std::uint64_t seed) {
  const Ends ends = value_or_die(match_ends(before, after));
  StateBytes kept_before, kept_after;
  for (const std::vector<Bytes> &file_inputs : random_sequence(before, 8, seed)) {
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < ends.inputs.size(); ++i)
      inputs.push_back(value_or_die(to_network(ends.inputs[i], file_inputs[i])));
    const auto want = value_or_die(interpret_outputs(before, file_inputs, kept_before));
    const auto raw = value_or_die(interpret_outputs(after, inputs, kept_after));
    ASSERT_EQ(raw.size(), want.size());
    for (std::size_t i = 0; i < raw.size(); ++i)
      ASSERT_EQ(value_or_die(to_file(ends.outputs[i], raw[i])), want[i]) << "output " << i;
  }
}

TEST(States, RandomNetworksAreTheSameAfterAllPasses) {
  int changed = 0;
  for (const ElementType type : {ElementType::int8, ElementType::float32, ElementType::int16}) {
    for (std::uint64_t seed = 0; seed < 80; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      const Graph before = random_stateful_graph(seed, type);
      RewriteOptions options;
      options.most_reads = 10'000'000;
      const Graph after = value_or_die(rewrite(before, options));
      ASSERT_TRUE(verify(after));
      changed += after.ops.size() < before.ops.size() ? 1 : 0;
      expect_same_sequence(before, after, seed);
    }
  }
  std::cout << changed << " networks with fewer operators\n";
  EXPECT_GT(changed, 20);
}

/// float -> QUANTIZE -> sum with a state -> DEQUANTIZE, of which the last is kept instead when asked for.
Graph with_conversions(bool keeps_ends) {
  GraphBuilder b(1, ElementType::float32);
  const TensorId x = b.input({1, 6});
  const TensorId q = b.quantize(x);
  const TensorId y = b.dequantize(b.add(q, q));
  if (keeps_ends) {
    const TensorId before = b.state({1, 6}), given = b.state({1, 6});
    b.keep(before, y);
    b.keep(given, x);
    return b.build({y, b.sub(before, given)});
  }
  return b.build({y});
}

TEST(States, EndsThatAreKeptStayWhatTheyAre) {
  EXPECT_EQ(count<Dequantize>(value_or_die(rewrite(with_conversions(false), {}))), 0);
  const Graph before = with_conversions(true), after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(count<Dequantize>(after), 1);
  EXPECT_EQ(count<Quantize>(after), 1);
  expect_same_sequence(before, after, 1);
}

TEST(States, ThoseThatReachNoOutputGo) {
  GraphBuilder b(1);
  const TensorId x = b.input({1, 6});
  const TensorId live = b.state_like(x, {1, 6}), dead = b.state_like(x, {1, 6}),
                 chain = b.state_like(x, {1, 6});
  const TensorId sum = b.add(live, x);
  b.keep(live, sum);
  b.keep(dead, b.sub(dead, chain));
  b.keep(chain, b.add(dead, x));
  const Graph before = b.build({sum}), after = value_or_die(remove_dead(before));
  ASSERT_EQ(after.states.size(), 1u);
  EXPECT_EQ(after.tensor(after.states[0].read).name, before.tensor(live).name);
  EXPECT_EQ(after.ops.size(), 3u);
  expect_same_sequence(before, after, 1);
}

}  // namespace
}  // namespace thimble::test
