#include "thimble/schedule/check_placement.h"

#include <algorithm>

#include "thimble/schedule/verify_buffers.h"

namespace thimble {
namespace {

std::string number(std::int64_t value) {
  return std::to_string(value);
}

/// Written without regard to what lies there, so that nothing live may.
bool exclusive(BufferKind kind) {
  return kind == BufferKind::scratch || kind == BufferKind::accumulator || kind == BufferKind::cursors;
}

/// Sums and the output that they become: whether element by element the one makes room for the other is for
/// the walk over the firings.
bool become(const Buffer &sums, const Buffer &output) {
  return sums.kind == BufferKind::accumulator && holds_elements(output.kind) &&
         output.kind != BufferKind::accumulator && sums.tensor == output.tensor;
}

/// Working memory is dead between two firings, unless it survives calls.
bool both_scratch(const Schedule &schedule, const Buffer &a, const Buffer &b) {
  const auto dies = [&](const Buffer &one) {
    return one.kind == BufferKind::scratch && !survives_calls(schedule, one);
  };
  return dies(a) && dies(b);
}

std::string fault_of(const Schedule &schedule, const Buffer &buffer) {
  const MemoryRegion &region = schedule.regions[static_cast<std::size_t>(buffer.region)];
  if (buffer.offset + buffer.size > region.size) {
    return "ends at byte " + number(buffer.offset + buffer.size) + " of region '" + region.name + "' of " +
           number(region.size) + " bytes";
  }
  if (buffer.offset % buffer.alignment != 0) {
    return "is at byte " + number(buffer.offset) + ", which is not aligned to " + number(buffer.alignment);
  }
  if (!holds_elements(buffer.kind)) return "";
  if (buffer.alignment < element_alignment(buffer.layout)) {
    return "is aligned to " + number(buffer.alignment) + " but its elements need " +
           number(element_alignment(buffer.layout));
  }
  if (buffer.size != buffer.layout.bytes()) {
    return "has " + number(buffer.size) + " bytes but its layout needs " + number(buffer.layout.bytes());
  }
  return "";
}

}  // namespace

bool share_bytes(const Buffer &a, const Buffer &b) {
  return a.region == b.region &&
         std::max(a.offset, b.offset) < std::min(a.offset + a.size, b.offset + b.size);
}

Result<void> check_placement(const Schedule &schedule) {
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    const std::string fault = fault_of(schedule, buffer);
    if (!fault.empty()) return failure(buffer_text(schedule, b) + " " + fault);
    if (!exclusive(buffer.kind)) continue;
    for (std::size_t other = 0; other < schedule.buffers.size(); ++other) {
      const Buffer &neighbour = schedule.buffers[other];
      const bool together = std::max(buffer.first, neighbour.first) <= std::min(buffer.last, neighbour.last);
      if (other == b || !together || !share_bytes(buffer, neighbour) || become(buffer, neighbour) ||
          both_scratch(schedule, buffer, neighbour))
        continue;
      return failure(buffer_text(schedule, b) + " shares bytes with " + buffer_text(schedule, other) +
                     ", which is live at the same time");
    }
  }
  return {};
}

}  // namespace thimble
