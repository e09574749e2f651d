// What a schedule costs: bytes and multiply-accumulates, from its buffers and firings.
#pragma once

#include "thimble/schedule/firing.h"

namespace thimble {

struct MemoryCost {
  std::int64_t arena_bytes = 0;             ///< everything in RAM: all volatile regions
  std::int64_t allocation_bound_bytes = 0;  ///< largest sum of sizes live at one firing: no offsets do better
  std::int64_t msf_bytes =
      0;  ///< largest live sum without network input and final map (msf-CNN's accounting)
  std::int64_t input_bytes = 0;    ///< network inputs
  std::int64_t output_bytes = 0;   ///< network outputs
  std::int64_t scratch_bytes = 0;  ///< largest kernel scratch
  std::int64_t state_bytes = 0;    ///< kept between calls
};

struct ComputeCost {
  std::int64_t firings = 0;
  std::int64_t macs = 0;            ///< over all firings, recomputation included
  std::int64_t macs_unplanned = 0;  ///< of the graph, each operator once
};

/// The firing of a stage at which most bytes are live, and the buffers that are.
struct StagePeak {
  std::int32_t stage = 0;
  std::int64_t firing = 0;
  std::int64_t bytes = 0;             ///< live bytes; buffers that share bytes count once
  std::vector<std::int32_t> buffers;  ///< indices into Schedule::buffers, by offset
};

MemoryCost memory_cost(const Schedule &schedule);
ComputeCost compute_cost(const Schedule &schedule);
/// One entry per stage.
std::vector<StagePeak> stage_peaks(const Schedule &schedule);

}  // namespace thimble
