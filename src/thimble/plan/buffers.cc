#include "thimble/plan/buffers.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/accesses.h"
#include "thimble/plan/blocks.h"
#include "thimble/plan/nest.h"
#include "thimble/plan/offsets.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/loads.h"
#include "thimble/schedule/measure.h"
#include "thimble/schedule/sum_bytes.h"
#include "thimble/schedule/variant.h"

namespace thimble {
namespace {

Buffer whole_buffer(const Graph &graph, TensorId tensor) {
  Buffer buffer;
  buffer.tensor = tensor;
  buffer.kind = contains(graph.inputs, tensor)     ? BufferKind::input
                : state_of(graph, tensor) != kNone ? BufferKind::state
                : contains(graph.outputs, tensor)  ? BufferKind::output
                                                   : BufferKind::tensor;
  buffer.layout = Layout::whole(graph.tensor(tensor));
  return buffer;
}

/// The buffer of a tensor that is made and used up in one stage: a ring of lines, or a pixel FIFO where that
/// is smaller.
Buffer inner_buffer(const Graph &graph, TensorId tensor, std::int32_t stage, const TensorFold &keeps) {
  Buffer buffer = whole_buffer(graph, tensor);
  buffer.stage = stage;
  buffer.layout.fold = keeps.fold;
  if (keeps.fold == buffer.layout.shape) return buffer;
  const bool part = !keeps.fold.empty() && keeps.fold.back() < buffer.layout.shape.back();
  buffer.kind = part ? BufferKind::slice : BufferKind::ring;
  const std::int64_t pixels = element_count(keeps.fold) / keeps.fold.back();
  if (keeps.fifo_pixels > 0 && keeps.fifo_pixels < pixels) {
    buffer.kind = BufferKind::fifo;
    buffer.layout.fold = buffer.layout.shape;
    buffer.layout.fifo_pixels = keeps.fifo_pixels;
  }
  return buffer;
}

/// Partial sums of a stage whose driver is summed in parts; the loops outside the one over the reduction
/// finish their tile before they go on.
Buffer accumulator(const Graph &graph, const Stage &stage, std::int32_t index) {
  Buffer buffer;
  buffer.kind = BufferKind::accumulator;
  buffer.op = stage.ops.back().op;
  buffer.tensor = graph.op(buffer.op).output();
  buffer.stage = index;
  buffer.layout = Layout::whole(graph.tensor(buffer.tensor));
  buffer.layout.element_size = sum_bytes(graph, stage);
  for (const Loop &loop : stage.loops) {
    if (loop.reduction) break;
    const int axis = axis_of(loop.level, static_cast<int>(buffer.layout.fold.size()));
    if (axis == kNone) continue;
    std::int32_t &fold = buffer.layout.fold[static_cast<std::size_t>(axis)];
    fold = std::min(fold, loop.step);
  }
  return buffer;
}

/// Bytes of scratch that the operators of each stage need at most: [stage][position].
std::vector<std::vector<std::int64_t>> scratch_needs(const Schedule &schedule) {
  std::vector<std::vector<std::int64_t>> needs;
  for (const Stage &stage : schedule.stages) needs.emplace_back(stage.ops.size(), 0);
  const Graph &graph = *schedule.graph;
  for_each_firing(schedule, [&](const Firing &firing) {
    const auto &ops = schedule.stages[static_cast<std::size_t>(firing.stage)].ops;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (ops[i].op != firing.op) continue;
      const KernelVariant &variant =
          kernel_variants(graph.op(firing.op))[static_cast<std::size_t>(firing.variant)];
      std::int64_t &need = needs[static_cast<std::size_t>(firing.stage)][i];
      need = std::max(need, variant.scratch_bytes(graph, graph.op(firing.op), firing.tile));
    }
  });
  return needs;
}

/// Whether the stage's driver leaves partial sums between two firings: a step that covers the whole reduction
/// leaves none.
bool leaves_sums(const Schedule &schedule, const Stage &stage) {
  const Graph &graph = *schedule.graph;
  return std::any_of(stage.loops.begin(), stage.loops.end(), [&](const Loop &loop) {
    return loop.reduction && loop.step < reduction_extent(graph, graph.op(stage.ops.back().op));
  });
}

/// What the cursors of a stage need in the arena: bytes and alignment.
Result<CursorNeed> arena_cursors(const Schedule &schedule, std::int32_t stage, bool exact) {
  if (!exact) {
    const Stage &nest = schedule.stages[static_cast<std::size_t>(stage)];
    return CursorNeed{expected_cursors(*schedule.graph, nest), 2, true};
  }
  Result<CursorNeed> need = cursor_need(schedule, stage);
  if (need && !need->must_stay && need->bytes <= kMostLocalCursors) need->bytes = 0;
  return need;
}

}  // namespace

