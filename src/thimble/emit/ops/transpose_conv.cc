#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const TransposeConv &conv, OpEmission &emission) {
  if (Result<void> ok = fit_tiles(emission, 0); !ok) return ok;
  const Tensor &x = emission.input(0), &weights = emission.input(1), &y = emission.output();
  const std::string ending = suffix_of(y.type);
  Fields fields;
  const Step2D filter{weights.shape[1], weights.shape[2]};
  fields.set("window", window_fields(x, y, filter, conv.stride, {}, conv.padding));
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
  fields.set("filter_channels", weights.shape[3]);
  if (y.type == ElementType::int8)
    fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  set_filter_fields(emission, fields, false);
  const std::string parameters = emission.parameters("thimble_conv_2d_" + ending + "_params", fields);
  emission.call("thimble_transpose_conv.h", "thimble_transpose_conv_" + ending,
                {parameters, emission.tile(), emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
