#include "thimble/read/window.h"

namespace thimble::tflite::operators {

namespace {

/// What would pad the convolution from the output to the input.
bool output_padding(OperatorSource &source, const schema::TransposeConvOptions &options,
                    TransposeConv &conv) {
  conv.stride = {options.stride_h(), options.stride_w()};
  if (options.padding() == schema::Padding::VALID) return true;
  const Shape &y = source.output().shape, &weights = source.input(1).shape;
  return explicit_padding(source, options.padding(), {y[1], weights[1], conv.stride.rows},
                          {y[2], weights[2], conv.stride.columns}, conv.padding);
}

}  // namespace

bool read(OperatorSource &source, TransposeConv &conv) {
  const schema::TransposeConvOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(3, 4)) return false;
  // The first input is the shape of the output, which the file gives to that as well.
  source.inputs = {source.inputs[2], source.inputs[1],
                   source.has_input(3) ? source.inputs[3] : TensorId{kNone}};
  if (!weighted_inputs(source) || !source.rank(0, 4) || !source.rank(1, 4)) return false;
  if (source.output().rank() != 4)
    return source.refuse_damaged(
        fmt::format("its output has {} dimensions instead of 4", source.output().rank()));
  return source.activation(options->fused_activation_function(), conv.activation) &&
         output_padding(source, *options, conv);
}

}  // namespace thimble::tflite::operators
