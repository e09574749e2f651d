#include "thimble/schedule/cost.h"

#include <algorithm>

#include "thimble/graph/rules.h"

namespace thimble {
namespace {

bool live(const Buffer &buffer, std::int64_t firing) {
  return buffer.first <= firing && firing <= buffer.last;
}

/// Bytes of memory that the buffers occupy together: shared bytes count once.
std::int64_t union_bytes(const Schedule &schedule, std::vector<std::int32_t> &buffers) {
  const auto place = [&](std::int32_t index) -> const Buffer & {
    return schedule.buffers[static_cast<std::size_t>(index)];
  };
  std::sort(buffers.begin(), buffers.end(), [&](std::int32_t a, std::int32_t b) {
    const Buffer &left = place(a);
    const Buffer &right = place(b);
    if (left.region != right.region) return left.region < right.region;
    return left.offset != right.offset ? left.offset < right.offset : a < b;
  });
  std::int64_t bytes = 0;
  std::int64_t end = 0;
  std::int32_t region = kNone;
  for (std::int32_t index : buffers) {
    const Buffer &buffer = place(index);
    if (buffer.region != region) end = 0;
    region = buffer.region;
    const std::int64_t stop = buffer.offset + buffer.size;
    bytes += std::max<std::int64_t>(0, stop - std::max(end, buffer.offset));
    end = std::max(end, stop);
  }
  return bytes;
}

/// Buffers that are live at a firing and that `counts` accepts.
template <class Counts>
std::vector<std::int32_t> live_at(const Schedule &schedule, std::int64_t firing, Counts &&counts) {
  std::vector<std::int32_t> buffers;
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    if (live(schedule.buffers[b], firing) && counts(schedule.buffers[b])) {
      buffers.push_back(static_cast<std::int32_t>(b));
    }
  }
  return buffers;
}

/// The largest live sum is reached where some buffer begins.
template <class Counts>
std::int64_t largest_live_bytes(const Schedule &schedule, Counts &&counts) {
  std::int64_t most = 0;
  for (const Buffer &buffer : schedule.buffers) {
    std::vector<std::int32_t> buffers = live_at(schedule, buffer.first, counts);
    most = std::max(most, union_bytes(schedule, buffers));
  }
  return most;
}

}  // namespace

MemoryCost memory_cost(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  MemoryCost cost;
  for (const MemoryRegion &region : schedule.regions) {
    if (region.kind != RegionKind::non_volatile) cost.arena_bytes += region.size;
  }
  const auto is_volatile = [&](const Buffer &buffer) {
    return schedule.regions[static_cast<std::size_t>(buffer.region)].kind != RegionKind::non_volatile;
  };
  cost.allocation_bound_bytes = largest_live_bytes(schedule, is_volatile);
  cost.msf_bytes = largest_live_bytes(schedule, [&](const Buffer &buffer) {
    const bool at_the_ends = contains(graph.inputs, buffer.tensor) || contains(graph.outputs, buffer.tensor);
    return is_volatile(buffer) && (!at_the_ends || buffer.kind == BufferKind::accumulator);
  });
  for (TensorId input : graph.inputs) cost.input_bytes += graph.tensor(input).bytes();
  for (TensorId output : graph.outputs) cost.output_bytes += graph.tensor(output).bytes();
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.kind == BufferKind::scratch) cost.scratch_bytes = std::max(cost.scratch_bytes, buffer.size);
    const bool kept = buffer.kind == BufferKind::state || buffer.kind == BufferKind::hold;
    if (kept) cost.state_bytes += buffer.size;
  }
  return cost;
}

ComputeCost compute_cost(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  ComputeCost cost;
  for_each_firing(schedule, [&](const Firing &firing) {
    ++cost.firings;
    cost.macs += macs(graph, graph.op(firing.op), firing.tile, firing.reduction);
  });
  for (const Op &op : graph.ops) cost.macs_unplanned += macs(graph, op);
  return cost;
}

std::vector<StagePeak> stage_peaks(const Schedule &schedule) {
  struct Span {
    std::int64_t first = -1, last = -1;
  };
  std::vector<Span> spans(schedule.stages.size());
  for_each_firing(schedule, [&](const Firing &firing) {
    Span &span = spans[static_cast<std::size_t>(firing.stage)];
    if (span.first < 0) span.first = firing.index;
    span.last = firing.index;
  });
  std::vector<StagePeak> peaks;
  for (std::size_t s = 0; s < spans.size(); ++s) {
    StagePeak peak{static_cast<std::int32_t>(s), spans[s].first, -1, {}};
    const auto consider = [&](std::int64_t firing) {
      std::vector<std::int32_t> buffers = live_at(schedule, firing, [](const Buffer &) { return true; });
      const std::int64_t bytes = union_bytes(schedule, buffers);
      if (bytes < peak.bytes || (bytes == peak.bytes && firing >= peak.firing)) return;
      peak.bytes = bytes;
      peak.firing = firing;
      peak.buffers = std::move(buffers);
    };
    consider(spans[s].first);
    for (const Buffer &buffer : schedule.buffers) {
      if (spans[s].first < buffer.first && buffer.first <= spans[s].last) consider(buffer.first);
    }
    peaks.push_back(std::move(peak));
  }
  return peaks;
}

}  // namespace thimble
