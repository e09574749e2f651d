#include "thimble/plan/kernels.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "thimble/base/checked.h"
#include "thimble/graph/packed_filter.h"
#include "thimble/schedule/occurrences.h"
#include "thimble/schedule/time_loop.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

/// Bytes of code, as GCC 12 makes it for a Cortex-M4 with -O2: of a kernel, and of what walks over the pixels
/// of dense layers and of convolutions with it.
struct KernelCode {
  std::string_view kernel;
  std::int64_t loops, dense, convolution;
};
constexpr KernelCode kCode[] = {
    {"octets", 2280, 324, 1852}, {"singles", 1472, 268, 1472}, {"quads", 1896, 856, 2116},
    {"rows", 320, 0, 1400},      {"slices", 0, 1288, 0},       {"taps", 604, 0, 1732},
    {"spread", 604, 0, 1952},    {"strips", 1324, 0, 1532},
};
/// Of an operator: its parameters and calls, and its part of a stage of several.
constexpr std::int64_t kOpCode = 120, kFusedCode = 20;
/// What all code of a program is to stay within, where operators alone leave a quarter of it to kernels.
constexpr std::int64_t kMostCode = 16 * 1024;

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

KernelCost cost_of(const Graph &graph, const Op &op, const Occurrence &occurrence,
                   const KernelVariant &variant) {
  KernelCost cost;
  for (const auto &[size, count] : occurrence.tiles) cost += count * kernel_cost(graph, op, variant, size);
  return cost;
}

class KernelChoice {
 public:
  KernelChoice(Schedule &schedule, std::int64_t most_bytes, Measure measure)
      : schedule_(schedule),
        measure_(measure),
        graph_(*schedule.graph),
        most_bytes_(most_bytes),
        arenas_(std::count_if(schedule.regions.begin(), schedule.regions.end(),
                              [](const MemoryRegion &one) { return one.kind == RegionKind::arena; })),
        occurrences_(find_occurrences(schedule)) {}

