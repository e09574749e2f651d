// Good schedules of every style, to be damaged.
#pragma once

#include <string>
#include <vector>

#include "schedule_builder.h"

namespace thimble::test {

struct NamedSchedule {
  std::string name;
  Schedule schedule;
};

/// Rings, FIFOs, windows, strips, slices, accumulators, pushed input, recomputation, drained outputs,
/// in-place operators, reshapes; buffers share bytes where lifetimes allow.
std::vector<NamedSchedule> base_schedules();

/// A schedule of `element_wise()` (nets.h) that computes in place: b over a, c the same bytes as b.
Schedule in_place_schedule();

}  // namespace thimble::test
