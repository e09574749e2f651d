#include "thimble/emit/ops/support.h"

namespace thimble::emitters {
namespace {

/// A 1x1 convolution of every pixel is a dense layer over the rows of pixels.
bool is_dense(const Conv2D &conv, const Tensor &x, const Tensor &weights) {
  return weights.shape[1] == 1 && weights.shape[2] == 1 && weights.shape[3] == x.shape[3] &&
         conv.stride == Step2D{} && conv.padding == Padding2D{};
}

}  // namespace

Result<void> emit_op(const Conv2D &conv, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  Fields fields;
  if (is_dense(conv, x, weights)) {
    fields.set("rows", y.elements() / y.shape[3]).set("depth", x.shape[3]);
    fields.set("outputs", y.shape[3]);
    set_filter_fields(emission, fields, true);
    const std::string parameters =
        emission.parameters("thimble_fully_connected_" + ending + "_params", fields);
    emission.call("thimble_fully_connected.h", "thimble_fully_connected_" + ending,
                  {parameters, emission.source(0), emission.destination()});
    return {};
  }
  const Step2D filter{weights.shape[1], weights.shape[2]};
  fields.set("window", window_fields(x, y, filter, conv.stride, conv.dilation, conv.padding));
  fields.set("filter_channels", weights.shape[3]);
  if (y.type == ElementType::int8) {
    fields.set("input_offset", filter_parameters(emission.graph(), emission.op()).input_offset);
  }
  set_filter_fields(emission, fields, false);
  const std::string parameters = emission.parameters("thimble_conv_2d_" + ending + "_params", fields);
  emission.call("thimble_conv.h", "thimble_conv_2d_" + ending,
                {parameters, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
