#include "thimble/schedule/stage_buffers.h"

namespace thimble {

StageBuffers::StageBuffers(const Schedule &schedule, std::int32_t stage)
    : tensors(schedule.graph->tensors.size(), kNone),
      accumulators(schedule.graph->ops.size(), kNone),
      scratches(schedule.graph->ops.size(), kNone) {
  // Shared buffers first, so that private ones replace them.
  for (const bool shared : {true, false}) {
    for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
      const Buffer &buffer = schedule.buffers[b];
      if (buffer.stage != (shared ? kNone : stage)) continue;
      const auto index = static_cast<std::int32_t>(b);
      if (buffer.kind == BufferKind::accumulator) {
        accumulators[static_cast<std::size_t>(buffer.op)] = index;
      } else if (buffer.kind == BufferKind::scratch) {
        scratches[static_cast<std::size_t>(buffer.op)] = index;
      } else if (buffer.tensor != kNone) {
        tensors[static_cast<std::size_t>(buffer.tensor)] = index;
      }
    }
  }
}

}  // namespace thimble
