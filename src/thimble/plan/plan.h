// Makes schedules: the least memory that the space of plans holds.
//
// The space: one or two orders of the operators (searched_orders), each cut into stages; each stage whole,
// line by line (rows or columns) or pixel by pixel, so that what is made and used up inside it lives in
// rings, or in windows whose rows are computed again where the limit on multiply-accumulates allows it;
// outputs written over the dead bytes of inputs; offsets by branch and bound. docs/planner.md describes it.
#pragma once

#include <optional>

#include "thimble/plan/regions.h"
#include "thimble/schedule/schedule.h"

namespace thimble {

/// Which stages the planner may make.
enum class PlanSpace : std::uint8_t {
  whole,  ///< whole tensors only
  lines,  ///< whole tensors and rings of lines
  all,    ///< pixel FIFOs, too
};

const char *name_of(PlanSpace space);

/// What the caller does with the network's inputs.
enum class InputMode : std::uint8_t {
  consumed,  ///< puts them in place whole; their dead bytes are used again during the run
  kept,      ///< puts them in place whole, and finds them unchanged after the run
  rows,      ///< hands the only input in row by row: it is never whole
};

const char *name_of(InputMode mode);

/// What is made small, within the limits.
enum class Objective : std::uint8_t {
  ram,      ///< bytes of the arena; among equals the fewest kernel calls
  macs,     ///< multiply-accumulates: nothing is computed twice but what the limit for the RAM demands
  latency,  ///< kernel calls, for the multiply-accumulates are the same; needs a limit for the RAM to say no
};

const char *name_of(Objective objective);

struct PlanOptions {
  std::int32_t alignment = 4;  ///< bytes, of every buffer's offset; a power of two
  PlanSpace space = PlanSpace::all;
  InputMode input = InputMode::consumed;
  Objective objective = Objective::ram;
  std::optional<std::int64_t> ram_limit = {};  ///< bytes that the arena may take at most
  /// Multiply-accumulates of the plan may be so many times those of the graph; 1: nothing is computed twice.
  double max_overhead = 1.0;
  /// RAMs that the buffers may be spread over; none: one arena, whatever its size.
  std::vector<Memory> memories = {};
};

/// A schedule, and how far from the best it can be.
struct Plan {
  Schedule schedule;
  /// No plan of the declared space needs less: the least over the orders searched of the bottleneck over all
  /// cuts into stages, each at the least that it could need if alignment, cursors and neighbours did not
  /// matter.
  std::int64_t lower_bound_bytes = 0;
  std::int64_t extra_macs = 0;  ///< multiply-accumulates that are computed again
  /// Whether the arena keeps to the limit and finds room in the memories; when not, this is the plan of least
  /// memory, in one arena.
  bool fits = true;
  /// Bytes to which working memory of faster kernels may make the arena grow; 0: it may not.
  std::int64_t most_bytes = 0;
  std::int64_t stall_cycles = 0;        ///< loads and stores wait for the memories: an estimate
  std::int64_t stall_bound_cycles = 0;  ///< no choice of memories for these buffers waits less
};

/// The orders that the search cuts into stages: the file's, and that one of the candidate orders whose cuts
/// into lines promise least, when that is clearly less than what the file's promise. A search among pixels
/// takes a hundred times as long as the promise.
std::vector<std::vector<OpId>> searched_orders(const Graph &graph, const PlanOptions &options);

/// The best plan under the options. The schedule has passed `check`. An input in rows needs a network with
/// one input that has rows and is no output.
Result<Plan> search_plan(std::shared_ptr<const Graph> graph, const PlanOptions &options = {});

/// The front of arena bytes against recomputation, up to `max_overhead`: each plan needs fewer bytes and more
/// multiply-accumulates than the one before it, each in one arena. The first one is `search_plan`'s without
/// recomputation.
Result<std::vector<Plan>> search_front(std::shared_ptr<const Graph> graph, const PlanOptions &options);

/// Its schedule alone.
Result<Schedule> plan(std::shared_ptr<const Graph> graph, const PlanOptions &options = {});

}  // namespace thimble
