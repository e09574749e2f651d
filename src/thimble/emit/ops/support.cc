#include "thimble/emit/ops/support.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "thimble/graph/packed_filter.h"

namespace thimble::emitters {
namespace {

/// Elements of an optional constant as int64, zeros where it is absent.
std::vector<std::int64_t> integers(const OpEmission &emission, std::size_t input, std::int64_t count) {
  std::vector<std::int64_t> elements(static_cast<std::size_t>(count), 0);
  if (!emission.has_input(input)) return elements;
  const Tensor &tensor = emission.input(input);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::uint8_t *at = tensor.data->data() + i * static_cast<std::size_t>(size_of(tensor.type));
    if (tensor.type == ElementType::int64) {
      std::memcpy(&elements[i], at, sizeof(std::int64_t));
    } else {
      std::int32_t element;
      std::memcpy(&element, at, sizeof element);
      elements[i] = element;
    }
  }
  return elements;
}

/// Two products with a weight of -128 may be too large for 16 bits, to which depthwise kernels add them;
/// converters leave it out.
bool holds_least_weight(const Tensor &weights) {
  return std::find(weights.data->begin(), weights.data->end(), std::uint8_t{0x80}) != weights.data->end();
}

constexpr std::int32_t kGeneralForm = 0, kDownForm = 1, kReluForm = 2;

void set_float_bias(OpEmission &emission, Fields &fields, std::int64_t outputs) {
  if (emission.has_input(2)) {
    fields.set("bias", emission.constant(emission.op().inputs[2], "bias"));
    return;
  }
  const std::vector<float> zeros(static_cast<std::size_t>(outputs), 0.0f);
  fields.set("bias", emission.table<float>("bias", zeros, "no bias"));
}

/// How far kernels for Helium can simplify the scaling: the values of THIMBLE_MVE_...
/// (runtime/thimble_scale.h).
std::int32_t helium_form(const FilterParameters &parameters) {
  // Of either sign: a scale may be negative.
  constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max() - 255;
  if (parameters.activation.min != -128 || parameters.activation.max != 127) return kGeneralForm;
  for (std::size_t c = 0; c < parameters.multipliers.size(); ++c) {
    const std::int32_t shift = parameters.shifts[c];
    if (shift > 0 || (shift == 0 && std::abs(std::int64_t{parameters.multipliers[c]}) > kLargest))
      return kGeneralForm;
  }
  return parameters.output_offset == -128 ? kReluForm : kDownForm;
}

void set_scale_tables(OpEmission &emission, Fields &fields, const FilterParameters &parameters) {
  std::vector<std::int8_t> shifts(parameters.shifts.begin(), parameters.shifts.end());
  fields.set("multipliers",
             emission.table<std::int32_t>("multipliers", parameters.multipliers,
                                          "scales of the output channels: multiplier / 2^31 * 2^shift"));
  fields.set("shifts", emission.table<std::int8_t>("shifts", shifts, "exponents of the scales"));
}

Fields scale_fields(OpEmission &emission, const FilterParameters &parameters) {
  Fields scale(1);
  set_scale_tables(emission, scale, parameters);
  scale.set("channel_step", parameters.multipliers.size() > 1 ? 1 : 0);
  scale.set("zero_point", parameters.output_offset);
  scale.line({{"minimum", parameters.activation.min}, {"maximum", parameters.activation.max}});
  if (emission.options().helium && emission.output().type == ElementType::int8)
    scale.set("form", helium_form(parameters));
  return scale;
}

}  // namespace

const char *suffix_of(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return "s8";
    case ElementType::uint8:
      return "u8";
    case ElementType::int16:
      return "s16";
    case ElementType::int32:
      return "s32";
    default:
      return "f32";
  }
}

