#include "thimble/schedule/kernel_cost.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "thimble/graph/byte_function.h"
#include "thimble/graph/lstm.h"
#include "thimble/graph/parameters.h"
#include "thimble/schedule/occurrences.h"
#include "thimble/schedule/running_window.h"

namespace thimble {
namespace {

/// The window of an operator that moves one.
struct Window {
  Step2D filter, stride, dilation;
  Padding2D padding;
  std::int32_t depth = 1;  ///< inputs of a tap
};

std::optional<Window> window_of(const Graph &graph, const Op &op) {
  const auto filter = [&] {
    const Shape &weights = graph.tensor(op.inputs[1]).shape;
    return Step2D{weights[1], weights[2]};
  };
  if (op.is<Conv2D>()) {
    const auto &conv = op.as<Conv2D>();
    return Window{filter(), conv.stride, conv.dilation, conv.padding, graph.tensor(op.inputs[1]).shape[3]};
  }
  if (op.is<DepthwiseConv2D>()) {
    const auto &conv = op.as<DepthwiseConv2D>();
    return Window{filter(), conv.stride, conv.dilation, conv.padding};
  }
  if (op.is<ConvPart>()) {
    const auto &part = op.as<ConvPart>();
    const std::int32_t depth = part.depth_multiplier > 0 ? 1 : graph.tensor(op.inputs[1]).shape[3];
    return Window{filter(), part.stride, part.dilation, part.padding, depth};
  }
  if (op.is<AveragePool2D>()) {
    const auto &pool = op.as<AveragePool2D>();
    return Window{pool.filter, pool.stride, {}, pool.padding};
  }
  if (op.is<MaxPool2D>()) {
    const auto &pool = op.as<MaxPool2D>();
    return Window{pool.filter, pool.stride, {}, pool.padding};
  }
  return std::nullopt;
}

std::int32_t taps_inside(std::int32_t first, std::int32_t dilation, std::int32_t taps, std::int32_t size) {
  std::int32_t inside = 0;
  for (std::int32_t i = 0; i < taps; ++i) {
    const std::int32_t at = first + i * dilation;
    inside += at >= 0 && at < size ? 1 : 0;
  }
  return inside;
}

void add_taps(TileSize &size, const Window &window, const Shape &input, const Range &rows,
              const Range &columns) {
  size.plain_rows = size.plain_columns = size.row_taps = size.column_taps = size.fresh_taps = 0;
  for (std::int32_t r = rows.begin; r < rows.end; ++r) {
    const std::int32_t inside = taps_inside(r * window.stride.rows - window.padding.top, window.dilation.rows,
                                            window.filter.rows, input[1]);
    size.row_taps += inside;
    size.plain_rows += inside == window.filter.rows ? 1 : 0;
  }
  bool plain_before = false;
  for (std::int32_t c = columns.begin; c < columns.end; ++c) {
    const std::int32_t inside = taps_inside(c * window.stride.columns - window.padding.left,
                                            window.dilation.columns, window.filter.columns, input[2]);
    const bool plain = inside == window.filter.columns;
    size.column_taps += inside;
    // The column before has read all but the stride's columns.
    const bool alone = c == columns.begin || window.dilation.columns > 1;
    const std::int32_t known = alone ? 0 : std::max(window.filter.columns - window.stride.columns, 0);
    size.fresh_taps += taps_inside(c * window.stride.columns - window.padding.left + known,
                                   window.dilation.columns, window.filter.columns - known, input[2]);
    size.fours += inside * window.depth / 4;
    size.ones += inside * window.depth % 4;
    size.plain_columns += plain ? 1 : 0;
    size.plain_pairs += plain && plain_before && (c - columns.begin) % 2 == 1 ? 1 : 0;
    plain_before = plain;
  }
}

using Counts = std::vector<WorkCount>;

std::int64_t up(std::int64_t value, std::int64_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// Groups of channels, how they end, and channels that fill no group.
void add_groups(Counts &counts, const Graph &graph, const Op &op, FilterPacking packing,
                std::int32_t channels, std::int64_t times) {
  const std::int32_t group = group_channels(packing);
  const std::int64_t groups = up(channels, group);
  const ScaleKind kind = scale_kind(graph, op, packing);
  counts.push_back({"group", times * groups});
  counts.push_back({"signed group", kind == ScaleKind::any ? times * groups : 0});
  counts.push_back({"common group", kind == ScaleKind::common ? times * groups : 0});
  counts.push_back({"last group", channels % group != 0 ? times : 0});
  counts.push_back({"last channel", times * (channels % group)});
}

/// One pixel at a time.
KernelWork octets_work(const Graph &graph, const Op &op, FilterPacking packing, const TileSize &size) {
  const bool wide = is_wide(packing);
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t groups = pixels * up(size.channels, group_channels(packing));
  const std::int64_t depth = packed_depth(graph, op);
  const bool dense = is_dense(graph, op);
  const bool rest = !has_whole_fours(graph, op), copied = !dense && rest;
  KernelWork work{dense ? "dense octets" : copied ? "copied octets" : "octets", {}};
  if (wide) work.kernel = "wide " + work.kernel;
  Counts &counts = work.counts;
  counts = {{"call", 1}, {"folded call", size.folded ? 1 : 0}, {"pixel", pixels}};
  std::int64_t runs = 1;
  if (dense) {
    counts.push_back({"piece", size.pieces});
    counts.push_back({"pixel with a rest", rest ? pixels : 0});
    counts.push_back({"copied four", rest ? pixels * depth / 4 : 0});
  } else {
    counts.push_back({"row", size.rows});
    const std::int64_t plain = std::int64_t{size.plain_rows} * size.plain_columns;
    const std::int64_t rows = graph.tensor(op.inputs[1]).shape[1];
    counts.push_back({"filter row", plain * rows});
    counts.push_back({"border pixel", pixels - plain});
    counts.push_back({"border filter row", (pixels - plain) * rows});
    if (copied) {
      counts.push_back({"copied four", plain * depth / 4});
      counts.push_back({"copied input", (pixels - plain) * depth});
    } else {
      runs = rows;
    }
  }
  const std::int64_t fours = depth / 4 / runs;
  if (runs > 1) counts.push_back({"run", groups * (runs - 1)});
  counts.push_back({"four", groups * runs * fours});
  counts.push_back({"loop", groups * runs * up(fours, wide ? 4 : 8)});
  add_groups(counts, graph, op, packing, size.channels, pixels);
  return work;
}

/// Filter rows of pixels that are widened at once, and of those that are put together from pieces.
void add_filter_rows(Counts &counts, const Graph &graph, const Op &op, const TileSize &size,
                     std::int64_t plain, std::int64_t others) {
  const std::int64_t rows = graph.tensor(op.inputs[1]).shape[1];
  counts.push_back({"row", size.rows});
  counts.push_back({"filter row", plain * rows});
  counts.push_back({"other filter row", others * rows});
}

/// One pixel at a time, widened before.
KernelWork singles_work(const Graph &graph, const Op &op, FilterPacking packing, const TileSize &size) {
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t depth = packed_depth(graph, op);
  const bool dense = is_dense(graph, op), rest = !has_whole_fours(graph, op);
  KernelWork work{dense ? "dense singles" : rest ? "copied singles" : "singles", {}};
  if (is_wide(packing)) work.kernel = "wide " + work.kernel;
  const std::int64_t plain = dense ? (rest ? 0 : pixels) : std::int64_t{size.plain_rows} * size.plain_columns;
  const std::int64_t others = pixels - plain;
  Counts &counts = work.counts;
  counts = {{"call", 1}, {"folded call", size.folded ? 1 : 0}, {"pixel", pixels}, {"other pixel", others}};
  if (dense) {
    counts.push_back({"piece", size.pieces});
  } else {
    add_filter_rows(counts, graph, op, size, plain, others);
  }
  counts.push_back({"widened four", plain * depth / 4});
  counts.push_back({"other widened four", others * depth / 4});
  const std::int64_t groups = pixels * up(size.channels, group_channels(packing));
  counts.push_back({"eight", groups * (depth / 8)});
  counts.push_back({"loop", groups * up(depth / 8, 4)});
  counts.push_back({"four", groups * (depth / 4 % 2)});
  add_groups(counts, graph, op, packing, size.channels, pixels);
  return work;
}

/// A part of the inputs at a time.
KernelWork slices_work(const Graph &graph, const Op &op, FilterPacking packing, const TileSize &size) {
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t groups = pixels * up(size.channels, group_channels(packing));
  const bool common = scale_kind(graph, op, packing) == ScaleKind::common;
  KernelWork work{is_wide(packing) ? "wide slices" : "slices", {}};
  work.counts = {{"call", 1},
                 {"folded call", size.folded ? 1 : 0},
                 {"piece", size.pieces},
                 {"pixel", pixels},
                 {"group", groups},
                 {"common group", common ? groups : 0},
                 {"four", groups * part_depth(graph, op, size) / 4},
                 {"output", pixels * size.channels}};
  return work;
}

/// Two pixels at a time.
KernelWork quads_work(const Graph &graph, const Op &op, FilterPacking packing, const TileSize &size) {
  const std::int64_t depth = packed_depth(graph, op);
  const bool dense = is_dense(graph, op), rest = !has_whole_fours(graph, op);
  const bool copied = !dense && rest;
  KernelWork work{dense ? "dense quads" : copied ? "copied quads" : "quads", {}};
  if (is_wide(packing)) work.kernel = "wide " + work.kernel;
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t pairs =
      dense ? size.pieces * up(pixels / size.pieces, 2) : size.rows * up(size.columns, 2);
  // Pixels that are not widened together with their neighbours.
  const std::int64_t plain =
      dense ? (rest ? 0 : pixels - pairs) : std::int64_t{size.plain_rows} * size.plain_pairs;
  const std::int64_t others = pixels - 2 * plain;
  Counts &counts = work.counts;
  counts = {{"call", 1}, {"folded call", size.folded ? 1 : 0}, {"pair", pairs}, {"other pixel", others}};
  if (dense) {
    counts.push_back({"piece", size.pieces});
    counts.push_back({"pixel with a rest", rest ? pixels : 0});
  } else {
    add_filter_rows(counts, graph, op, size, plain, others);
  }
  counts.push_back({"widened four", plain * depth / 4});
  counts.push_back({"other widened four", others * depth / 4});
  const std::int64_t groups = pairs * up(size.channels, 4);
  counts.push_back({"four", groups * depth / 4});
  counts.push_back({"loop", groups * up(depth, 16)});
  add_groups(counts, graph, op, packing, size.channels, pairs);
  return work;
}

/// `moved`: pixels that do not list their taps, but move those of the pixel before.
KernelWork taps_work(const Graph &graph, const Op &op, const TileSize &size, std::int64_t moved) {
  const Shape &weights = graph.tensor(op.inputs[1]).shape;
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t taps = std::int64_t{weights[1]} * weights[2];
  const std::int64_t inside = std::int64_t{size.row_taps} * size.column_taps - moved * taps;
  KernelWork work{"taps",
                  {{"call", 1}, {"folded call", size.folded ? 1 : 0}, {"row", size.rows}, {"pixel", pixels}}};
  Counts &counts = work.counts;
  counts.push_back({"list", pixels - moved});
  counts.push_back({"filter row", (pixels - moved) * weights[1]});
  counts.push_back({"tap", inside});
  counts.push_back({"outside tap", (pixels - moved) * taps - inside});
  counts.push_back({"moved tap", moved * taps});
  const std::int64_t groups = pixels * up(size.channels, 4);
  counts.push_back({"two taps", groups * (taps / 2)});
  counts.push_back({"loop", groups * up(taps / 2, 4)});
  counts.push_back({"odd tap", groups * (taps % 2)});
  add_groups(counts, graph, op, FilterPacking::taps, size.channels, pixels);
  return work;
}

/// Where outputs share input channels, those are repeated first: by words, halfwords or bytes.
KernelWork spread_work(const Graph &graph, const Op &op, const TileSize &size) {
  KernelWork work = taps_work(graph, op, size, 0);
  work.kernel = "spread taps";
  const std::int64_t taps = std::int64_t{size.row_taps} * size.fresh_taps;
  const std::int64_t inputs = taps * graph.tensor(op.inputs[0]).shape[3];
  const std::int64_t times = op.as<DepthwiseConv2D>().depth_multiplier;
  Counts &counts = work.counts;
  counts.push_back({"spread tap", taps});
  counts.push_back({"input for two", times == 2 ? inputs : 0});
  counts.push_back({"input", times > 2 ? inputs : 0});
  counts.push_back({"word", times % 4 == 0 ? inputs * (times / 4) : 0});
  counts.push_back({"halfword", times > 2 && times % 4 == 2 ? inputs * (times / 2) : 0});
  counts.push_back({"two bytes", times % 2 == 1 ? inputs * (times / 2) : 0});
  return work;
}

KernelWork strips_work(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size) {
  const auto &conv = op.as<DepthwiseConv2D>();
  const std::int32_t along = variant.down ? size.rows : size.columns;
  const std::int64_t rows = variant.down ? size.columns : size.rows;
  const Step2D stride = variant.down ? Step2D{conv.stride.columns, conv.stride.rows} : conv.stride;
  const std::int32_t dilation = variant.down ? conv.dilation.columns : conv.dilation.rows;
  const std::int32_t longest = strip_outputs(variant, graph.tensor(op.output()));
  const std::int64_t groups = up(size.channels, 4);
  const std::int64_t fresh = dilation == 1 ? std::min(stride.rows, 3) : 3;
  const std::int64_t filled = 3 + (rows - 1) * fresh;
  std::int64_t strips = 0, pairs = 0, fours = 0, twos = 0;
  for (std::int32_t done = 0; done < along; done += longest) {
    const std::int32_t outputs = std::min(longest, along - done);
    ++strips;
    pairs += strip_plane_words(variant, op, outputs) / 3;
    fours += outputs / 4;
    twos += up(outputs % 4, 2);
  }
  fours *= groups * rows * 4;
  twos *= groups * rows * 4;
  const bool one = stride.columns == 1;
  const bool any = scale_kind(graph, op, *variant.packing) == ScaleKind::any;
  return {"strips",
          {{"call", 1},
           {"strip", strips},
           {"group", groups * strips},
           {"row", groups * strips * rows},
           {"row of inputs", groups * strips * filled},
           {"pair of columns", groups * pairs * filled},
           {"four outputs", one ? fours : 0},
           {"four outputs of stride 2", one ? 0 : fours},
           {"two outputs", one ? twos : 0},
           {"two outputs of stride 2", one ? 0 : twos},
           {"four signed outputs", any ? fours : 0}}};
}

/// What a row of outputs takes: strips, pairs of pixels, and the words of a filter row, of which there are
/// `fills` stretches: two at once, one by one where the map begins and ends, and outside it.
struct RowWords {
  std::int64_t strips = 0, pairs = 0, fills = 0, twos = 0, ones = 0, outside = 0;

  /// From input `at` of `count` on, which may lie outside.
  void add(std::int32_t at, std::int32_t words, std::int32_t count) {
    const std::int32_t before = at < 0 ? std::min(-at / 2, words) : 0;
    const std::int32_t first = at + 2 * before;
    const std::int32_t touched = std::clamp((count - first + 1) / 2, 0, words - before);
    const std::int32_t split = first < 0 ? 1 : 0;  // a word with one input inside
    const std::int32_t inside =
        std::clamp((count - first - 2 * split) / 2, 0, std::max(touched - split, 0)) / 2;
    ++fills;
    twos += inside;
    ones += touched - 2 * inside;
    outside += words - touched;
  }
};

RowWords row_words(const Graph &graph, const Op &op, std::int32_t outputs, std::int32_t columns) {
  const std::int32_t step = row_strip_step(graph, op);
  const Shape &input = graph.tensor(op.inputs[0]).shape;
  RowWords row;
  for (std::int32_t c = 0; c < columns;) {
    const std::int32_t left = columns - c;
    const std::int32_t made = left == 1 ? 2 : std::min(outputs, left / 2 * 2);
    if (left == 1) --c;
    const std::int32_t at = c * step - op.as<Conv2D>().padding.left * input[3];
    const std::int32_t words = row_strip_words(graph, op, made);
    const bool shared = shares_row_words(graph, op, outputs);
    row.add(at, shared ? words + step / 2 : words, input[2] * input[3]);
    if (!shared) row.add(at + step, words, input[2] * input[3]);
    ++row.strips;
    row.pairs += made / 2;
    c += made;
  }
  return row;
}

/// Two pixels at a time, from rows that are widened for a strip of them.
KernelWork rows_work(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size) {
  const FilterPacking packing = *variant.packing;
  const RowWords row =
      row_words(graph, op, row_strip_outputs(variant, graph.tensor(op.output())), size.columns);
  const std::int64_t filter_rows = std::int64_t{size.rows} * graph.tensor(op.inputs[1]).shape[1];
  const std::int64_t outside = filter_rows - size.row_taps;
  // A last group that covers channels of the one before walks over all pixels once more.
  const std::int64_t walks = size.rows * (size.channels % 4 == 0 ? 1 : 2);
  const std::int64_t groups = size.rows * row.pairs * up(size.channels, 4);
  const std::int64_t steps = packed_depth(graph, op, packing) / 2;
  const ScaleKind kind = scale_kind(graph, op, packing);
  return {is_wide(packing) ? "wide rows" : "rows",
          {{"call", 1},
           {"row", size.rows},
           {"strip", size.rows * row.strips},
           {"filter row", filter_rows * row.fills},
           {"two words", size.row_taps * row.twos},
           {"word", size.row_taps * row.ones},
           {"word outside", filter_rows * row.outside + outside * (2 * row.twos + row.ones)},
           {"walk", walks * row.strips},
           {"pair", walks * row.pairs},
           {"step", groups * steps},
           {"loop", groups * up(steps, 8)},
           {"group", groups},
           {"signed group", kind == ScaleKind::any ? groups : 0},
           {"common group", kind == ScaleKind::common ? groups : 0}}};
}

const char *ending_of(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return "f32";
    case ElementType::int32:
      return "s32";
    case ElementType::int16:
      return "s16";
    case ElementType::uint8:
      return "u8";
    default:
      return "s8";
  }
}

/// Groups of four channels, and channels one by one, times fours of inputs and inputs beyond those.
void add_products(Counts &counts, std::int32_t channels, std::int64_t runs, std::int64_t fours,
                  std::int64_t ones) {
  const std::int64_t groups = channels / 4, rest = channels % 4;
  counts.push_back({"filter row", groups * runs});
  counts.push_back({"four", groups * fours});
  counts.push_back({"one", groups * ones});
  counts.push_back({"filter row of one channel", rest * runs});
  counts.push_back({"four of one channel", rest * fours});
  counts.push_back({"one of one channel", rest * ones});
}

/// Channels that are made of each one of the input, where each is filtered alone; else 0.
std::int32_t multiplier_of(const Op &op) {
  if (op.is<DepthwiseConv2D>()) return op.as<DepthwiseConv2D>().depth_multiplier;
  return op.is<ConvPart>() ? op.as<ConvPart>().depth_multiplier : 0;
}

/// Kernels of parts take as much as those of whole convolutions, which they are made like.
std::string portable_name(const Op &op) {
  if (!op.is<ConvPart>()) return name_of(op);
  return multiplier_of(op) > 0 ? "DEPTHWISE_CONV_2D" : "CONV_2D";
}

/// Kernels that any compiler makes the best of, four channels at a time where they can.
KernelWork portable_work(const Graph &graph, const Op &op, const TileSize &size) {
  const Tensor &output = graph.tensor(op.output());
  const std::int64_t pixels = std::int64_t{size.rows} * size.columns;
  const std::int64_t outputs = pixels * size.channels;
  const std::int64_t part = std::max(size.reduction, 1), all = reduction_extent(graph, op);
  const bool dense = is_dense(graph, op);
  const bool window = !dense && window_of(graph, op);
  KernelWork work{dense ? "dense" : portable_name(op), {}};
  if (size.parts) work.kernel += " part";
  if (size.folded && window) work.kernel += " folded";
  Counts &counts = work.counts;
  counts = {{"call", 1}, {"pixel", pixels}, {"output", outputs}};
  if (!window) {
    counts.push_back({"folded call", size.folded ? 1 : 0});
    counts.push_back({"piece", size.pieces});
  }
  if (!dense) counts.push_back({"row", size.rows});
  if (dense) {
    const std::int64_t depth = part_depth(graph, op, size);
    counts.push_back({"four channels", pixels * (size.channels / 4)});
    add_products(counts, size.channels, 0, pixels * (depth / 4), pixels * (depth % 4));
  } else if (op.is<Conv2D>() || (op.is<ConvPart>() && multiplier_of(op) == 0)) {
    const std::int64_t rows = size.row_taps;
    counts.push_back({"four channels", pixels * (size.channels / 4)});
    add_products(counts, size.channels, rows * size.columns, rows * size.fours * part / all,
                 rows * size.ones * part / all);
  } else if (multiplier_of(op) > 0) {
    const std::int64_t taps = std::int64_t{size.row_taps} * size.column_taps;
    const std::int32_t quads = multiplier_of(op) == 1 ? size.channels / 4 : 0;
    counts.push_back({"four channels", pixels * quads});
    counts.push_back({"filter row", std::int64_t{size.row_taps} * size.columns * quads});
    counts.push_back({"four", taps * quads});
    counts.push_back({"one", taps * (size.channels - 4 * quads)});
  } else if (window) {
    counts.push_back({"tap", std::int64_t{size.row_taps} * size.column_taps});
    counts.push_back({"input", std::int64_t{size.row_taps} * size.column_taps * size.channels});
  } else if (op.is<TransposeConv>()) {
    // How the stride falls is not looked at.
    const auto &conv = op.as<TransposeConv>();
    const Shape &weights = graph.tensor(op.inputs[1]).shape;
    const std::int64_t rows = outputs * weights[1] / conv.stride.rows;
    const std::int64_t filter_taps = rows * weights[2] / conv.stride.columns;
    counts.push_back({"filter row", rows});
    counts.push_back({"tap", filter_taps});
    counts.push_back({"product", filter_taps * weights[3]});
  } else if (op.is<LstmCells>()) {
    const Shape &weights = graph.tensor(op.inputs[kLstmWeights]).shape;
    counts.push_back({"product", outputs / 2 * kLstmGates * (std::int64_t{weights[0]} + weights[1])});
  } else if (op.is<Mean>()) {
    const std::int64_t inputs = mean_count(graph, op);
    counts.push_back({"input", outputs * inputs * part / all});
  } else {
    // Copies go by words where pixels have whole ones.
    counts.push_back({"output beyond words", size.channels % 4 != 0 ? outputs : 0});
    const bool spread = op.inputs.size() == 2 && !op.is<Concatenation>() &&
                        graph.tensor(op.inputs[1]).elements() < output.elements();
    if (byte_operand(graph, op)) {
      work.kernel = "lookup";  // whatever its table says
      return work;
    }
    if (spread) work.kernel += " spread";
  }
  const ElementType from = op.inputs.empty() ? output.type : graph.tensor(op.inputs[0]).type;
  if (op.is<ConvPart>()) {
    work.kernel += std::string(" ") + ending_of(from);
    return work;
  }
  if (from != output.type) work.kernel += std::string(" ") + ending_of(from);
  work.kernel += std::string(" ") + ending_of(output.type);
  return work;
}

/// Of a window's elements it reads two.
KernelWork running_work(const Graph &graph, const Op &op, const TileSize &size) {
  KernelWork work = portable_work(graph, op, size);
  const std::int32_t length = running_window(graph, op)->length;
  for (WorkCount &count : work.counts) {
    const std::string_view what = count.what;
    if (what == "tap" || what == "input") count.times = count.times * 2 / length;
  }
  return work;
}

struct TableRow {
  std::string_view kernel, what;
  std::int64_t instructions, cycles;  ///< thousandths
};
constexpr TableRow kTable[] = {
#include "thimble/schedule/kernel_costs.inc"
};

/// Where each kernel's rows begin.
const TableRow *rows_of(std::string_view kernel) {
  static const std::map<std::string_view, const TableRow *> first = [] {
    std::map<std::string_view, const TableRow *> rows;
    for (const TableRow &row : kTable) rows.emplace(row.kernel, &row);
    return rows;
  }();
  const auto found = first.find(kernel);
  return found == first.end() ? nullptr : found->second;
}

}  // namespace

TileSize tile_size(const Schedule &schedule, const Firing &firing) {
  const Graph &graph = *schedule.graph;
  const Op &op = graph.op(firing.op);
  const Region &tile = firing.tile;
  TileSize size;
  size.folded = !op.inputs.empty() && columns_fold(schedule, op.inputs[0], firing.stage);
  size.parts = !firing.first || !firing.last;
  size.reduction = firing.reduction.size();
  if (tile.rank == 0) return size;
  const auto axis = [&](int a) { return tile.axis[static_cast<std::size_t>(a)]; };
  size.channels = axis(tile.rank - 1).size();
  if (tile.rank > 2) size.columns = axis(tile.rank - 2).size();
  for (int a = 0; a < tile.rank - 2; ++a) size.rows *= axis(a).size();
  if (tile.rank == 2) size.rows = axis(0).size();
  const std::optional<Window> window = window_of(graph, op);
  if (window) add_taps(size, *window, graph.tensor(op.inputs[0]).shape, axis(1), axis(2));
  return size;
}

std::int64_t part_depth(const Graph &graph, const Op &op, const TileSize &size) {
  const std::int64_t part = std::max(size.reduction, 1);
  return graph.tensor(op.inputs[1]).shape.back() * part / reduction_extent(graph, op);
}

KernelWork kernel_work(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size) {
  if (variant.remembers) return running_work(graph, op, size);
  if (!variant.packing) return portable_work(graph, op, size);
  switch (*variant.packing) {
    case FilterPacking::octets:
    case FilterPacking::wide_octets:
      return octets_work(graph, op, *variant.packing, size);
    case FilterPacking::quads:
    case FilterPacking::wide_quads:
      if (variant.partial_reduction) return slices_work(graph, op, *variant.packing, size);
      return variant.pixels == 1 ? singles_work(graph, op, *variant.packing, size)
                                 : quads_work(graph, op, *variant.packing, size);
    case FilterPacking::rows:
    case FilterPacking::wide_rows:
      return rows_work(graph, op, variant, size);
    case FilterPacking::taps:
      if (variant.whole_pixels) return spread_work(graph, op, size);
      return taps_work(graph, op, size, std::int64_t{size.plain_rows} * std::max(size.plain_columns - 1, 0));
    case FilterPacking::strips:
    case FilterPacking::strips_down:
      break;
  }
  return strips_work(graph, op, variant, size);
}

KernelCost operator*(std::int64_t times, const KernelCost &cost) {
  return {times * cost.instructions, times * cost.cycles};
}

KernelCost sum_of(std::span<const KernelCost> costs) {
  KernelCost sum;
  for (const KernelCost &cost : costs) sum += cost;
  return sum;
}

KernelCost kernel_cost(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size) {
  const KernelWork work = kernel_work(graph, op, variant, size);
  KernelCost cost;
  const TableRow *row = rows_of(work.kernel);
  for (; row != nullptr && row != std::end(kTable) && row->kernel == work.kernel; ++row) {
    for (const WorkCount &count : work.counts) {
      if (row->what != count.what) continue;
      cost.instructions += row->instructions * count.times;
      cost.cycles += row->cycles * count.times;
    }
  }
  return {cost.instructions / 1000, cost.cycles / 1000};
}

}  // namespace thimble
