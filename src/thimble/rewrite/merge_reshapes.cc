#include "thimble/rewrite/merge_reshapes.h"

#include "thimble/graph/ops/fully_connected.h"
#include "thimble/rewrite/sweep.h"

namespace thimble {

namespace {

/// Removes a RESHAPE that changes nothing by giving its two tensors one name; false where both are ends.
bool join_ends(GraphSweep &sweep, const Op &op) {
  const TensorId from = op.inputs[0], to = op.output();
  const Tensor &x = sweep.tensor(from), &y = sweep.tensor(to);
  if (x.shape != y.shape || !same_meaning(x, y)) return false;
  if (!sweep.is_kept(to)) {
    sweep.replace(to, from);
    return true;
  }
  const Op *above = sweep.producer(from);
  if (sweep.is_kept(from) || above == nullptr || above->is<Input>()) return false;
  sweep.replace(from, to);
  return true;
}

/// A dense layer that flattens its input anyway reads a map as it is, which it can take row by row.
void read_as_it_is(GraphSweep &sweep, Op &op) {
  const Op *above = sweep.producer<Reshape>(op.inputs[0]);
  if (above == nullptr || op.as<FullyConnected>().keep_dims) return;
  const Tensor &x = sweep.tensor(above->inputs[0]);
  const bool whole_axes = feature_axes(x.shape, sweep.tensor(op.inputs[1]).shape[1]).first_axis != kNone;
  if (whole_axes && same_meaning(x, sweep.tensor(op.inputs[0]))) sweep.reroute(op, 0, above->inputs[0]);
}

}  // namespace

Result<Graph> merge_reshapes(Graph graph) {
  GraphSweep sweep(std::move(graph));
  for (Op op; sweep.next(op);) {
    if (op.is<Reshape>()) {
      if (const Op *above = sweep.producer<Reshape>(op.inputs[0])) sweep.reroute(op, 0, above->inputs[0]);
      if (join_ends(sweep, op)) continue;
    }
    if (op.is<FullyConnected>()) read_as_it_is(sweep, op);
    sweep.append(std::move(op));
  }
  return sweep.finish();
}

}  // namespace thimble
