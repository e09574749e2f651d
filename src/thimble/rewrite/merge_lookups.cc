#include "thimble/rewrite/merge_lookups.h"

#include <algorithm>
#include <optional>

#include "thimble/graph/byte_function.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {
namespace {

/// The operator that makes a tensor for `op` alone, where that is a function of one byte.
const Op *function_above(const GraphSweep &sweep, const Op &op, TensorId id) {
  const Op *above = sweep.producer(id);
  const auto own = std::count(op.inputs.begin(), op.inputs.end(), id);
  if (above == nullptr || sweep.uses(id) != own || !byte_operand(sweep.graph(), *above)) return nullptr;
  return above;
}

TensorId operand_of(const GraphSweep &sweep, const Op &function) {
  return function.inputs[*byte_operand(sweep.graph(), function)];
}

/// What all inputs of `op` that are no constants are functions of, each by one operator at most; nothing
/// where that is no news.
std::optional<TensorId> common_source(const GraphSweep &sweep, const Op &op) {
  std::vector<TensorId> computed;
  for (const TensorId id : op.inputs) {
    if (!sweep.tensor(id).constant() && !contains(computed, id)) computed.push_back(id);
  }
  const auto is_source = [&](TensorId source) {
    return std::all_of(computed.begin(), computed.end(), [&](TensorId id) {
      const Op *above = id == source ? nullptr : function_above(sweep, op, id);
      return id == source || (above != nullptr && operand_of(sweep, *above) == source);
    });
  };
  for (const TensorId id : computed) {
    const Op *above = function_above(sweep, op, id);
    if (above != nullptr && is_source(operand_of(sweep, *above))) return operand_of(sweep, *above);
  }
  // The square of a tensor, for instance.
  if (op.inputs.size() > 1 && computed.size() == 1 && !byte_operand(sweep.graph(), op)) return computed[0];
  return std::nullopt;
}

bool merge(GraphSweep &sweep, Op &op) {
  if (!combines_bytes(sweep.graph(), op)) return false;
  const std::optional<TensorId> source = common_source(sweep, op);
  if (!source) return false;
  std::vector<ByteTable> inputs;
  for (const TensorId id : op.inputs) {
    const bool made = !sweep.tensor(id).constant() && id != *source;
    const std::optional<ByteTable> table =
        made ? byte_table(sweep.graph(), *sweep.producer(id)) : std::optional(every_byte());
    if (!table) return false;
    inputs.push_back(*table);
  }
  const std::optional<ByteTable> results = combined_bytes(sweep.graph(), op, inputs);
  if (!results) return false;
  sweep.reroute(op, 0, *source);
  while (op.inputs.size() > 1) sweep.drop(op, op.inputs.size() - 1);
  op.attributes = Lookup{{results->begin(), results->end()}};
  return true;
}

}  // namespace

Result<Graph> merge_lookups(Graph graph) {
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    while (merge(sweep, op)) {
    }
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
