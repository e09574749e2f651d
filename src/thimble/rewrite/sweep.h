// Private to the layer: one walk over a graph's operators, in order, that replaces some of them by others.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// Operators are taken from `graph.ops` one after the other, changed or not, and appended to `ops`; what a
/// pass finds above an operator is what it has become by then. Operators that lose their last consumer stay
/// in the list until remove_dead.
class GraphSweep {
 public:
  explicit GraphSweep(Graph graph);

  /// The next operator, its inputs as they are called by now; false at the end.
  bool next(Op &op);
  void append(Op op);
  /// The rewritten graph, without what has become dead.
  Result<Graph> finish();

  /// Its tensors, that is; the operators are on their way.
  const Graph &graph() const { return graph_; }
  const Tensor &tensor(TensorId id) const { return graph_.tensor(id); }
  TensorId add_tensor(Tensor tensor);

  /// What computes a tensor, when that is an operator of kind `Kind`, else null. Valid until the next append.
  template <class Kind>
  const Op *producer(TensorId id) const {
    const Op *op = producer(id);
    return op != nullptr && op->is<Kind>() ? op : nullptr;
  }
  const Op *producer(TensorId id) const;
  /// How often operators read the tensor, plus one for each network output and state that it is kept for.
  std::int32_t uses(TensorId id) const { return uses_[static_cast<std::size_t>(id)]; }
  /// Whether it is read when the inference is over, under its own name.
  bool is_kept(TensorId id) const { return is_kept_[static_cast<std::size_t>(id)]; }

  /// Lets input `index` of `op`, which is not appended yet, read `to` instead.
  void reroute(Op &op, std::size_t index, TensorId to);
  /// Lets `op`, which is not appended yet, have one input less.
  void drop(Op &op, std::size_t index);
  /// Everybody who names `from`, as reader or as writer, names `to` from now on. One of the two has no writer
  /// of its own in the list.
  void replace(TensorId from, TensorId to);

 private:
  TensorId current(TensorId id) const;
  void release(TensorId id);

  Graph graph_;
  std::size_t position_ = 0;
  std::vector<Op> ops_;
  std::vector<OpId> producer_;         ///< per tensor, index into ops_
  std::vector<std::int32_t> uses_;     ///< per tensor
  std::vector<bool> is_kept_;          ///< per tensor
  std::vector<TensorId> replacement_;  ///< per tensor; kNone: itself
};

/// Whether operators that compute with values may read one tensor in place of the other: equal types, and
/// equal quantisation, per tensor.
bool same_meaning(const Tensor &a, const Tensor &b);

}  // namespace thimble