Result<void> make_buffers(Schedule &schedule, const BufferOptions &options) {
  const Graph &graph = *schedule.graph;
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  const std::vector<std::vector<TensorFold>> folds = measure_folds(schedule);
  const std::vector<std::vector<std::int64_t>> scratch = scratch_needs(schedule);
  std::vector<bool> shared(graph.tensors.size(), false);
  schedule.buffers.clear();
  const auto add = [&](Buffer buffer, std::int64_t size, std::int32_t alignment) {
    buffer.size = size;
    buffer.alignment = std::max(options.alignment, alignment);
    schedule.buffers.push_back(std::move(buffer));
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const auto index = static_cast<std::int32_t>(s);
    const Stage &stage = schedule.stages[s];
    for (std::size_t i = 0; i < stage.ops.size(); ++i) {
      const TensorId tensor = graph.op(stage.ops[i].op).output();
      const bool drives = i + 1 == stage.ops.size();
      Buffer buffer = whole_buffer(graph, tensor);
      if (!leaves[s][i] && !drives) {
        buffer = inner_buffer(graph, tensor, index, folds[s][i]);
      } else if (shared[static_cast<std::size_t>(tensor)]) {
        continue;
      } else {
        shared[static_cast<std::size_t>(tensor)] = true;
      }
      const std::int64_t size = buffer.layout.bytes();
      const int element = buffer.layout.element_size;
      add(std::move(buffer), size, element);
    }
    for (std::size_t i = 0; i < stage.ops.size(); ++i) {
      if (scratch[s][i] == 0) continue;
      Buffer buffer;
      buffer.kind = BufferKind::scratch;
      buffer.op = stage.ops[i].op;
      buffer.stage = index;
      add(std::move(buffer), scratch[s][i], 8);
    }
    if (leaves_sums(schedule, stage)) {
      Buffer buffer = accumulator(graph, stage, index);
      const std::int64_t size = buffer.layout.bytes();
      const int element = element_alignment(buffer.layout);
      add(std::move(buffer), size, element);
    }
    if (stage.loops.empty()) continue;
    const Result<CursorNeed> cursors = arena_cursors(schedule, index, options.exact_cursors);
    if (!cursors) return tl::unexpected(cursors.error());
    if (cursors->bytes == 0) continue;
    Buffer buffer;
    buffer.kind = BufferKind::cursors;
    buffer.stage = index;
    add(std::move(buffer), cursors->bytes, cursors->alignment);
  }
  const std::vector<Lifetime> lifetimes = measure_buffer_lifetimes(schedule);
  std::int64_t end = 0;
  for (const Lifetime &lifetime : lifetimes) end = std::max(end, lifetime.last);
  std::vector<Buffer> used;
  for (std::size_t b = 0; b < lifetimes.size(); ++b) {
    Buffer &buffer = schedule.buffers[b];
    buffer.first = lifetimes[b].first;
    buffer.kept = options.keep_inputs && buffer.kind == BufferKind::input;
    buffer.last = buffer.kept ? end : lifetimes[b].last;
    // An operator whose output is read in the padding only never fires in a nest.
    if (buffer.first >= 0) used.push_back(std::move(buffer));
  }
  schedule.buffers = std::move(used);
  return {};
}

namespace {

/// Buffers that lie on the very same bytes: the two sides of a reshape, and of an element-wise operator
/// inside a stage that writes its line over its input's.
class Merging {
 public:
  explicit Merging(const Schedule &schedule) : schedule_(schedule), root_(schedule.buffers.size()) {
    std::iota(root_.begin(), root_.end(), std::size_t{0});
    const Graph &graph = *schedule.graph;
    const std::vector<std::vector<OpId>> readers = consumers(graph);
    for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
      for (const StageOp &stage_op : schedule.stages[s].ops) {
        const Op &op = graph.op(stage_op.op);
        for (std::size_t j = 0; j < op.inputs.size(); ++j) {
          const TensorId input = op.inputs[j];
          if (input == kNone || graph.tensor(input).constant()) continue;
          const InPlace mode = in_place(graph, op, static_cast<int>(j));
          if (mode == InPlace::no || mode == InPlace::moving) continue;
          const auto stage = static_cast<std::int32_t>(s);
          const bool only_reader = readers[static_cast<std::size_t>(input)].size() == 1;
          if (join(input, op.output(), stage, mode, only_reader)) break;
        }
      }
    }
  }

