#include "thimble/rewrite/merge_common.h"

#include <map>
#include <string>
#include <tuple>

#include "thimble/base/hash.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

bool equal_but_for_data(const Tensor &a, const Tensor &b) {
  return a.type == b.type && a.shape == b.shape && a.quantization == b.quantization;
}

/// For each tensor an earlier constant that says the same, or itself.
std::vector<TensorId> first_constants(const Graph &graph) {
  std::vector<TensorId> first(graph.tensors.size());
  std::map<std::string, std::vector<TensorId>> by_hash;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Tensor &tensor = graph.tensors[i];
    first[i] = static_cast<TensorId>(i);
    if (!tensor.constant()) continue;
    std::vector<TensorId> &candidates = by_hash[sha256_hex(*tensor.data)];
    for (const TensorId candidate : candidates) {
      const Tensor &other = graph.tensor(candidate);
      if (equal_but_for_data(tensor, other) && *tensor.data == *other.data) {
        first[i] = candidate;
        break;
      }
    }
    if (first[i] == static_cast<TensorId>(i)) candidates.push_back(first[i]);
  }
  return first;
}

/// Operators by kind and inputs; the few of one key are compared in full.
using Known = std::map<std::pair<std::size_t, std::vector<TensorId>>, std::vector<Op>>;

/// Whether an operator that is there already serves for `op`, which then need not be appended.
bool merge(GraphSweep &sweep, const Op &op, std::vector<Op> &known) {
  const TensorId second = op.output();
  for (Op &earlier : known) {
    const TensorId first = earlier.output();
    if (!(earlier.attributes == op.attributes) ||
        !equal_but_for_data(sweep.tensor(first), sweep.tensor(second))) {
      continue;
    }
    if (!sweep.is_kept(second)) {
      sweep.replace(second, first);
      return true;
    }
    if (sweep.is_kept(first)) continue;
    sweep.replace(first, second);
    earlier.outputs = {second};
    return true;
  }
  return false;
}

}  // namespace

Result<Graph> merge_common(Graph graph) {
  const std::vector<TensorId> constants = first_constants(graph);
  GraphSweep sweep(std::move(graph));
  Known known;
  for (Op op; sweep.next(op);) {
    for (TensorId &id : op.inputs) {
      if (id != kNone) id = constants[static_cast<std::size_t>(id)];
    }
    std::vector<Op> &alike = known[{op.attributes.index(), op.inputs}];
    if (!op.is<Input>() && merge(sweep, op, alike)) continue;
    alike.push_back(op);
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