Fields window_fields(const Tensor &input, const Tensor &output, Step2D filter, Step2D stride, Step2D dilation,
                     const Padding2D &padding) {
  Fields window(1);
  window.line({{"batches", input.shape[0]}});
  window.line({{"input_rows", input.shape[1]},
               {"input_columns", input.shape[2]},
               {"input_channels", input.shape[3]}});
  window.line({{"output_rows", output.shape[1]},
               {"output_columns", output.shape[2]},
               {"output_channels", output.shape[3]}});
  window.line({{"filter_rows", filter.rows}, {"filter_columns", filter.columns}});
  window.line({{"stride_rows", stride.rows}, {"stride_columns", stride.columns}});
  window.line({{"dilation_rows", dilation.rows}, {"dilation_columns", dilation.columns}});
  window.line({{"padding_top", padding.top}, {"padding_left", padding.left}});
  return window;
}

void set_filter_fields(OpEmission &emission, Fields &fields, bool fold_input) {
  const Op &op = emission.op();
  const std::int64_t outputs = emission.output().shape.back();
  if (emission.input(1).constant()) fields.set("weights", emission.constant(op.inputs[1], "weights"));
  if (emission.output().type == ElementType::float32) {
    set_float_bias(emission, fields, outputs);
    const FloatRange range = activation_range(activation_of(op));
    fields.set("minimum", range.min).set("maximum", range.max);
    return;
  }
  const FilterParameters parameters = filter_parameters(emission.graph(), op);
  const std::vector<std::int64_t> bias = integers(emission, 2, outputs);
  if (emission.output().type == ElementType::int16) {
    fields.set("bias", emission.table<std::int64_t>("bias", bias, "bias in the scale of the sums"));
    fields.set("narrow", parameters.wide ? 0 : 1);
  } else if (fold_input) {
    const std::vector<std::int32_t> folded = folded_bias(emission.graph(), op);
    fields.set("bias", emission.table<std::int32_t>("bias", folded,
                                                    "bias, and the input's zero point times the weights"));
  } else {
    const std::vector<std::int32_t> narrow(bias.begin(), bias.end());
    fields.set("bias", emission.table<std::int32_t>("bias", narrow, "bias in the scale of the sums"));
    if (has_whole_bias(emission)) {
      const std::vector<std::int32_t> whole = folded_bias(emission.graph(), op);
      fields.set("whole_bias",
                 emission.table<std::int32_t>("whole_bias", whole,
                                              "bias, and the input's zero point times the weights"));
    }
  }
  set_scale_field(emission, fields);
}

void set_scale_field(OpEmission &emission, Fields &fields) {
  fields.set("scale", scale_fields(emission, filter_parameters(emission.graph(), emission.op())));
}

bool has_whole_bias(const OpEmission &emission) {
  return emission.options().helium && emission.output().type == ElementType::int8 &&
         !(emission.op().is<DepthwiseConv2D>() && holds_least_weight(emission.input(1)));
}

bool is_known_layer(const OpEmission &emission) {
  constexpr std::int64_t kManyFirings = 64, kFewPixels = 8;
  if (!emission.options().helium || emission.output().type != ElementType::int8) return false;
  if (!emission.input(1).constant() || emission.sums_in_parts()) return false;
  const nest::FireFacts &facts = emission.facts();
  const Shape &shape = emission.output().shape;
  const FilterParameters parameters = filter_parameters(emission.graph(), emission.op());
  const bool simple =
      shape.back() >= 4 && parameters.multipliers.size() > 1 && helium_form(parameters) != kGeneralForm;
  return simple && facts.firings >= kManyFirings &&
         element_count(shape) / shape.back() < kFewPixels * facts.firings &&
         std::all_of(facts.tiles.begin(), facts.tiles.end(), [&](const Region &tile) {
           return tile.axis[shape.size() - 1] == Range{0, shape.back()};
         });
}

