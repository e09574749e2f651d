#include "thimble/plan/graph_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/random_graph.h"
#include "support/shared_data.h"
#include "thimble/read/tflite.h"

namespace thimble {
namespace {

void expect_executable(const Graph &graph, const std::vector<OpId> &order) {
  ASSERT_EQ(order.size(), graph.ops.size());
  std::vector<bool> there(graph.tensors.size(), false), ran(graph.ops.size(), false);
  bool computing = false;
  for (OpId id : order) {
    const Op &op = graph.op(id);
    EXPECT_FALSE(ran[static_cast<std::size_t>(id)]);
    ran[static_cast<std::size_t>(id)] = true;
    EXPECT_FALSE(op.is<Input>() && computing) << "inputs come first";
    computing = computing || !op.is<Input>();
    for (TensorId input : op.inputs) {
      if (input == kNone || graph.tensor(input).constant()) continue;
      EXPECT_TRUE(there[static_cast<std::size_t>(input)]) << "operator " << id;
    }
    there[static_cast<std::size_t>(op.output())] = true;
  }
}

TEST(GraphOrder, IsExecutableAndNeverWorseThanTheFile) {
  int better = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    test::RandomGraphOptions options;
    options.steps = 4 + static_cast<int>(seed % 12);
    const Graph graph = test::random_graph(seed, options);
    const GraphOrder order = order_of_least_peak(graph);
    expect_executable(graph, order.ops);
    EXPECT_TRUE(order.exact);
    const OrderProblem problem = order_problem(graph);
    std::vector<std::int32_t> file_order(problem.ops.size());
    std::iota(file_order.begin(), file_order.end(), 0);
    const std::int64_t in_file_order = peak_of(problem, file_order);
    EXPECT_LE(order.peak, in_file_order);
    better += order.peak < in_file_order ? 1 : 0;
  }
  EXPECT_GT(better, 0);
}

TEST(GraphOrder, TheShippedModelNeedsThreeMaps) {
  const auto graph = read_tflite(std::filesystem::path(THIMBLE_SOURCE_DIR) / "models" / "fashion_mnist" /
                                 "fashion_mnist.tflite");
  ASSERT_TRUE(graph);
  const GraphOrder order = order_of_least_peak(*graph);
  EXPECT_EQ(order.peak, 3 * 14 * 14 * 40);
  EXPECT_TRUE(order.exact);
}

}  // namespace
}  // namespace thimble
