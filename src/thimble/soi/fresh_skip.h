// A fresh skip connection around a compressed region: what reads its way out sees the newest frame, too.
//
//   before   u (held)                    --conv-->  y
//   after    u (held) + e (fresh), joined --conv-->  y      weights for the channels of e: zeros, to be
//   trained
#pragma once

#include "thimble/graph/graph.h"

namespace thimble::soi {

/// Whether the operator can read `fresh` beside `held`, an input of it: it is a convolution of one group, and
/// the maps differ in their channels alone.
bool can_take_skip(const Graph &graph, const Op &op, TensorId held, TensorId fresh);

/// `held` and `fresh` joined along their channels, the latter in the quantisation of the former.
Result<TensorId> join_fresh(Graph &graph, TensorId held, TensorId fresh);

/// Lets `op` read `joined` in the place of a tensor of fewer channels; the new ones have no weight yet.
void widen_filter(Graph &graph, Op &op, TensorId joined);

}  // namespace thimble::soi
