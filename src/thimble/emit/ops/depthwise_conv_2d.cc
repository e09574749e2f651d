#include "thimble/emit/ops/packed.h"

namespace thimble::emitters {
namespace {

/// The window of a 3x3 filter with rows and columns in each other's place.
Fields window_down(Tensor x, Tensor y, const DepthwiseConv2D &conv) {
  std::swap(x.shape[1], x.shape[2]);
  std::swap(y.shape[1], y.shape[2]);
  const auto turned = [](Step2D step) { return Step2D{step.columns, step.rows}; };
  Padding2D padding = conv.padding;
  std::swap(padding.top, padding.left);
  return window_fields(x, y, {3, 3}, turned(conv.stride), turned(conv.dilation), padding);
}

}  // namespace

Result<void> emit_op(const DepthwiseConv2D &conv, OpEmission &emission) {
  if (Result<void> ok = fit_tiles(emission, conv.depth_multiplier); !ok) return ok;
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  const Step2D filter{weights.shape[1], weights.shape[2]};
  Fields fields;
  if (emission.variant().down) {
    fields.set("window", window_down(emission.input(0), y, conv));
  } else {
    fields.set("window",
               window_fields(emission.input(0), y, filter, conv.stride, conv.dilation, conv.padding));
  }
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
  if (emission.variant().packing) {
    const std::string kernel = "thimble_depthwise_conv_2d_" + packed_name(emission) + "_s8";
    if (emission.variant().strip > 0) {
      fields.set("strip", strip_outputs(emission.variant(), y));
      fields.set("down", emission.variant().down ? 1 : 0);
    }
    if (conv.depth_multiplier > 1) fields.set("multiplier", conv.depth_multiplier);
    set_packed_fields(emission, fields);
    set_outside(emission, fields, y.shape[3]);
    const std::string parameters = emission.parameters(kernel + "_params", fields);
    emission.call(
        "thimble_conv.h", kernel,
        {parameters, emission.tile(), emission.source(0), emission.destination(), emission.scratch()});
    return {};
  }
  fields.set("multiplier", conv.depth_multiplier);
  if (y.type == ElementType::int8) {
    fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  }
  if (y.type == ElementType::int8 && emission.options().helium) set_outside(emission, fields, y.shape[3]);
  set_filter_fields(emission, fields, false);
  const std::string parameters =
      emission.parameters("thimble_depthwise_conv_2d_" + ending + "_params", fields);
  constexpr std::int32_t kMostListed = 25;  // filter columns of the kernel for Helium
  const bool lists = has_whole_bias(emission) && conv.depth_multiplier == 1 &&
                     filter.columns <= kMostListed &&
                     filter_parameters(emission.graph(), emission.op()).multipliers.size() > 1;
  const bool folds = emission.options().helium || columns_fold(emission.source_layout(0));
  const std::string kind = lists ? "lists_" : folds ? "folded_" : "";
  emission.call("thimble_conv.h", "thimble_depthwise_conv_2d_" + kind + ending,
                {parameters, emission.tile(), emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
