#include "thimble/plan/graph_order.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/rules.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

/// The operators that the problem has, in its numbering: all but arrivals.
std::vector<OpId> computing_ops(const Graph &graph) {
  std::vector<OpId> ops;
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    if (!graph.ops[id].is<Input>()) ops.push_back(static_cast<OpId>(id));
  }
  return ops;
}

/// Per tensor, the one whose bytes it is.
std::vector<TensorId> owners(const Graph &graph) {
  std::vector<TensorId> owner(graph.tensors.size());
  std::iota(owner.begin(), owner.end(), 0);
  for (const Op &op : graph.ops) {
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || in_place(graph, op, static_cast<int>(j)) != InPlace::alias) continue;
      owner[static_cast<std::size_t>(op.output())] = owner[static_cast<std::size_t>(op.inputs[j])];
      break;
    }
  }
  return owner;
}

}  // namespace

OrderProblem order_problem(const Graph &graph) {
  OrderProblem problem;
  const std::vector<TensorId> owner = owners(graph);
  problem.tensors.resize(graph.tensors.size());
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    // An alias has no bytes of its own: what remains of it says that its readers come after its producer.
    if (!graph.tensors[t].constant() && owner[t] == static_cast<TensorId>(t))
      problem.tensors[t].bytes = graph.tensors[t].bytes();
  }
  for (TensorId output : graph.outputs) {
    if (graph.tensor(output).constant()) continue;
    problem.tensors[static_cast<std::size_t>(owner[static_cast<std::size_t>(output)])].kept = true;
  }
  for (OpId id : computing_ops(graph)) {
    const Op &op = graph.op(id);
    OrderOp entry;
    entry.output = op.output();
    const Region whole = Region::whole(graph.tensor(op.output()).shape);
    entry.workspace = kernel_variants(op)[0].scratch_bytes(graph, op, whole);
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const TensorId input = op.inputs[j];
      if (input == kNone || graph.tensor(input).constant()) continue;
      const TensorId bytes = owner[static_cast<std::size_t>(input)];
      entry.inputs.push_back(bytes);
      entry.in_place.push_back(may_follow(in_place(graph, op, static_cast<int>(j))) ? 1 : 0);
      if (bytes == input) continue;
      entry.inputs.push_back(input);
      entry.in_place.push_back(0);
    }
    problem.ops.push_back(std::move(entry));
  }
  return problem;
}

GraphOrder order_of_least_peak(const Graph &graph, const OrderOptions &options) {
  const OrderResult result = search_order(order_problem(graph), options);
  GraphOrder order;
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    if (graph.ops[id].is<Input>()) order.ops.push_back(static_cast<OpId>(id));
  }
  const std::vector<OpId> computing = computing_ops(graph);
  for (std::int32_t op : result.order) order.ops.push_back(computing[static_cast<std::size_t>(op)]);
  order.peak = result.peak;
  order.lower_bound = result.lower_bound;
  order.exact = result.exact;
  return order;
}

}  // namespace thimble