std::string known_rows(OpEmission &emission, std::string_view bias, std::int32_t filter_rows) {
  constexpr std::int32_t kMostCopied = 96, kRun = 48, kMostRuns = 12;
  const FilterParameters parameters = filter_parameters(emission.graph(), emission.op());
  const Shape &weights = emission.input(1).shape;
  const std::int32_t outputs = weights[0];
  const auto depth = static_cast<std::int32_t>(element_count(weights) / outputs);
  const std::int32_t length = depth / filter_rows, form = helium_form(parameters);
  const bool runs = filter_rows > 1 && depth > kMostCopied;
  const std::vector<std::int32_t> folded = folded_bias(emission.graph(), emission.op());
  Fields rows;
  rows.set("w", emission.constant(emission.op().inputs[1], "weights"));
  rows.set("bias",
           emission.table<std::int32_t>(bias, folded, "bias, and the input's zero point times the weights"));
  set_scale_tables(emission, rows, parameters);
  rows.set("depth", depth);
  rows.line({{"fours", outputs / 4}, {"back", outputs % 4 == 0 ? 0 : outputs % 4 - 4}});
  rows.set("sign", form - kReluForm).set("zero_point", parameters.output_offset);
  rows.set("run", !runs ? 0 : length % kRun == 0 && depth <= kRun * kMostRuns ? kRun : length);
  emission.need_header("thimble_mve_rows.h");
  return emission.parameters("thimble_mve_rows", rows);
}

namespace {

struct Map {
  std::int32_t size, row_step, pixel_step, columns;
};

Map map_of(const Layout &layout) {
  const bool fifo = layout.fifo_pixels > 0;
  const std::int32_t pixel = fifo ? layout.shape[3] : layout.fold[3];
  const std::int32_t columns = fifo ? layout.shape[2] : layout.fold[2];
  return {fifo ? layout.fifo_pixels * pixel : layout.fold[1] * columns * pixel, columns * pixel, pixel,
          fifo ? 0 : columns};
}

}  // namespace

Fields map_fields(const Layout &layout) {
  const Map map = map_of(layout);
  Fields fields(1);
  fields.line({{"size", map.size},
               {"row_step", map.row_step},
               {"pixel_step", map.pixel_step},
               {"columns", map.columns}});
  return fields;
}

std::string map_initialiser(const Layout &layout) {
  const Map map = map_of(layout);
  return "{" + c_text::number(map.size) + ", " + c_text::number(map.row_step) + ", " +
         c_text::number(map.pixel_step) + ", " + c_text::number(map.columns) + "}";
}

bool columns_fold(const Layout &layout) {
  return layout.fifo_pixels > 0 || layout.fold[2] != layout.shape[2];
}

bool wraps(const Range &range, std::int32_t fold) {
  return range.begin % fold + range.size() > fold;
}

bool channels_wrap(const OpEmission &emission, const Layout &layout) {
  const std::size_t last = layout.shape.size() - 1;
  const std::int32_t fold = layout.fifo_pixels > 0 ? layout.shape[last] : layout.fold[last];
  const std::vector<Region> &tiles = emission.facts().tiles;
  return std::any_of(tiles.begin(), tiles.end(),
                     [&](const Region &tile) { return wraps(tile.axis[last], fold); });
}

Result<void> fit_tiles(OpEmission &emission, std::int32_t multiplier) {
  const Layout x = emission.source_layout(0);
  const Layout y = emission.destination_layout();
  const std::int32_t batch = emission.output().shape[0];
  const bool fifo = x.fifo_pixels > 0 || y.fifo_pixels > 0;
  const nest::FireFacts &facts = emission.facts();
  bool parts = x.fold[0] != batch || y.fold[0] != batch || (batch > 1 && fifo);
  for (const Region &tile : facts.tiles) parts = parts || tile.axis[0] != Range{0, batch};
  if (parts) return emission.refuse("makes a part of a batch in one firing, which its kernel cannot");
  const std::int32_t fold = x.fifo_pixels > 0 ? x.shape[3] : x.fold[3];
  bool split = channels_wrap(emission, y) ||
               (emission.sums_in_parts() && channels_wrap(emission, emission.sums_layout()));
  for (const Region &tile : facts.tiles) {
    const Range channels = tile.axis[3];
    if (multiplier > 0)
      split = split || wraps({channels.begin / multiplier, (channels.end - 1) / multiplier + 1}, fold);
  }
  if (split) emission.split_channels();
  const std::vector<Range> &ranges = emission.facts().parts;
  if (emission.sums_in_parts() &&
      std::any_of(ranges.begin(), ranges.end(), [&](const Range &part) { return wraps(part, fold); })) {
    emission.split_part();
  }
  return {};
}