  std::size_t root(std::size_t buffer) const {
    while (root_[buffer] != buffer) buffer = root_[buffer];
    return buffer;
  }
  /// Whether it lies on other buffers' bytes, or others on its own.
  bool joined(std::size_t buffer) const {
    for (std::size_t other = 0; other < root_.size(); ++other) {
      if (other != buffer && root(other) == root(buffer)) return true;
    }
    return false;
  }

 private:
  bool join(TensorId input, TensorId output, std::int32_t stage, InPlace mode, bool only_reader) {
    const Buffer *from = buffer_of(schedule_, input, stage);
    const Buffer *to = buffer_of(schedule_, output, stage);
    if (from == nullptr || to == nullptr || from->size != to->size) return false;
    const bool alias = mode == InPlace::alias && from->layout.is_whole() && to->layout.is_whole();
    // One line each: the input's next line is asked for only when the output's is used up.
    const Layout &in = from->layout;
    const Layout &out = to->layout;
    const bool one_line = from->kind == BufferKind::ring && to->kind == BufferKind::ring && only_reader &&
                          in.shape == out.shape && in.fold == out.fold &&
                          in.element_size == out.element_size && line_count(in) == 1;
    if (!alias && !(one_line && stored_alike(input, output, stage))) return false;
    root_[root(static_cast<std::size_t>(to - schedule_.buffers.data()))] =
        root(static_cast<std::size_t>(from - schedule_.buffers.data()));
    return true;
  }

  /// Whether both are windows inside the rows of the same tensor, or neither is one: what is made again reads
  /// what it was made from.
  bool stored_alike(TensorId a, TensorId b, std::int32_t stage) const {
    const StageTensor *found[2] = {nullptr, nullptr};
    for (const StageTensor &inner : schedule_.stages[static_cast<std::size_t>(stage)].inner) {
      if (inner.tensor == a) found[0] = &inner;
      if (inner.tensor == b) found[1] = &inner;
    }
    return found[0] == nullptr || found[1] == nullptr ||
           (found[0]->store_at == found[1]->store_at && found[0]->within == found[1]->within);
  }

  /// Lines of a ring: rows, or columns where the rows are whole.
  static std::int32_t line_count(const Layout &layout) {
    for (std::size_t a = 0; a < layout.fold.size(); ++a) {
      if (layout.fold[a] < layout.shape[a]) return layout.fold[a];
    }
    return 0;
  }

  const Schedule &schedule_;
  std::vector<std::size_t> root_;
};

/// Windows of one stage that lie in one block: those inside the rows of one tensor beside each other, those
/// of different tensors over each other.
///
///   block     |----------------------|
///   b's       |--- w1 ---|-- w2 --|
///   driver's  |--------- v ----------|
class WindowBlocks {
 public:
  WindowBlocks(const Schedule &schedule, const Merging &merging)
      : stage_(schedule.buffers.size(), kNone), offset_(schedule.buffers.size(), 0) {
    for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
      const auto index = static_cast<std::int32_t>(s);
      std::map<TensorId, std::int64_t> ends;  // by whose rows they are inside of
      for (const StageTensor &inner : schedule.stages[s].inner) {
        if (inner.store_at != Level::row || inner.compute_at != Level::column) continue;
        const Buffer *buffer = buffer_of(schedule, inner.tensor, index);
        if (buffer == nullptr) continue;
        const auto b = static_cast<std::size_t>(buffer - schedule.buffers.data());
        if (buffer->stage == kNone || merging.joined(b)) continue;
        std::int64_t &end = ends[inner.within];
        offset_[b] = align_up(end, buffer->alignment);
        end = offset_[b] + buffer->size;
        stage_[b] = index;
      }
    }
  }

  /// The stage whose windows' block the buffer is in, or kNone.
  std::int32_t stage(std::size_t buffer) const { return stage_[buffer]; }
  std::int64_t offset(std::size_t buffer) const { return offset_[buffer]; }

 private:
  std::vector<std::int32_t> stage_;
  std::vector<std::int64_t> offset_;  ///< bytes from the block's beginning
};

}  // namespace

