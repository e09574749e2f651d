#include "thimble/plan/candidate_orders.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/rules.h"
#include "thimble/plan/order.h"

namespace thimble {
namespace {

constexpr OrderOptions kLimits{20'000, 100};

/// Network inputs are tensors that nobody makes: they are there from the start.
std::vector<OpId> least_peak_order(const Graph &graph, const std::vector<OpId> &file_order) {
  OrderProblem problem;
  for (const Tensor &tensor : graph.tensors)
    problem.tensors.push_back({tensor.constant() ? 0 : tensor.bytes()});
  for (const TensorId output : graph.outputs) problem.tensors[static_cast<std::size_t>(output)].kept = true;
  std::vector<OpId> ids, order;
  for (const OpId id : file_order) {
    const Op &op = graph.op(id);
    if (op.is<Input>()) {
      order.push_back(id);
      continue;
    }
    OrderOp step;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
      step.inputs.push_back(op.inputs[j]);
      step.in_place.push_back(in_place(graph, op, static_cast<int>(j)) != InPlace::no ? 1 : 0);
    }
    step.output = op.output();
    problem.ops.push_back(std::move(step));
    ids.push_back(id);
  }
  std::vector<std::int32_t> as_it_is(ids.size());
  std::iota(as_it_is.begin(), as_it_is.end(), 0);
  const OrderResult found = search_order(problem, kLimits);
  const bool better = found.peak < peak_of(problem, as_it_is);
  for (const std::int32_t step : better ? found.order : as_it_is) {
    order.push_back(ids[static_cast<std::size_t>(step)]);
  }
  return order;
}

std::vector<OpId> depth_first_order(const Graph &graph, const std::vector<OpId> &file_order) {
  const std::vector<OpId> makers = producers(graph);
  std::vector<bool> done(graph.ops.size(), false);
  std::vector<OpId> order;
  const auto add = [&](OpId op) {
    done[static_cast<std::size_t>(op)] = true;
    order.push_back(op);
  };
  for (const OpId id : file_order) {
    if (graph.op(id).is<Input>()) add(id);
  }
  const std::vector<std::vector<OpId>> readers = consumers(graph);
  for (const OpId sink : file_order) {
    // Everything that ends here; a stack, for a network may be deep.
    if (!readers[static_cast<std::size_t>(graph.op(sink).output())].empty()) continue;
    std::vector<OpId> stack{sink};
    while (!stack.empty()) {
      const OpId id = stack.back();
      const std::size_t before = stack.size();
      for (const TensorId input : graph.op(id).inputs) {
        const OpId maker = input == kNone ? kNone : makers[static_cast<std::size_t>(input)];
        if (maker == kNone || done[static_cast<std::size_t>(maker)]) continue;
        stack.push_back(maker);
        break;
      }
      if (stack.size() > before) continue;
      if (!done[static_cast<std::size_t>(id)]) add(id);
      stack.pop_back();
    }
  }
  return order;
}

}  // namespace

std::vector<std::vector<OpId>> candidate_orders(const Graph &graph) {
  std::vector<OpId> file_order(graph.ops.size());
  std::iota(file_order.begin(), file_order.end(), 0);
  std::vector<std::vector<OpId>> orders{file_order};
  for (std::vector<OpId> order :
       {least_peak_order(graph, file_order), depth_first_order(graph, file_order)}) {
    if (std::find(orders.begin(), orders.end(), order) == orders.end()) orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace thimble