Access broadcast_access(OpEmission &emission, std::size_t i) {
  Access access{emission.source(i), emission.source_layout(i), {}};
  const int rank = emission.output().rank();
  const Shape &shape = emission.input(i).shape;
  for (std::size_t a = 0; a < shape.size(); ++a) {
    const std::size_t axis = a + static_cast<std::size_t>(rank) - shape.size();
    ArrayIndex index;
    // Shapes are aligned at their last axes; an axis of length 1 is repeated.
    if (shape[a] == emission.output().shape[axis]) index.axis = static_cast<int>(axis);
    access.index.push_back(index);
  }
  return access;
}

Run find_firing_run(OpEmission &emission, const std::vector<BoxAxis> &box, const std::vector<Access> &arrays,
                    const std::function<bool(const std::vector<std::int32_t> &)> &suits) {
  if (!emission.options().helium) return find_run(box, arrays, suits);
  const Run run = find_pieces(box, arrays, suits);
  if (run.in_pieces) emission.need_header("thimble_loops.h");
  return run;
}

void emit_unary(OpEmission &emission, std::string_view header, std::string_view kernel,
                const std::string &parameters, std::size_t input) {
  const std::vector<BoxAxis> box = emission.box();
  const std::vector<Access> arrays{Access::same(emission.source(input), emission.source_layout(input)),
                                   emission.output_access()};
  const Run run = find_firing_run(emission, box, arrays,
                                  [](const auto &steps) { return steps[0] == 1 && steps[1] == 1; });
  emit_runs(emission.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    if (parameters.empty()) {
      emission.call(header, kernel, {count.text, at[0], at[1]});
    } else {
      emission.call(header, kernel, {parameters, count.text, at[0], at[1]});
    }
  });
}

void emit_copy(OpEmission &emission, const std::vector<BoxAxis> &box, const Access &from) {
  const std::vector<Access> arrays{from, emission.output_access()};
  const Run run = find_run(box, arrays, [](const auto &steps) { return steps[1] == 1; });
  const int bits = 8 * size_of(emission.output().type);
  emit_runs(emission.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    emission.call("thimble_movement.h", "thimble_copy_" + std::to_string(bits),
                  {count.text, at[0], c_text::number(run.steps[0]), at[1]});
  });
}

bool is_ever_there(const std::vector<BoxAxis> &box) {
  if (box.empty()) return true;
  for (std::size_t f = 0; f < box[0].ranges.size(); ++f) {
    if (std::none_of(box.begin(), box.end(), [&](const BoxAxis &axis) { return axis.ranges[f].empty(); }))
      return true;
  }
  return false;
}

void clip_axis(std::vector<BoxAxis> &box, std::size_t axis, std::int32_t begin, std::int32_t end,
               OpEmission &emission) {
  BoxAxis &side = box[axis];
  const auto clipped = [&](const char *function, const Term &a, std::int64_t limit) {
    emission.need_header("thimble_loops.h");
    Term term{std::string(function) + "(" + a.text + ", " + c_text::number(limit) + ")", 0, 0, 2};
    return term;
  };
  if (side.begin.least < begin) {
    Term term = clipped("thimble_most", side.begin, begin);
    term.least = begin;
    term.most = std::max<std::int64_t>(begin, side.begin.most);
    side.begin = side.begin.most <= begin ? number(begin) : term;
  }
  if (side.end.most > end) {
    Term term = clipped("thimble_least", side.end, end);
    term.least = std::min<std::int64_t>(end, side.end.least);
    term.most = end;
    side.end = side.end.least >= end ? number(end) : term;
  }
  for (Range &range : side.ranges) range = {std::max(range.begin, begin), std::min(range.end, end)};
}

std::vector<std::int32_t> strides_of(const Shape &shape) {
  std::vector<std::int32_t> strides(shape.size(), 1);
  for (std::size_t a = shape.size(); a-- > 1;) strides[a - 1] = strides[a] * shape[a];
  return strides;
}

}  // namespace thimble::emitters