  /// The cheapest kernel without wide weights. The portable one only where no other finds room: its code
  /// would be there for a few small operators.
  void choose(OpId id) {
    const std::span<const KernelVariant> variants = kernel_variants(graph_.op(id));
    if (occurrences(id).empty()) return;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t v = 1; v < variants.size(); ++v) {
      const auto variant = static_cast<std::int32_t>(v);
      if (takes_flash(variants[v]) || !suits(id, variants[v])) continue;
      const std::int64_t own = cost(id, variant);
      if (own < least && take(id, variant)) least = own;
    }
  }

  /// Each kernel comes with one to four kilobytes of code. Those that save less than a 96th of all cost
  /// leave their operators to other ones that are there anyhow; less than a 12th where code is long.
  void drop_rare_kernels() {
    while (drop_rare_kernel()) {
    }
  }

  /// Wide weights where they gain most for each byte, as long as there are bytes to spend.
  void widen(std::int64_t bytes) {
    std::vector<Widening> gains;
    for (std::size_t op = 0; op < graph_.ops.size(); ++op) {
      const OpId id = static_cast<OpId>(op);
      const std::span<const KernelVariant> variants = kernel_variants(graph_.op(id));
      for (std::size_t v = 1; v < variants.size(); ++v) {
        if (!takes_flash(variants[v]) || !suits(id, variants[v])) continue;
        const auto variant = static_cast<std::int32_t>(v);
        const std::int64_t gain = cost(id, chosen(id)) - cost(id, variant);
        if (gain > 0) gains.push_back({id, variant, gain, widened_bytes(graph_, graph_.op(id), variants[v])});
      }
    }
    std::stable_sort(gains.begin(), gains.end(), [](const Widening &a, const Widening &b) {
      return a.gain * b.bytes > b.gain * a.bytes;
    });
    std::set<OpId> widened;
    for (const Widening &one : gains) {
      if (one.bytes > bytes || widened.contains(one.op) || !take(one.op, one.variant)) continue;
      widened.insert(one.op);
      bytes -= one.bytes;
    }
  }

  bool use(OpId id, std::int32_t variant) {
    return suits(id, kernel_variants(graph_.op(id))[static_cast<std::size_t>(variant)]) && take(id, variant);
  }

 private:
  struct Widening {
    OpId op;
    std::int32_t variant;
    std::int64_t gain, bytes;
  };

  static bool takes_flash(const KernelVariant &variant) {
    return variant.packing && is_wide(*variant.packing) && !is_depthwise(*variant.packing);
  }

  /// The one that is missed least, if one can go.
  bool drop_rare_kernel() {
    const std::vector<OpId> ops = with_choice();
    std::int64_t all = 0;
    std::set<std::string_view> kernels;
    for (const OpId id : ops) {
      all += cost(id, chosen(id));
      kernels.insert(code_of(id, chosen(id)));
    }
    const std::int64_t bytes = code_bytes(ops);
    const bool crowded = bytes > kMostCode && op_bytes() <= kMostCode * 3 / 4;
    std::int64_t most = crowded ? all / 12 : all / 96;
    const Schedule before = schedule_;
    std::optional<Schedule> best;
    for (const std::string_view kernel : kernels) {
      std::set<std::string_view> others = kernels;
      others.erase(kernel);
      const auto more = replace(ops, kernel, others, most);
      if (more && code_bytes(ops) < bytes) {
        best = std::move(schedule_);
        most = *more - 1;
      }
      schedule_ = before;
    }
    if (best) schedule_ = std::move(*best);
    return best.has_value();
  }

  /// About so many bytes of code there are without kernels.
  std::int64_t op_bytes() const {
    std::int64_t bytes = 0;
    for (const Stage &stage : schedule_.stages) {
      const auto count = static_cast<std::int64_t>(stage.ops.size());
      bytes += count * (kOpCode + (count > 1 ? kFusedCode : 0));
    }
    return bytes;
  }

  /// And of the whole program.
  std::int64_t code_bytes(const std::vector<OpId> &ops) const {
    std::int64_t bytes = op_bytes();
    for (const KernelCode &code : kCode) {
      bool loops = false, dense = false, convolution = false;
      for (const OpId id : ops) {
        const std::string_view own = code_of(id, chosen(id));
        // Rows of pairs go through the loops of quads.
        loops |= own == code.kernel || (own == "rows" && code.kernel == "quads");
        if (own == code.kernel) (is_dense(graph_, graph_.op(id)) ? dense : convolution) = true;
      }
      bytes += (loops ? code.loops : 0) + (dense ? code.dense : 0) + (convolution ? code.convolution : 0);
    }
    return bytes;
  }

  /// Operators that have several kernels to choose from here.
  std::vector<OpId> with_choice() const {
    std::vector<OpId> ops;
    for (std::size_t op = 0; op < graph_.ops.size(); ++op) {
      const OpId id = static_cast<OpId>(op);
      const std::span<const KernelVariant> variants = kernel_variants(graph_.op(id));
      const bool several = std::any_of(variants.begin(), variants.end(), [](const KernelVariant &variant) {
        return variant.packing.has_value();
      });
      if (several && !occurrences(id).empty()) ops.push_back(id);
    }
    return ops;
  }

  /// Variants of one name have one code, whatever their weights and lengths.
  std::string_view code_of(OpId id, std::int32_t variant) const {
    return kernel_code(kernel_variants(graph_.op(id))[static_cast<std::size_t>(variant)]);
  }

  /// Gives the operators of one kernel to others, with weights no wider, for at most `most` of cost; returns
  /// for how much.
  std::optional<std::int64_t> replace(const std::vector<OpId> &ops, std::string_view kernel,
                                      const std::set<std::string_view> &others, std::int64_t most) {
    std::int64_t more = 0;
    for (const OpId id : ops) {
      const std::int32_t old = chosen(id);
      if (code_of(id, old) != kernel) continue;
      const std::span<const KernelVariant> variants = kernel_variants(graph_.op(id));
      std::vector<std::pair<std::int64_t, std::int32_t>> choices;
      for (std::size_t v = 0; v < variants.size(); ++v) {
        const auto variant = static_cast<std::int32_t>(v);
        const bool wider = takes_flash(variants[v]) && !takes_flash(variants[static_cast<std::size_t>(old)]);
        if (!wider && others.contains(code_of(id, variant)) && suits(id, variants[v]))
          choices.emplace_back(cost(id, variant), variant);
      }
      std::sort(choices.begin(), choices.end());
      const auto taken = std::find_if(choices.begin(), choices.end(),
                                      [&](const auto &choice) { return take(id, choice.second); });
      if (taken == choices.end()) return std::nullopt;
      more += taken->first - cost(id, old);
      if (more > most) return std::nullopt;
    }
    return more;
  }

  const std::vector<Occurrence> &occurrences(OpId id) const {
    return occurrences_[static_cast<std::size_t>(id)];
  }

  std::int32_t chosen(OpId id) const {
    const Occurrence &in = occurrences(id).front();
    return schedule_.stages[static_cast<std::size_t>(in.stage)].ops[in.position].variant;
  }

  std::int64_t cost(OpId id, std::int32_t variant) const {
    const Op &op = graph_.op(id);
    KernelCost cost;
    for (const Occurrence &in : occurrences(id))
      cost += cost_of(graph_, op, in, kernel_variants(op)[static_cast<std::size_t>(variant)]);
    return cost.by(measure_);
  }

  bool suits(OpId id, const KernelVariant &variant) const {
    const Op &op = graph_.op(id);
    const std::vector<Occurrence> &own = occurrences(id);
    if (own.empty() || variant.remembers) return false;
    if (!variant.packing) return true;
    const std::int32_t group = group_channels(*variant.packing);
    const Shape &shape = graph_.tensor(op.output()).shape;
    const std::int32_t all = shape.back();
    const auto fits = [&](const Occurrence &in) {
      if (in.parts != variant.partial_reduction || in.channel_step % group != 0) return false;
      const auto has_fours = [&](const auto &tile) { return part_depth(graph_, op, tile.first) % 4 == 0; };
      if (in.parts && !std::all_of(in.tiles.begin(), in.tiles.end(), has_fours)) return false;
      // Only convolutions have strips, and those have columns. Strips of pairs may end anywhere in a row.
      // What a firing makes or reads of all rows does not fold.
      const auto is_row = [&](const auto &tile) {
        const std::int32_t least = variant.pixels > 1 ? variant.pixels : shape[2];
        return tile.first.columns >= least && (!variant.down || tile.first.rows == shape[1]) &&
               !tile.first.folded;
      };
      if (variant.down && schedule_.time) return false;
      if (variant.strip > 0 && (!std::all_of(in.tiles.begin(), in.tiles.end(), is_row) ||
                                columns_fold(schedule_, op.output(), in.stage)))
        return false;
      return std::all_of(in.tiles.begin(), in.tiles.end(), [&](const auto &tile) {
        return tile.first.channels == all || (!variant.whole_pixels && tile.first.channels % group == 0);
      });
    };
    return std::all_of(own.begin(), own.end(), fits) && variant.applies(graph_, op);
  }

  Region largest_tile(OpId id) const {
    return schedule_.time ? time_tile(schedule_, id, 0)
                          : Region::whole(graph_.tensor(graph_.op(id).output()).shape);
  }

  /// Places the variant's scratch in all stages, in the place of what the operator had; false without room.
  bool take(OpId id, std::int32_t variant) {
    const Op &op = graph_.op(id);
    const std::vector<Occurrence> &own = occurrences(id);
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
      buffer.size = kernel.scratch_bytes(graph_, op, largest_tile(id));
      if (buffer.size == 0) continue;
      bool placed = false;
      for (std::size_t r = 0; r < schedule_.regions.size() && !placed; ++r) {
        buffer.region = static_cast<std::int32_t>(r);
        if (schedule_.regions[r].kind == RegionKind::state) continue;
        // Where all that a run uses is in one arena, that may grow.
        const std::int64_t room =
            arenas_ == 1 ? std::max(most_bytes_, schedule_.regions[r].size) : schedule_.regions[r].size;
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
  Measure measure_;
  const Graph &graph_;
  std::int64_t most_bytes_;
  std::int64_t arenas_;
  std::vector<std::vector<Occurrence>> occurrences_;
};

}  // namespace

