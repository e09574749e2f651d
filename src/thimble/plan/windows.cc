#include "thimble/plan/windows.h"

#include <algorithm>

#include "thimble/graph/footprint.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/nest.h"

namespace thimble {
namespace {

constexpr std::int32_t kLongestBlock = 16;
constexpr std::size_t kMostLabels = 120;  // kept per position
constexpr std::size_t kMostChoices = 12;  // kept per stage

int row_axis(const Tensor &tensor) {
  return axis_of(Level::row, tensor.rank());
}

bool has_pixels(const Tensor &tensor) {
  return row_axis(tensor) != kNone && axis_of(Level::column, tensor.rank()) != kNone;
}

/// Finds the rows of the tensors before `end` that its rows need, one row after another.
class BlockBuilder {
 public:
  BlockBuilder(const Graph &graph, std::span<const OpId> order, std::span<const WindowUse> uses,
               std::int32_t end)
      : graph_(graph),
        order_(order),
        uses_(uses),
        end_(end),
        needs_(static_cast<std::size_t>(kLongestBlock)) {}

  WindowBlock build(std::int32_t first, std::int64_t extra_macs) {
    const Tensor &made = output(end_);
    if (!has_pixels(made) || op(end_).is<Input>()) return {};
    const int axis = row_axis(made);
    std::vector<Range> rows;
    for (std::int32_t y = 0; y < made.shape[static_cast<std::size_t>(axis)]; ++y) rows.push_back({y, y + 1});
    needs_of(end_) = std::move(rows);
    add_reads(end_);
    std::int64_t extra = 0;
    for (std::int32_t p = end_ - 1; p >= first && end_ - p < kLongestBlock; --p) {
      const Tensor &tensor = output(p);
      const WindowUse &use = uses_[static_cast<std::size_t>(op(p).output())];
      if (!has_pixels(tensor) || op(p).is<Input>() || use.producer != p || use.last > end_ || use.last <= p)
        break;
      std::int64_t most = 0;
      std::int64_t all = 0;
      for (const Range &range : needs_of(p)) {
        most = std::max<std::int64_t>(most, range.size());
        all += range.size();
      }
      if (most == 0) break;
      const std::int64_t height = tensor.shape[static_cast<std::size_t>(row_axis(tensor))];
      extra += std::max<std::int64_t>(0, all - height) * (macs(graph_, op(p)) / height);
      if (extra > extra_macs) break;
      block_.windows.push_back({most, extra});
      add_reads(p);
    }
    return std::move(block_);
  }

 private:
  const Op &op(std::int32_t p) const { return graph_.op(order_[static_cast<std::size_t>(p)]); }
  const Tensor &output(std::int32_t p) const { return graph_.tensor(op(p).output()); }
  std::vector<Range> &needs_of(std::int32_t p) { return needs_[static_cast<std::size_t>(end_ - p)]; }

  void add_reads(std::int32_t p) {
    const std::vector<Range> &rows = needs_of(p);
    for (std::size_t j = 0; j < op(p).inputs.size(); ++j) {
      const TensorId input = op(p).inputs[j];
      if (input == kNone || graph_.tensor(input).constant()) continue;
      const Tensor &tensor = graph_.tensor(input);
      if (!has_pixels(tensor)) continue;
      const Footprint reads = footprint(graph_, op(p), static_cast<int>(j));
      const std::int32_t producer = uses_[static_cast<std::size_t>(input)].producer;
      const bool near = producer != kNone && producer < p && end_ - producer < kLongestBlock;
      if (near) needs_of(producer).resize(rows.size());
      std::int64_t most = 0;
      for (std::size_t y = 0; y < rows.size(); ++y) {
        if (rows[y].empty()) continue;
        Region tile = Region::whole(output(p).shape);
        tile.axis[row_axis(output(p))] = rows[y];
        const Region read = input_region(reads, tensor.shape, tile, {0, reduction_extent(graph_, op(p))});
        const Range range = read.axis[row_axis(tensor)];
        if (range.empty()) continue;
        most = std::max<std::int64_t>(most, range.size());
        if (!near) continue;
        Range &need = needs_of(producer)[y];
        need = need.empty() ? range : Range{std::min(need.begin, range.begin), std::max(need.end, range.end)};
      }
      block_.reads.push_back({p, input, most});
    }
  }

