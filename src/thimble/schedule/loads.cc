#include "thimble/schedule/loads.h"

#include <array>
#include <optional>

#include "thimble/graph/rules.h"
#include "thimble/schedule/stage_buffers.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

constexpr std::int64_t kSharedChannels = 4;  // output channels that one load serves (thimble_dot4_s8)
constexpr std::int64_t kLinePasses = 3;  // of what needs all of a line for each element of it, as a softmax

/// Elements of an input that one operator loads for a tile, taps counted one by one. Axes are independent of
/// each other: along each one the taps of all output indices are added up, and the sums multiplied.
///
///   3 taps, padding 1, output columns 0 .. 3 of 4:   2 + 3 + 3 + 2 = 10
class TapCounter {
 public:
  TapCounter(const Graph &graph, const Op &op, std::size_t input)
      : shape_(graph.tensor(op.inputs[input]).shape),
        footprint_(footprint(graph, op, static_cast<int>(input))) {
    const Tensor &output = graph.tensor(op.output());
    again_ = macs(graph, op) > 0;
    shared_ = size_of(output.type) == 1 ? kSharedChannels : 1;
    if (again_ || in_place(graph, op, static_cast<int>(input)) == InPlace::alias) return;
    for (std::size_t a = 0; a < footprint_.size() && shape_ == output.shape; ++a) {
      if (footprint_[a].kind == AxisMap::Kind::all && shape_[a] > 1) passes_ = kLinePasses;
    }
  }

  std::int64_t count(const Region &tile, const Range &reduction) const {
    const Region all = input_region(footprint_, shape_, tile, reduction);
    std::int64_t loads = passes_;
    std::array<bool, kMaxRank> followed{};
    for (std::size_t a = 0; a < footprint_.size(); ++a) {
      const AxisMap &map = footprint_[a];
      if (map.kind != AxisMap::Kind::follow || map.output_axis == kNone) {
        loads *= all.axis[a].size();
        continue;
      }
      const auto axis = static_cast<std::size_t>(map.output_axis);
      followed[axis] = true;
      loads *= map.num == 1 && map.den == 1 && map.extent == 1 ? all.axis[a].size()
                                                               : taps(a, axis, tile, reduction);
    }
    if (!again_ || tile.rank == 0) return loads;
    const auto channel = static_cast<std::size_t>(tile.rank - 1);
    for (std::size_t a = 0; a < channel; ++a) loads *= followed[a] ? 1 : tile.axis[a].size();
    const std::int64_t channels = tile.axis[channel].size();
    return followed[channel] ? loads : loads * (channels / shared_ + channels % shared_);
  }

 private:
  std::int64_t taps(std::size_t input_axis, std::size_t axis, Region tile, const Range &reduction) const {
    const Range indices = tile.axis[axis];
    std::int64_t sum = 0;
    for (std::int32_t i = indices.begin; i < indices.end; ++i) {
      tile.axis[axis] = {i, i + 1};
      sum += input_region(footprint_, shape_, tile, reduction).axis[input_axis].size();
    }
    return sum;
  }

  const Shape &shape_;
  Footprint footprint_;
  bool again_ = false;  ///< multiplies by weights: each output channel reads the inputs again
  std::int64_t shared_ = 1, passes_ = 1;
};

/// Per input; nothing for constants and absent ones.
std::vector<std::optional<TapCounter>> tap_counters(const Graph &graph, const Op &op) {
  std::vector<std::optional<TapCounter>> counters(op.inputs.size());
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    if (op.inputs[j] != kNone && !graph.tensor(op.inputs[j]).constant()) counters[j].emplace(graph, op, j);
  }
  return counters;
}

/// Both sides are the same bytes by definition, and whole: nothing is done.
bool is_alias(const Schedule &schedule, const Op &op, const StageBuffers &buffers) {
  if (op.inputs.empty() || op.inputs[0] == kNone) return false;
  if (in_place(*schedule.graph, op, 0) != InPlace::alias) return false;
  const std::int32_t from = buffers.of(op.inputs[0]);
  const std::int32_t to = buffers.of(op.output());
  if (from == kNone || to == kNone) return false;
  return schedule.buffers[static_cast<std::size_t>(from)].layout.is_whole() &&
         schedule.buffers[static_cast<std::size_t>(to)].layout.is_whole();
}

}  // namespace

std::vector<BufferAccesses> measure_accesses(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  std::vector<BufferAccesses> accesses(schedule.buffers.size());
  std::vector<StageBuffers> seen;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s)
    seen.emplace_back(schedule, static_cast<std::int32_t>(s));
  std::vector<std::vector<std::optional<TapCounter>>> counters;
  for (const Op &op : graph.ops) counters.push_back(tap_counters(graph, op));
  std::vector<std::int64_t> firings(schedule.stages.size(), 0);
  const auto add = [&](std::int32_t buffer, std::int64_t loads, std::int64_t stores) {
    if (buffer == kNone) return;
    accesses[static_cast<std::size_t>(buffer)].loads += loads;
    accesses[static_cast<std::size_t>(buffer)].stores += stores;
  };
  for_each_firing(schedule, [&](const Firing &firing) {
    const Op &op = graph.op(firing.op);
    const StageBuffers &buffers = seen[static_cast<std::size_t>(firing.stage)];
    ++firings[static_cast<std::size_t>(firing.stage)];
    if (firing.entry == Entry::frame || is_alias(schedule, op, buffers)) return;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const auto &taps = counters[static_cast<std::size_t>(firing.op)][j];
      if (taps) add(buffers.of(op.inputs[j]), taps->count(firing.tile, firing.reduction), 0);
    }
    const std::int64_t elements = firing.tile.elements();
    if (firing.last) add(buffers.of(op.output()), 0, elements);
    if (!firing.first || !firing.last) {
      add(buffers.accumulator_of(firing.op), firing.first ? 0 : elements, firing.last ? 0 : elements);
    }
    const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(firing.variant)];
    const std::int64_t scratch = variant.scratch_bytes(graph, op, firing.tile);
    add(buffers.scratch_of(firing.op), scratch, scratch);
  });
  for (std::size_t b = 0; b < accesses.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    if (buffer.kind != BufferKind::cursors) continue;
    // A counter is compared, read for the tile, and set.
    const std::int64_t count = firings[static_cast<std::size_t>(buffer.stage)];
    accesses[b] = {2 * count, count};
  }
  return accesses;
}

std::int64_t stall_cycles(const Schedule &schedule, const std::vector<BufferAccesses> &accesses) {
  std::int64_t cycles = 0;
  for (std::size_t b = 0; b < accesses.size(); ++b) {
    const MemoryRegion &region = schedule.regions[static_cast<std::size_t>(schedule.buffers[b].region)];
    cycles += accesses[b].sum() * region.wait_cycles;
  }
  return cycles;
}

}  // namespace thimble
