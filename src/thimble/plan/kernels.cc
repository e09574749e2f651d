#include "thimble/plan/kernels.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "thimble/base/checked.h"
#include "thimble/schedule/firing.h"
#include "thimble/schedule/kernel_cost.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

/// An operator in one stage: its firings and the room that it has.
struct Occurrence {
  std::int32_t stage = kNone;
  std::size_t position = 0;
  std::int64_t first = 0, last = 0;
  std::map<TileSize, std::int64_t> tiles;  ///< how often a tile of this size is made
  std::int32_t channel_step = 0;           ///< all tiles' channels begin at multiples of it; 0: at 0
  bool parts = false;                      ///< some firing sums a part of the reduction only
};

TileSize size_of(const Region &tile) {
  TileSize size;
  size.channels = tile.rank > 0 ? tile.axis[static_cast<std::size_t>(tile.rank - 1)].size() : 1;
  if (tile.rank > 2) size.columns = tile.axis[static_cast<std::size_t>(tile.rank - 2)].size();
  for (int a = 0; a + 1 < tile.rank; ++a) size.pixels *= tile.axis[static_cast<std::size_t>(a)].size();
  return size;
}

std::vector<std::vector<Occurrence>> find_occurrences(const Schedule &schedule) {
  std::vector<std::vector<Occurrence>> found(schedule.graph->ops.size());
  for_each_firing(schedule, [&](const Firing &firing) {
    std::vector<Occurrence> &own = found[static_cast<std::size_t>(firing.op)];
    if (own.empty() || own.back().stage != firing.stage) {
      Occurrence occurrence;
      occurrence.stage = firing.stage;
      occurrence.first = firing.index;
      const auto &ops = schedule.stages[static_cast<std::size_t>(firing.stage)].ops;
      while (ops[occurrence.position].op != firing.op) ++occurrence.position;
      own.push_back(std::move(occurrence));
    }
    Occurrence &occurrence = own.back();
    const Region &tile = firing.tile;
    occurrence.last = firing.index;
    ++occurrence.tiles[size_of(tile)];
    if (tile.rank > 0) {
      const Range channels = tile.axis[static_cast<std::size_t>(tile.rank - 1)];
      occurrence.channel_step = std::gcd(occurrence.channel_step, channels.begin);
    }
    occurrence.parts = occurrence.parts || !firing.first || !firing.last;
  });
  return found;
}

/// The lowest place that is free while the operator fires.
std::optional<std::int64_t> find_room(const Schedule &schedule, std::int32_t region,
                                      std::int64_t region_bytes, const Occurrence &occurrence,
                                      std::int64_t bytes, std::int32_t alignment) {
  std::vector<const Buffer *> live;
  for (const Buffer &buffer : schedule.buffers) {
    const bool together = buffer.first <= occurrence.last && occurrence.first <= buffer.last;
    // Scratch is dead between firings.
    if (buffer.region == region && together && buffer.kind != BufferKind::scratch) live.push_back(&buffer);
  }
  std::sort(live.begin(), live.end(), [](const Buffer *a, const Buffer *b) { return a->offset < b->offset; });
  std::int64_t at = 0;
  for (const Buffer *buffer : live) {
    if (align_up(at, alignment) + bytes <= buffer->offset) break;
    at = std::max(at, buffer->offset + buffer->size);
  }
  at = align_up(at, alignment);
  if (at + bytes > region_bytes) return std::nullopt;
  return at;
}

std::int64_t instructions_of(const Graph &graph, const Op &op, const Occurrence &occurrence,
                             const KernelVariant &variant) {
  std::int64_t instructions = 0;
  for (const auto &[size, count] : occurrence.tiles)
    instructions += count * kernel_instructions(graph, op, variant, size);
  return instructions;
}

class KernelChoice {
 public:
  KernelChoice(Schedule &schedule, std::int64_t most_bytes)
      : schedule_(schedule),
        graph_(*schedule.graph),
        most_bytes_(most_bytes),
        occurrences_(find_occurrences(schedule)) {}

  void choose(OpId id) {
    const std::vector<Occurrence> &own = occurrences_[static_cast<std::size_t>(id)];
    const Op &op = graph_.op(id);
    const std::span<const KernelVariant> variants = kernel_variants(op);
    if (own.empty() || variants.size() == 1) return;
    std::int64_t least = cost(op, own, variants[0]);
    for (std::size_t v = 1; v < variants.size(); ++v) {
      if (!suits(op, own, variants[v])) continue;
      const std::int64_t instructions = cost(op, own, variants[v]);
      if (instructions >= least) continue;
      if (take(id, own, static_cast<std::int32_t>(v))) least = instructions;
    }
  }

