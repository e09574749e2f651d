// Edits of graphs that readers and passes share.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// A constant with the indices marked in `kept` along one axis only, and the scales of these.
Tensor indices_of(const Tensor &whole, std::size_t axis, const std::vector<bool> &kept);

/// At the end of the list.
TensorId add_tensor(Graph &graph, Tensor tensor);

/// Removes the operators marked in `removed` (one mark per operator); the order of the others stays.
void remove_ops(Graph &graph, const std::vector<bool> &removed);

/// Removes operators whose results reach no network output, in this inference or through states in a later
/// one, and states that reach none. Network inputs stay, used or not: they are the caller's interface.
void remove_dead_ops(Graph &graph);

/// Drops the tensors that no operator touches and that are neither end nor state of the network, and
/// renumbers the others in their order.
void remove_unused_tensors(Graph &graph);

/// Of the kinds that have an activation.
void set_activation(Op &op, Activation activation);

}  // namespace thimble
