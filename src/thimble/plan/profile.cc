#include "thimble/plan/profile.h"

#include <algorithm>
#include <limits>

#include "thimble/graph/view.h"
#include "thimble/schedule/reads.h"

namespace thimble {
namespace {

/// Byte of a box's first element, or one past its last one, in the whole tensor.
std::int64_t byte_of(const Tensor &tensor, const Region &box, bool end) {
  std::int64_t element = 0;
  for (int a = 0; a < box.rank; ++a) {
    const std::int32_t at = end ? box.axis[a].end - 1 : box.axis[a].begin;
    element = element * tensor.shape[static_cast<std::size_t>(a)] + at;
  }
  return (element + (end ? 1 : 0)) * size_of(tensor.type);
}

/// Pixels along the line that one element of the reader's output spans.
std::int32_t spread_of(const Footprint &reads, int axis) {
  const AxisMap &map = reads[static_cast<std::size_t>(axis)];
  return map.kind == AxisMap::Kind::follow ? map.extent : std::numeric_limits<std::int32_t>::max();
}

/// A schedule whose stage number `stage` is the nest in question, and every other operator a stage of its
/// own.
struct Probe {
  Schedule schedule;
  std::int32_t stage = 0;
};

Probe make_probe(const Graph &graph, std::span<const OpId> order, std::int32_t first, std::int32_t driver,
                 Sweep sweep) {
  Probe probe;
  // The graph outlives the probe.
  probe.schedule.graph = std::shared_ptr<const Graph>(std::shared_ptr<const Graph>(), &graph);
  for (std::int32_t p = 0; p < first; ++p) {
    probe.schedule.stages.push_back(make_stage(graph, order.subspan(static_cast<std::size_t>(p), 1), {}));
  }
  probe.stage = first;
  const std::span<const OpId> ops =
      order.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(driver - first + 1));
  probe.schedule.stages.push_back(make_stage(graph, ops, {Grain::lines, sweep}));
  for (auto p = static_cast<std::size_t>(driver) + 1; p < order.size(); ++p) {
    probe.schedule.stages.push_back(make_stage(graph, order.subspan(p, 1), {}));
  }
  return probe;
}

}  // namespace

std::optional<DriverProfile> profile_driver(const Graph &graph, std::span<const OpId> order,
                                            std::int32_t first, std::int32_t driver, Sweep sweep) {
  if (!can_drive(graph, graph.op(order[static_cast<std::size_t>(driver)]), {Grain::lines, sweep})) {
    return std::nullopt;
  }
  const Level line = sweep == Sweep::rows ? Level::row : Level::column;
  const Level across = sweep == Sweep::rows ? Level::column : Level::row;
  std::vector<std::int32_t> position(graph.ops.size(), kNone);
  for (std::size_t p = 0; p < order.size(); ++p) {
    position[static_cast<std::size_t>(order[p])] = static_cast<std::int32_t>(p);
  }

  DriverProfile profile;
  profile.tensors.resize(graph.tensors.size());
  profile.firings.assign(order.size(), 0);
  for (std::int32_t p = first; p <= driver; ++p) {
    const Op &op = graph.op(order[static_cast<std::size_t>(p)]);
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
      const int axis = axis_of(across, graph.tensor(op.inputs[j]).rank());
      if (axis == kNone) continue;
      std::int32_t &spread = profile.tensors[static_cast<std::size_t>(op.inputs[j])].spread;
      spread = std::max(spread, spread_of(footprint(graph, op, static_cast<int>(j)), axis));
    }
  }

  const Probe probe = make_probe(graph, order, first, driver, sweep);
  const Reads reads(graph);
  std::vector<std::int32_t> newest(graph.tensors.size(), 0);
  for_each_firing_of(probe.schedule, probe.stage, [&](const Firing &firing) {
    const std::int32_t p = position[static_cast<std::size_t>(firing.op)];
    ++profile.firings[static_cast<std::size_t>(p)];
    reads.for_each(firing, [&](TensorId id, const Region &region) {
      const Tensor &tensor = graph.tensor(id);
      TensorProfile &read = profile.tensors[static_cast<std::size_t>(id)];
      read.reads.push_back({firing.index, p, byte_of(tensor, region, false)});
      const int axis = axis_of(line, tensor.rank());
      if (axis == kNone) return;
      read.lines = std::max(read.lines, newest[static_cast<std::size_t>(id)] - region.axis[axis].begin);
    });
    const TensorId id = graph.op(firing.op).output();
    const Tensor &tensor = graph.tensor(id);
    TensorProfile &written = profile.tensors[static_cast<std::size_t>(id)];
    if (firing.last) written.writes.push_back({firing.index, p, byte_of(tensor, firing.tile, true)});
    const int axis = axis_of(line, tensor.rank());
    if (axis == kNone) return;
    newest[static_cast<std::size_t>(id)] = firing.tile.axis[axis].end;
    written.lines = std::max(written.lines, firing.tile.axis[axis].size());
  });
  return profile;
}

std::int64_t overlap_distance(std::span<const Access> reads, std::span<const Access> writes) {
  // From the last firing backwards: `needed` is the first byte that is read from here on.
  std::int64_t distance = 0;
  std::int64_t needed = std::numeric_limits<std::int64_t>::max();
  std::size_t r = reads.size();
  std::vector<std::int64_t> written(writes.size());
  std::int64_t most = 0;
  for (std::size_t w = 0; w < writes.size(); ++w) written[w] = most = std::max(most, writes[w].byte);
  for (std::size_t w = writes.size(); w-- > 0;) {
    while (r > 0 && reads[r - 1].firing >= writes[w].firing) needed = std::min(needed, reads[--r].byte);
    if (needed != std::numeric_limits<std::int64_t>::max())
      distance = std::max(distance, written[w] - needed);
  }
  return distance;
}

}  // namespace thimble
