#include "thimble/emit/ops/dense.h"
#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {
namespace {

/// What parameters of all kernels begin with.
Fields window_and_maps(const Conv2D &conv, const OpEmission &emission) {
  const Shape &weights = emission.input(1).shape;
  Fields fields;
  fields.set("window", window_fields(emission.input(0), emission.output(), {weights[1], weights[2]},
                                     conv.stride, conv.dilation, conv.padding));
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
  return fields;
}

/// With packed weights, for maps in any memory.
Result<void> emit_packed(const Conv2D &conv, OpEmission &emission) {
  Fields fields = window_and_maps(conv, emission);
  fields.set("row_depth", packed_row_depth(emission.graph(), emission.op()));
  set_packed_fields(emission, fields);
  set_outside(emission, fields, packed_row_depth(emission.graph(), emission.op()));
  const std::string parameters = emission.parameters("thimble_conv_2d_pairs_s8_params", fields);
  emission.call(
      "thimble_conv.h", "thimble_conv_2d_" + packed_name(emission) + "_s8",
      {parameters, emission.tile(), emission.source(0), emission.destination(), emission.scratch()});
  return {};
}

/// With packed weights and rows of inputs that are widened for several pixels.
Result<void> emit_rows(const Conv2D &conv, OpEmission &emission) {
  Fields fields = window_and_maps(conv, emission);
  fields.set("strip", row_strip_outputs(emission.variant(), emission.output()));
  fields.set("row_words", packed_row_pairs(emission.graph(), emission.op()));
  fields.set("zero", emission.input(0).quantization.zero_point());
  set_packed_fields(emission, fields);
  const std::string parameters = emission.parameters("thimble_conv_2d_rows_s8_params", fields);
  emission.call(
      "thimble_conv.h", "thimble_conv_2d_rows_s8",
      {parameters, emission.tile(), emission.source(0), emission.destination(), emission.scratch()});
  return {};
}

/// Whether the kernel for Helium takes it: thimble_conv_2d_runs_s8 (runtime/thimble_conv.h), by the values of
/// a pixel and the runs of neighbours that these are at most.
bool has_runs(const Conv2D &conv, const OpEmission &emission) {
  constexpr std::int32_t kMostValues = 96, kMostRuns = 12;
  const Shape &x = emission.input(0).shape;
  const Shape &filter = emission.input(1).shape;
  const Layout from = emission.source_layout(0);
  const bool fifo = from.fifo_pixels > 0;
  if (!has_whole_bias(emission) || emission.sums_in_parts() || filter[3] != x[3] ||
      conv.dilation.columns != 1 || (!fifo && from.fold[3] != x[3])) {
    return false;
  }
  if (filter[1] * filter[2] * filter[3] <= kMostValues) return true;
  const std::int32_t folds = !fifo && columns_fold(from) ? 1 : 0;
  const std::int32_t outside = conv.padding == Padding2D{} ? 0 : filter[2] > x[2] + 1 ? 2 : 1;
  return filter[1] * (1 + folds + outside) + (fifo ? 1 : 0) <= kMostRuns;
}

}  // namespace

Result<void> emit_op(const Conv2D &conv, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  if (is_dense(emission.graph(), emission.op())) {
    DenseRows rows;
    rows.x = Access::same(emission.source(0), emission.source_layout(0));
    rows.feature_axis = 3;
    return emit_dense(emission, rows);
  }
  if (Result<void> ok = fit_tiles(emission, 0); !ok) return ok;
  if (emission.variant().strip > 0) return emit_rows(conv, emission);
  if (emission.variant().packing) return emit_packed(conv, emission);
  const std::string ending = suffix_of(y.type);
  Fields fields = window_and_maps(conv, emission);
  fields.set("filter_channels", weights.shape[3]);
  if (y.type == ElementType::int8) {
    fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  }
  if (y.type == ElementType::int8 && emission.options().helium)
    set_outside(emission, fields, weights.shape[2] * x.shape[3]);
  set_filter_fields(emission, fields, false);
  const std::string parameters = emission.parameters("thimble_conv_2d_" + ending + "_params", fields);
  const Layout from = emission.source_layout(0);
  const std::string header = "thimble_conv.h";
  if (emission.sums_in_parts()) {
    CodeLines &code = emission.code();
    code.line("const thimble_part sum_part = {");
    code.line("    " + emission.firing().part_begin.text + ", " + emission.firing().part_end.text + ", " +
              emission.is_first() + ", " + emission.is_last(x.shape[3]) + ", " +
              c_text::number(emission.sums_layout().element_size) + ",");
    code.line("    " + map_initialiser(emission.sums_layout()) + "};");
    emission.call(header, "thimble_conv_2d_folded_" + ending,
                  {parameters, emission.tile(), "&sum_part", emission.sums(), emission.source(0),
                   emission.destination()});
  } else if (has_runs(conv, emission) && is_known_layer(emission)) {
    emission.call(header, "thimble_conv_2d_known_s8",
                  {parameters, emission.tile(), emission.source(0), emission.destination(),
                   known_rows(emission, "whole_bias", weights.shape[1])});
  } else if (has_runs(conv, emission)) {
    emission.call(header, "thimble_conv_2d_runs_s8",
                  {parameters, emission.tile(), emission.source(0), emission.destination()});
  } else if (emission.options().helium || columns_fold(from) || from.fold[3] != x.shape[3]) {
    // For Helium the two kernels are one and the same.
    emission.call(header, "thimble_conv_2d_folded_" + ending,
                  {parameters, emission.tile(), "0", "0", emission.source(0), emission.destination()});
  } else {
    emission.call(header, "thimble_conv_2d_" + ending,
                  {parameters, emission.tile(), emission.source(0), emission.destination()});
  }
  return {};
}

}  // namespace thimble::emitters
