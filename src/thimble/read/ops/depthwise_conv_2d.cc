#include "thimble/read/window.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, DepthwiseConv2D &conv) {
  const schema::DepthwiseConv2DOptions *options = nullptr;
  if (!source.required_options(options) || !weighted_inputs(source) || !source.rank(0, 4) ||
      !source.rank(1, 4)) {
    return false;
  }
  conv.stride = {options->stride_h(), options->stride_w()};
  conv.dilation = {options->dilation_h_factor(), options->dilation_w_factor()};
  const Shape &x = source.input(0).shape, &weights = source.input(1).shape;
  // The file's own depth_multiplier is redundant and wrong in some files; TensorFlow Lite ignores it, too.
  if (x[3] < 1 || weights[3] < 1 || weights[3] % x[3] != 0) {
    return source.refuse_damaged(
        fmt::format("its weights have {} channels, which is no multiple of the input's {}", weights[3], x[3]),
        source.inputs[1]);
  }
  conv.depth_multiplier = weights[3] / x[3];
  return source.activation(options->fused_activation_function(), conv.activation) &&
         explicit_padding(source, options->padding(),
                          {x[1], weights[1], conv.stride.rows, conv.dilation.rows},
                          {x[2], weights[2], conv.stride.columns, conv.dilation.columns}, conv.padding);
}

}  // namespace thimble::tflite::operators
