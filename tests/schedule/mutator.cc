#include "mutator.h"

#include <algorithm>

namespace thimble::test {

void Mutator::mutate(Schedule &schedule) {
  mutate_once(schedule);
  if (pick(3) == 0) mutate_once(schedule);
  if (pick(3) != 0) {
    for (Buffer &buffer : schedule.buffers) {
      const bool whole = buffer.kind != BufferKind::scratch && buffer.kind != BufferKind::cursors;
      if (whole && buffer.layout.fold.size() == buffer.layout.shape.size())
        buffer.size = buffer.layout.bytes();
    }
    for (const Buffer &buffer : schedule.buffers) {
      const bool sane = buffer.offset >= 0 && buffer.offset + buffer.size <= kMaxRegionBytes;
      if (sane) schedule.regions[0].size = std::max(schedule.regions[0].size, buffer.offset + buffer.size);
    }
  }
  if (pick(3) != 0 && verify_structure(schedule)) set_lifetimes(schedule);
}

void Mutator::mutate_once(Schedule &schedule) {
  if (pick(2) == 0 && !schedule.buffers.empty()) {
    mutate_buffer(schedule);
  } else {
    mutate_stage(schedule);
  }
}

void Mutator::mutate_buffer(Schedule &schedule) {
  Buffer &buffer = one_of(schedule.buffers);
  Buffer &other = one_of(schedule.buffers);
  switch (pick(17)) {
    case 0:
      buffer.offset += nudge() * buffer.alignment;
      return;
    case 1:
      buffer.alignment = 1;
      buffer.offset += nudge();
      return;
    case 2:
      buffer.offset = other.offset;
      return;
    case 3:
      std::swap(buffer.offset, other.offset);
      return;
    case 4:
      buffer.offset = other.offset + other.size - 8 * pick(3);
      return;
    case 5:
      buffer.alignment = pick(2) == 0 ? buffer.alignment * 2 : buffer.alignment / 2;
      return;
    case 6:
      buffer.size += nudge();
      return;
    case 7:
      buffer.first += nudge();
      return;
    case 8:
      buffer.last += nudge();
      return;
    case 9:
      if (!buffer.layout.fold.empty()) one_of(buffer.layout.fold) += nudge();
      return;
    case 10:
      buffer.layout.fifo_pixels += buffer.layout.fifo_pixels > 0 ? nudge() : pick(20);
      return;
    case 11:
      buffer.stage = pick(schedule.stages.size() + 1) - 1;
      return;
    case 12:
      std::swap(buffer.tensor, other.tensor);
      return;
    case 13:
      std::swap(buffer.stage, other.stage);
      return;
    case 14:
      buffer.region = pick(schedule.regions.size() + 1);
      return;
    case 15:
      schedule.buffers.erase(schedule.buffers.begin() + pick(schedule.buffers.size()));
      return;
    default:
      schedule.regions[0].size += nudge();
      return;
  }
}

void Mutator::mutate_stage(Schedule &schedule) {
  Stage &stage = one_of(schedule.stages);
  if (stage.ops.empty()) return;
  const auto level = [&] { return static_cast<Level>(pick(5)); };
  switch (pick(12)) {
    case 0:
      std::swap(one_of(schedule.stages), one_of(schedule.stages));
      return;
    case 1:
      std::swap(one_of(stage.ops), one_of(stage.ops));
      return;
    case 2:
      stage.ops.erase(stage.ops.begin() + pick(stage.ops.size()));
      return;
    case 3:
      stage.ops.push_back({pick(schedule.graph->ops.size())});
      return;
    case 4:
      stage.loops.insert(stage.loops.begin() + pick(stage.loops.size() + 1),
                         {level(), 1 + pick(4), pick(3) == 0});
      return;
    case 5:
      if (!stage.loops.empty()) one_of(stage.loops).step += nudge();
      return;
    case 6:
      if (!stage.loops.empty()) one_of(stage.loops).reduction ^= true;
      return;
    case 7:
      if (!stage.loops.empty()) stage.loops.erase(stage.loops.begin() + pick(stage.loops.size()));
      return;
    case 8:
      if (!stage.inner.empty()) one_of(stage.inner).compute_at = level();
      return;
    case 9:
      if (!stage.inner.empty()) one_of(stage.inner).store_at = level();
      return;
    case 10:
      if (!stage.inner.empty()) one_of(stage.inner).step += nudge();
      return;
    default:
      if (!stage.inner.empty()) stage.inner.erase(stage.inner.begin() + pick(stage.inner.size()));
      return;
  }
}

}  // namespace thimble::test
