#include "thimble/plan/accesses.h"

#include <algorithm>
#include <limits>

#include "thimble/graph/rules.h"
#include "thimble/schedule/reads.h"

namespace thimble {
namespace {

/// A whole tensor's accesses, in order of firings.
struct Story {
  std::vector<TensorAccess> reads, writes;
  std::int64_t last_read = -1;  ///< firing
  bool arrives = false;         ///< whole, before the run
};

/// Whole, and seen by all stages: what is made and used up inside one stage never counts as handed on, so
/// that the costs by which stages are chosen, and their bound, hold for the arena.
bool is_whole(const Buffer &buffer) {
  if (buffer.stage != kNone) return false;
  const bool holds_tensor = buffer.kind == BufferKind::input || buffer.kind == BufferKind::output ||
                            buffer.kind == BufferKind::tensor;
  return holds_tensor && buffer.layout.is_whole();
}

/// An output may be written over its own sums: the last part reads sum i, which is no smaller than the
/// element, before it writes element i. Only where the sums of the whole output are there, for else the next
/// ones would be written over what is finished.
void add_sums(const Schedule &schedule, std::span<const std::int32_t> block_of,
              std::vector<Overlap> &overlaps) {
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer &sums = schedule.buffers[b];
    if (sums.kind != BufferKind::accumulator || !sums.layout.is_whole()) continue;
    const Buffer *output = buffer_of(schedule, sums.tensor, sums.stage);
    if (output == nullptr || !is_whole(*output)) continue;
    const std::int32_t below = block_of[static_cast<std::size_t>(output - schedule.buffers.data())];
    // Bytes and floats: C allows no int16_t to be written where the next int64_t is read.
    if (output->layout.element_size == 1 || output->layout.element_size == sums.layout.element_size)
      overlaps.push_back({below, block_of[b], 0});
  }
}

}  // namespace

bool reads_ahead(const Graph &graph, const Op &op, TensorId input) {
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    if (op.inputs[j] == input && !may_follow(in_place(graph, op, static_cast<int>(j)))) return false;
  }
  return true;
}

std::int64_t byte_of(const Tensor &tensor, const Region &box, bool end) {
  std::int64_t element = 0;
  for (int a = 0; a < box.rank; ++a) {
    const std::int32_t at = end ? box.axis[a].end - 1 : box.axis[a].begin;
    element = element * tensor.shape[static_cast<std::size_t>(a)] + at;
  }
  return (element + (end ? 1 : 0)) * size_of(tensor.type);
}

std::int64_t overlap_distance(std::span<const TensorAccess> reads, std::span<const TensorAccess> writes) {
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

std::vector<Overlap> allowed_overlaps(const Schedule &schedule, std::span<const std::int32_t> block_of,
                                      std::span<const Block> blocks) {
  const Graph &graph = *schedule.graph;
  // Tensors whose block is theirs alone: what shares its bytes already has more than one story.
  std::vector<std::int32_t> owners(blocks.size(), 0);
  for (const std::int32_t block : block_of) ++owners[static_cast<std::size_t>(block)];
  std::vector<std::size_t> candidates;
  std::vector<Story> stories(graph.tensors.size());
  std::vector<bool> wanted(graph.tensors.size(), false);
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer &buffer = schedule.buffers[b];
    if (!is_whole(buffer) || owners[static_cast<std::size_t>(block_of[b])] != 1) continue;
    candidates.push_back(b);
    wanted[static_cast<std::size_t>(buffer.tensor)] = true;
  }
  const Reads reads(graph);
  for_each_firing(schedule, [&](const Firing &firing) {
    const Op &op = graph.op(firing.op);
    const TensorId output = op.output();
    reads.for_each(firing, [&](TensorId tensor, const Region &region) {
      if (!wanted[static_cast<std::size_t>(tensor)]) return;
      std::vector<TensorAccess> &story = stories[static_cast<std::size_t>(tensor)].reads;
      stories[static_cast<std::size_t>(tensor)].last_read = firing.index;
      // A read that may lie under the firing's own writes counts as if it came before.
      const std::int64_t at = firing.index - (reads_ahead(graph, op, tensor) ? 1 : 0);
      if (!story.empty() && story.back().firing > at) {
        story.back() = {at, firing.op,
                        std::min(story.back().byte, byte_of(graph.tensor(tensor), region, false))};
        return;
      }
      story.push_back({at, firing.op, byte_of(graph.tensor(tensor), region, false)});
    });
    if (!firing.last || !wanted[static_cast<std::size_t>(output)]) return;
    // The caller puts whole inputs in place in any order.
    stories[static_cast<std::size_t>(output)].arrives = firing.entry == Entry::frame;
    stories[static_cast<std::size_t>(output)].writes.push_back(
        {firing.index, firing.op, byte_of(graph.tensor(output), firing.tile, true)});
  });

  std::vector<Overlap> overlaps;
  for (const std::size_t a : candidates) {
    const Buffer &above = schedule.buffers[a];
    const Story &dying = stories[static_cast<std::size_t>(above.tensor)];
    for (const std::size_t b : candidates) {
      const Buffer &below = schedule.buffers[b];
      const Story &born = stories[static_cast<std::size_t>(below.tensor)];
      // The one is complete before the other begins, and not kept for anybody else.
      if (dying.writes.empty() || dying.reads.empty() || born.writes.empty() || born.arrives) continue;
      if (below.first > above.last || dying.writes.back().firing >= born.writes.front().firing) continue;
      if (below.first < dying.writes.back().firing) continue;
      // Kept for the caller.
      if (above.kept || above.last > dying.last_read || is_kept(graph, above.tensor)) continue;
      const std::int64_t distance = overlap_distance(dying.reads, born.writes);
      if (distance < below.size) overlaps.push_back({block_of[b], block_of[a], distance});
    }
  }
  add_sums(schedule, block_of, overlaps);
  return overlaps;
}

}  // namespace thimble