  const Graph &graph_;
  std::span<const OpId> order_;
  std::span<const WindowUse> uses_;
  std::int32_t end_;
  std::vector<std::vector<Range>> needs_;  ///< by distance from the end, by the end's rows
  WindowBlock block_;
};

/// What a part of the stage, from some position to the driver, costs.
struct Label {
  std::int64_t bytes = 0;   ///< of FIFOs
  std::int64_t shared = 0;  ///< of the largest block's windows: blocks take turns
  std::int64_t macs = 0;
  std::int32_t windows = 0;  ///< tensors
  std::int32_t end = kNone;  ///< of its first block
  std::size_t after = 0;     ///< the label at that end

  std::int64_t total() const { return bytes + shared; }
};

/// Keeps what no other label beats in everything; of too many, those at even distances. `finished`: FIFOs and
/// windows add up, nothing follows.
void prune(std::vector<Label> &labels, std::size_t most, bool finished) {
  std::stable_sort(labels.begin(), labels.end(), [](const Label &a, const Label &b) {
    if (a.macs != b.macs) return a.macs < b.macs;
    return a.total() != b.total() ? a.total() < b.total() : a.windows < b.windows;
  });
  std::vector<Label> kept;
  for (const Label &label : labels) {
    const bool beaten = std::any_of(kept.begin(), kept.end(), [&](const Label &other) {
      return finished ? other.total() <= label.total()
                      : other.bytes <= label.bytes && other.shared <= label.shared;
    });
    if (!beaten) kept.push_back(label);
  }
  labels.clear();
  const std::size_t count = std::min(most, kept.size());
  for (std::size_t i = 0; i < count; ++i) {
    labels.push_back(kept[count == 1 ? 0 : i * (kept.size() - 1) / (count - 1)]);
  }
}

}  // namespace

std::vector<WindowBlock> window_blocks(const Graph &graph, std::span<const OpId> order,
                                       std::span<const WindowUse> uses, std::int32_t first,
                                       std::int64_t extra_macs) {
  std::vector<WindowBlock> blocks(order.size());
  for (auto end = static_cast<std::int32_t>(order.size()) - 1; end >= first; --end) {
    blocks[static_cast<std::size_t>(end)] = BlockBuilder(graph, order, uses, end).build(first, extra_macs);
  }
  return blocks;
}

std::vector<WindowChoice> window_choices(const Graph &graph, std::span<const OpId> order,
                                         std::span<const WindowUse> uses, std::span<const WindowBlock> blocks,
                                         const StageProfile &profile, std::int32_t first, std::int32_t driver,
                                         const WindowLimits &limits, const InnerBytes &bytes) {
  std::vector<WindowChoice> choices;
  const auto tensor_at = [&](std::int32_t p) {
    return graph.op(order[static_cast<std::size_t>(p)]).output();
  };
  const auto inner = [&](std::int32_t p, std::int64_t rows, bool window) -> std::int64_t {
    const TensorId tensor = tensor_at(p);
    const WindowUse &use = uses[static_cast<std::size_t>(tensor)];
    // What leaves the stage is whole, whatever happens in it.
    if (use.producer != p || use.last > driver) return 0;
    TensorProfile shape;
    const TensorProfile &known = profile.tensors[static_cast<std::size_t>(tensor)];
    shape.lines = static_cast<std::int32_t>(window ? rows : std::max<std::int64_t>(rows, known.lines));
    // Whoever waits for other operands does so by as many columns as rows.
    shape.spread = window ? std::max(known.spread, known.lines) : known.spread;
    return bytes(tensor, shape, window);
  };
  std::vector<std::vector<Label>> labels(static_cast<std::size_t>(driver) + 1);
  // Most rows of the tensor made at `made` that block (begin, end] reads at once.
  const auto rows_read = [&](std::int32_t made, std::int32_t begin, std::int32_t end) {
    std::int64_t rows = 0;
    for (const WindowBlock::Read &read : blocks[static_cast<std::size_t>(end)].reads) {
      if (read.reader > begin && read.tensor == tensor_at(made)) rows = std::max(rows, read.rows);
    }
    return rows;
  };
  const auto line_bytes = [&](std::int32_t made) {
    const std::int64_t lines = profile.tensors[static_cast<std::size_t>(tensor_at(made))].lines;
    return inner(made, lines + 1, false) - inner(made, lines, false);
  };
  // Bytes of the FIFO before block (begin, end], after which label `l` goes on. A row in which windows live
  // is made as a whole. Whoever reads it in a later block is behind, by what the stage without windows tells.
  const auto fifo_bytes = [&](std::int32_t begin, std::int32_t end, std::size_t l, bool owns) {
    std::int64_t rows = std::max<std::int64_t>(1, rows_read(begin, begin, end));
    const std::int64_t behind = profile.tensors[static_cast<std::size_t>(tensor_at(begin))].lines - 1;
    if (uses[static_cast<std::size_t>(tensor_at(begin))].last > end) {
      for (std::int32_t at = end; at != driver;) {
        const Label &label = labels[static_cast<std::size_t>(at)][l];
        const std::int64_t later = rows_read(begin, at, label.end);
        if (later > 0) rows = std::max(rows, behind + later);
        at = label.end;
        l = label.after;
      }
    }
    return inner(begin, rows, false) + (owns ? line_bytes(begin) : 0);
  };
  labels[static_cast<std::size_t>(driver)].push_back({});
  const bool sums = reduces_rows(graph, graph.op(order[static_cast<std::size_t>(driver)]));
  std::int64_t plain = 0;                                                        // bytes without windows
  std::vector<std::vector<Label>> stages(static_cast<std::size_t>(driver) + 1);  // by first position
  for (std::int32_t end = driver; end >= first; --end) {
    std::vector<Label> &here = labels[static_cast<std::size_t>(end)];
    prune(here, kMostLabels, false);
    const WindowBlock &block = blocks[static_cast<std::size_t>(end)];
    const auto longest = sums && end == driver ? 0 : static_cast<std::int32_t>(block.windows.size());
    // Where windows live for as long as a row of the FIFO is being made, it is made as a whole.
    const std::int64_t rest_of_line = end == driver ? 0 : line_bytes(end);
    std::int64_t window_bytes = 0;
    for (std::int32_t begin = end - 1; begin >= first - 1 && end - 1 - begin <= longest; --begin) {
      const std::int32_t windows = end - 1 - begin;
      std::int64_t extra = 0;
      if (windows > 0) {
        const WindowBlock::Entry &entry = block.windows[static_cast<std::size_t>(windows) - 1];
        window_bytes += inner(begin + 1, entry.rows, true);
        extra = entry.extra_macs;
      }
      for (std::size_t l = 0; l < here.size(); ++l) {
        const Label &label = here[l];
        if (label.macs + extra > limits.extra_macs) continue;
        const Label next{label.bytes + (windows > 0 ? rest_of_line : 0),
                         std::max(label.shared, window_bytes),
                         label.macs + extra,
                         label.windows + windows,
                         end,
                         l};
        if (next.total() > limits.bytes) continue;
        stages[static_cast<std::size_t>(begin) + 1].push_back(next);
        if (begin < first) continue;
        Label longer = next;
        longer.bytes += fifo_bytes(begin, end, l, false);
        if (longer.total() <= limits.bytes) labels[static_cast<std::size_t>(begin)].push_back(longer);
      }
    }
  }
  for (std::int32_t begin = driver; begin >= first; --begin) {
    std::vector<Label> &found = stages[static_cast<std::size_t>(begin)];
    // `plain`: every tensor between begin and the driver in a FIFO.
    if (begin < driver) plain += inner(begin, 1, false);
    found.push_back({plain, 0, 0, 0, kNone, 0});
    prune(found, kMostChoices, true);
    for (const Label &label : found) {
      if (label.windows == 0 || label.total() >= plain) continue;
      WindowChoice choice{begin, {}, {}, label.macs};
      std::int32_t start = begin;
      for (const Label *at = &label; at->end != kNone;) {
        const WindowBlock &block = blocks[static_cast<std::size_t>(at->end)];
        for (std::int32_t p = start; p < at->end; ++p) {
          choice.windows.push_back(tensor_at(p));
          choice.bytes.push_back(
              inner(p, block.windows[static_cast<std::size_t>(at->end - 1 - p)].rows, true));
        }
        if (at->end == driver) break;
        const bool owns = at->end > start;
        start = at->end + 1;
        at = &labels[static_cast<std::size_t>(start) - 1][at->after];
        choice.bytes.push_back(fifo_bytes(start - 1, at->end, at->after, owns));
      }
      choices.push_back(std::move(choice));
    }
  }
  return choices;
}

}  // namespace thimble
