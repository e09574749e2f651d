// Makes schedules.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

struct PlanOptions {
  std::int32_t alignment = 4;  ///< bytes, of every buffer's offset; a power of two
};

/// A schedule of whole-tensor stages in file order: element-wise operators in place where the lifetime of the
/// input allows it, reshapes free of cost, lifetimes exact, offsets by first fit over several orders.
/// The schedule has passed `check`.
Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options = {});

/// Bytes that no plan of whole tensors can go below, in whatever order and with whatever offsets: the
/// largest, over all operators, of the inputs and the output that must be there together.
std::int64_t lower_bound_bytes(const Graph &graph);

}  // namespace thimble