Blocks make_blocks(const Schedule &schedule, bool share_windows) {
  Blocks made;
  const Merging merging(schedule);
  const WindowBlocks windows(schedule, merging);
  made.block_of.assign(schedule.buffers.size(), kNone);
  made.inside.assign(schedule.buffers.size(), 0);
  std::map<std::int32_t, std::int32_t> window_block;  // by stage
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const bool shares = share_windows && windows.stage(b) != kNone;
    std::int32_t &block =
        shares ? window_block.emplace(windows.stage(b), kNone).first->second : made.block_of[merging.root(b)];
    Buffer buffer = schedule.buffers[b];
    if (share_windows) made.inside[b] = windows.offset(b);
    if (shares) buffer.size += windows.offset(b);
    if (block == kNone) {
      block = static_cast<std::int32_t>(made.blocks.size());
      made.blocks.push_back({buffer.size, buffer.alignment, buffer.first, buffer.last});
    } else {
      Block &joined = made.blocks[static_cast<std::size_t>(block)];
      joined = {std::max(joined.size, buffer.size), std::max(joined.alignment, buffer.alignment),
                std::min(joined.first, buffer.first), std::max(joined.last, buffer.last)};
    }
    made.block_of[b] = block;
  }
  made.overlaps = allowed_overlaps(schedule, made.block_of, made.blocks);
  return made;
}

namespace {

MemoryRegion region_in(const Memory &memory, std::int64_t size) {
  return {memory.name, RegionKind::arena, size, memory.wait_cycles, memory.section};
}

/// The fastest memory that holds the whole arena.
const Memory *holds_all(const Schedule &schedule, std::span<const Memory> memories) {
  const Memory *best = nullptr;
  for (const Memory &memory : memories) {
    const bool faster = best == nullptr || memory.wait_cycles < best->wait_cycles;
    if (faster && schedule.regions[0].size <= memory.bytes) best = &memory;
  }
  return best;
}

}  // namespace

Result<BufferPlan> plan_buffers(Schedule &schedule, const BufferOptions &options) {
  if (Result<void> made = make_buffers(schedule, options); !made) return tl::unexpected(made.error());
  const Blocks made = make_blocks(schedule, options.share_windows);
  ExactOptions search;
  search.nodes = options.nodes;
  search.unit = options.alignment;
  const ExactPlacement placement = place_exact(made.blocks, made.overlaps, search);
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    schedule.buffers[b].offset =
        placement.offsets[static_cast<std::size_t>(made.block_of[b])] + made.inside[b];
  }
  schedule.regions.assign(1, MemoryRegion{});
  schedule.regions[0].size = align_up(placement.size, options.alignment);
  return BufferPlan{placement.lower_bound, placement.proved};
}

RegionChoice spread_buffers(Schedule &schedule, std::span<const Memory> memories,
                            const BufferOptions &options) {
  const std::vector<BufferAccesses> accesses = measure_accesses(schedule);
  std::int64_t total = 0;
  for (const BufferAccesses &buffer : accesses) total += buffer.sum();
  const Memory *const one = holds_all(schedule, memories);
  const bool none_faster =
      one != nullptr && std::none_of(memories.begin(), memories.end(), [&](const Memory &other) {
        return other.wait_cycles < one->wait_cycles;
      });
  const Blocks made = make_blocks(schedule, options.share_windows);
  std::vector<std::int64_t> sums(made.blocks.size(), 0);
  for (std::size_t b = 0; b < accesses.size(); ++b)
    sums[static_cast<std::size_t>(made.block_of[b])] += accesses[b].sum();
  RegionChoice choice;
  if (!none_faster) choice = choose_regions({made.blocks, made.overlaps, sums, memories, options.alignment});
  if (one != nullptr && (!choice.found || choice.stall_cycles >= total * one->wait_cycles)) {
    choice.stall_cycles = total * one->wait_cycles;
    if (none_faster) choice.bound_cycles = choice.stall_cycles;
    choice.proved = choice.proved || none_faster;
    choice.found = true;
    schedule.regions[0] = region_in(*one, schedule.regions[0].size);
    return choice;
  }
  if (!choice.found) return choice;

  std::vector<std::int32_t> region_of(memories.size(), 0);
  schedule.regions.clear();
  for (std::size_t m = 0; m < memories.size(); ++m) {
    if (choice.sizes[m] == 0) continue;
    region_of[m] = static_cast<std::int32_t>(schedule.regions.size());
    schedule.regions.push_back(region_in(memories[m], align_up(choice.sizes[m], options.alignment)));
  }
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    const auto block = static_cast<std::size_t>(made.block_of[b]);
    schedule.buffers[b].region = region_of[static_cast<std::size_t>(choice.memory[block])];
    schedule.buffers[b].offset = choice.offsets[block] + made.inside[b];
  }
  return choice;
}

}  // namespace thimble