 private:
  std::int64_t cost(const Op &op, const std::vector<Occurrence> &own, const KernelVariant &variant) const {
    std::int64_t instructions = 0;
    for (const Occurrence &occurrence : own) instructions += instructions_of(graph_, op, occurrence, variant);
    return instructions;
  }

  bool suits(const Op &op, const std::vector<Occurrence> &own, const KernelVariant &variant) const {
    const std::int32_t group = group_channels(*variant.packing);
    const Shape &shape = graph_.tensor(op.output()).shape;
    const std::int32_t all = shape.back();
    const auto fits = [&](const Occurrence &in) {
      if (in.parts || in.channel_step % group != 0) return false;
      if (variant.strip > 0 && (columns_fold(op.inputs[0], in.stage) || columns_fold(op.output(), in.stage) ||
                                in.tiles.begin()->first.columns < shape[2]))
        return false;
      return std::all_of(in.tiles.begin(), in.tiles.end(), [&](const auto &tile) {
        return tile.first.channels == all || tile.first.channels % group == 0;
      });
    };
    return std::all_of(own.begin(), own.end(), fits) && variant.applies(graph_, op);
  }

  bool columns_fold(TensorId tensor, std::int32_t stage) const {
    const Layout &layout = buffer_of(schedule_, tensor, stage)->layout;
    return layout.fifo_pixels > 0 || layout.fold[2] != layout.shape[2];
  }

  /// Places the variant's scratch in all stages, in the place of what the operator had; false without room.
  bool take(OpId id, const std::vector<Occurrence> &own, std::int32_t variant) {
    const Op &op = graph_.op(id);
    std::vector<Buffer> scratch;
    for (const Occurrence &occurrence : own) {
      Buffer buffer;
      buffer.kind = BufferKind::scratch;
      buffer.op = id;
      buffer.stage = occurrence.stage;
      buffer.alignment = 4;
      buffer.first = occurrence.first;
      buffer.last = occurrence.last;
      const KernelVariant &kernel = kernel_variants(op)[static_cast<std::size_t>(variant)];
      buffer.size = kernel.scratch_bytes(graph_, op, Region::whole(graph_.tensor(op.output()).shape));
      if (buffer.size == 0) continue;
      bool placed = false;
      for (std::size_t r = 0; r < schedule_.regions.size() && !placed; ++r) {
        buffer.region = static_cast<std::int32_t>(r);
        // Where all is in one arena, that may grow.
        const std::int64_t room = schedule_.regions.size() == 1
                                      ? std::max(most_bytes_, schedule_.regions[r].size)
                                      : schedule_.regions[r].size;
        const auto at = find_room(schedule_, buffer.region, room, occurrence, buffer.size, buffer.alignment);
        if (at) buffer.offset = *at;
        placed = at.has_value();
      }
      if (!placed) return false;
      scratch.push_back(std::move(buffer));
    }
    std::erase_if(schedule_.buffers, [&](const Buffer &buffer) {
      return buffer.kind == BufferKind::scratch && buffer.op == id;
    });
    for (Buffer &buffer : scratch) {
      MemoryRegion &region = schedule_.regions[static_cast<std::size_t>(buffer.region)];
      region.size = std::max(region.size, align_up(buffer.offset + buffer.size, 4));
      schedule_.buffers.push_back(std::move(buffer));
    }
    for (const Occurrence &occurrence : own) {
      schedule_.stages[static_cast<std::size_t>(occurrence.stage)].ops[occurrence.position].variant = variant;
    }
    return true;
  }

  Schedule &schedule_;
  const Graph &graph_;
  std::int64_t most_bytes_;
  std::vector<std::vector<Occurrence>> occurrences_;
};

}  // namespace

void choose_kernels(Schedule &schedule, KernelSet kernels, std::int64_t most_bytes) {
  if (kernels != KernelSet::pairs) return;
  KernelChoice choice(schedule, most_bytes);
  for (std::size_t id = 0; id < schedule.graph->ops.size(); ++id) choice.choose(static_cast<OpId>(id));
}

std::int64_t estimated_instructions(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<Occurrence>> occurrences = find_occurrences(schedule);
  std::int64_t instructions = 0;
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    const std::span<const KernelVariant> variants = kernel_variants(op);
    if (variants.size() == 1) continue;
    for (const Occurrence &in : occurrences[id]) {
      const StageOp &own = schedule.stages[static_cast<std::size_t>(in.stage)].ops[in.position];
      instructions += instructions_of(graph, op, in, variants[static_cast<std::size_t>(own.variant)]);
    }
  }
  return instructions;
}

}  // namespace thimble
