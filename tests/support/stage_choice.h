// Schedules with one stage of one's choice; its buffers have no places yet.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "thimble/plan/nest.h"
#include "thimble/plan/stage_cost.h"
#include "thimble/schedule/schedule.h"

namespace thimble::test {

/// The choice as a stage, and every other operator as one of its own.
inline Schedule schedule_of(const std::shared_ptr<const Graph> &graph, const std::vector<OpId> &order,
                            const StageChoice &choice) {
  Schedule schedule;
  schedule.graph = graph;
  const auto end = static_cast<std::int32_t>(order.size());
  for (std::int32_t p = 0; p < end; ++p) {
    const bool begins = p == choice.first;
    const std::int32_t last = begins ? choice.last : p;
    const std::span<const OpId> ops =
        std::span(order).subspan(static_cast<std::size_t>(p), static_cast<std::size_t>(last - p + 1));
    schedule.stages.push_back(make_stage(*graph, ops, begins ? choice.form : NestForm{}));
    p = last;
  }
  return schedule;
}

}  // namespace thimble::test
