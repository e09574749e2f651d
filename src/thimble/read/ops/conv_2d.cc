#include "thimble/read/window.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, Conv2D &conv) {
  const schema::Conv2DOptions *options = nullptr;
  if (!source.required_options(options) || !weighted_inputs(source) || !source.rank(0, 4) ||
      !source.rank(1, 4)) {
    return false;
  }
  conv.stride = {options->stride_h(), options->stride_w()};
  conv.dilation = {options->dilation_h_factor(), options->dilation_w_factor()};
  const Shape &x = source.input(0).shape, &weights = source.input(1).shape;
  return source.activation(options->fused_activation_function(), conv.activation) &&
         explicit_padding(source, options->padding(),
                          {x[1], weights[1], conv.stride.rows, conv.dilation.rows},
                          {x[2], weights[2], conv.stride.columns, conv.dilation.columns}, conv.padding);
}

}  // namespace thimble::tflite::operators