std::int64_t widened_bytes(const Graph &graph, const Op &op, const KernelVariant &variant) {
  const std::int64_t group = group_channels(*variant.packing);
  const std::int64_t groups = (graph.tensor(op.output()).shape.back() + group - 1) / group;
  return groups * group * packed_depth(graph, op, *variant.packing);
}

void choose_kernels(Schedule &schedule, KernelSet kernels, std::int64_t most_bytes, Measure measure) {
  if (kernels != KernelSet::pairs) return;
  KernelChoice choice(schedule, most_bytes, measure);
  for (std::size_t id = 0; id < schedule.graph->ops.size(); ++id) choice.choose(static_cast<OpId>(id));
  choice.widen(kMostWidenedBytes);
  choice.drop_rare_kernels();
}

bool use_kernel(Schedule &schedule, OpId op, std::int32_t variant) {
  return KernelChoice(schedule, kMaxRegionBytes, Measure::both).use(op, variant);
}

std::vector<KernelCost> operator_costs(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<Occurrence>> occurrences = find_occurrences(schedule);
  std::vector<KernelCost> costs(graph.ops.size());
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    for (const Occurrence &in : occurrences[id]) {
      const StageOp &own = schedule.stages[static_cast<std::size_t>(in.stage)].ops[in.position];
      costs[id] += cost_of(graph, op, in, kernel_variants(op)[static_cast<std::size_t>(own.variant)]);
    }
  }
  return costs;
}

}  // namespace thimble
