#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const DepthwiseConv2D &conv, OpEmission &emission) {
  if (Result<void> ok = fit_tiles(emission, conv.depth_multiplier); !ok) return ok;
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  const Step2D filter{weights.shape[1], weights.shape[2]};
  Fields fields;
  fields.set("window", window_fields(emission.input(0), y, filter, conv.stride, conv.dilation, conv.padding));
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
  fields.set("multiplier", conv.depth_multiplier);
  if (y.type == ElementType::int8) {
    fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  }
  set_filter_fields(emission, fields, false);
  const std::string parameters =
      emission.parameters("thimble_depthwise_conv_2d_" + ending + "_params", fields);
  // For Helium the two kernels are one and the same.
  const bool folds = emission.options().helium || columns_fold(emission.source_layout(0));
  const std::string folded = folds ? "folded_" : "";
  emission.call("thimble_conv.h", "thimble_depthwise_conv_2d_" + folded + ending,
                {parameters, emission.tile(), emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
