#include "thimble/plan/order.h"

#include <algorithm>

#include "thimble/plan/order_part.h"

namespace thimble {

std::int64_t peak_of(const OrderProblem &problem, std::span<const std::int32_t> order) {
  std::vector<std::int32_t> waiting(problem.tensors.size(), 0);  // readers that have not run
  const auto each_input = [&](const OrderOp &op, auto &&visit) {
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const auto again = op.inputs.begin() + static_cast<std::ptrdiff_t>(j);
      if (std::find(op.inputs.begin(), again, op.inputs[j]) == again)
        visit(static_cast<std::size_t>(op.inputs[j]));
    }
  };
  std::vector<bool> produced(problem.tensors.size(), false);
  for (const OrderOp &op : problem.ops) {
    produced[static_cast<std::size_t>(op.output)] = true;
    each_input(op, [&](std::size_t t) { ++waiting[t]; });
  }
  std::int64_t live = 0;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    if (!produced[t] && (waiting[t] > 0 || problem.tensors[t].kept)) live += problem.tensors[t].bytes;
  }
  std::int64_t peak = live;
  for (std::int32_t id : order) {
    const OrderOp &op = problem.ops[static_cast<std::size_t>(id)];
    const auto output = static_cast<std::size_t>(op.output);
    const std::int64_t bytes = problem.tensors[output].bytes;
    std::int64_t freed = 0, credit = 0;
    each_input(op, [&](std::size_t t) {
      if (--waiting[t] > 0 || problem.tensors[t].kept) return;
      freed += problem.tensors[t].bytes;
      bool in_place = true;
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        if (op.inputs[j] == static_cast<std::int32_t>(t))
          in_place = in_place && j < op.in_place.size() && op.in_place[j] != 0;
      }
      if (in_place) credit = std::max(credit, std::min(problem.tensors[t].bytes, bytes));
    });
    peak = std::max(peak, live + bytes + op.workspace - credit);
    live += (waiting[output] > 0 || problem.tensors[output].kept ? bytes : 0) - freed;
  }
  return peak;
}

OrderResult search_order(const OrderProblem &problem, const OrderOptions &options) {
  const std::vector<OrderPart> parts = cut_into_parts(problem);
  OrderResult result;
  // A part need not be better than what another one costs anyhow.
  for (const OrderPart &part : parts) result.lower_bound = std::max(result.lower_bound, order_bound(part));
  std::int64_t floor = result.lower_bound;
  for (const OrderPart &part : parts) {
    const PartOrder solved = search_part(part, floor, options);
    for (std::int32_t op : solved.order) result.order.push_back(part.ops[static_cast<std::size_t>(op)].id);
    result.lower_bound = std::max(result.lower_bound, solved.lower_bound);
    result.states += solved.states;
    floor = std::max(floor, solved.peak);
  }
  result.peak = peak_of(problem, result.order);
  result.exact = result.peak == result.lower_bound;
  return result;
}

}  // namespace thimble
