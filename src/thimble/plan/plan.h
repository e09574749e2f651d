// Makes schedules: the least memory that the space of plans holds.
//
// The space: one order of the operators, cut into stages; each stage whole, line by line (rows or columns) or
// pixel by pixel, so that what is made and used up inside it lives in rings; outputs written over the dead
// bytes of inputs; offsets by branch and bound. docs/planner.md describes it.
#pragma once

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Which stages the planner may make.
enum class PlanSpace : std::uint8_t {
  whole,  ///< whole tensors only
  lines,  ///< whole tensors and rings of lines
  all,    ///< pixel FIFOs, too
};

/// What the caller does with the network's inputs.
enum class InputMode : std::uint8_t {
  consumed,  ///< puts them in place whole; their dead bytes are used again during the run
  kept,      ///< puts them in place whole, and finds them unchanged after the run
  rows,      ///< hands the only input in row by row: it is never whole
};

struct PlanOptions {
  std::int32_t alignment = 4;  ///< bytes, of every buffer's offset; a power of two
  PlanSpace space = PlanSpace::all;
  InputMode input = InputMode::consumed;
};

/// A schedule of least memory that has passed `check`. An input in rows needs a network with one input that
/// has rows and is no output.
Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options = {});

/// Bytes that no plan of whole tensors can go below, in whatever order and with whatever offsets: the
/// largest, over all operators, of the inputs and the output that must be there together.
std::int64_t lower_bound_bytes(const Graph &graph);

}  // namespace thimble
