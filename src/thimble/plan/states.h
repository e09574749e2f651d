// Plans of networks that keep states from one inference to the next: a call is one inference.
#pragma once

#include "thimble/device/profile.h"
#include "thimble/plan/plan.h"

namespace thimble {

/// The same network, with the bytes of every state made by an operator of its own: where a state's next bytes
/// are another state's, or a network input, they are copied while they are there.
Result<Graph> separate_states(Graph graph);

/// The network of one inference: states are read from inputs and written to outputs.
Graph open_states(const Graph &graph);

/// The plan of least memory, states and what lives within a call counted together, with its kernels; stages
/// are those that the open network's plans have. Its schedule's graph may have operators more than `graph`
/// (separate_states). Inputs arrive whole. The schedule has passed `check`.
Result<Plan> plan_states(const Graph &graph, const PlanOptions &options, KernelSet kernels);

}  // namespace thimble
