#include "thimble/graph/parameters.h"

#include <algorithm>
#include <limits>

#include "thimble/graph/float_math.h"

namespace thimble {
namespace {

double scale_of(const Graph &graph, TensorId id) {
  return double{graph.tensor(id).quantization.scale()};
}
std::int32_t zero_point_of(const Graph &graph, TensorId id) {
  return graph.tensor(id).quantization.zero_point();
}

}  // namespace

IntegerRange range_of(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return {-128, 127};
    case ElementType::uint8:
      return {0, 255};
    case ElementType::int16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  }
}

IntegerRange activation_range(Activation activation, const Tensor &output) {
  IntegerRange range = range_of(output.type);
  const auto stored = [&](float real) {
    return saturate_to_int32(std::int64_t{output.quantization.zero_point()} +
                             round_to_int32(real / output.quantization.scale()));
  };
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      range.min = std::max(range.min, stored(0.0f));
      break;
    case Activation::relu_n1_to_1:
      range = {std::max(range.min, stored(-1.0f)), std::min(range.max, stored(1.0f))};
      break;
    case Activation::relu6:
      range = {std::max(range.min, stored(0.0f)), std::min(range.max, stored(6.0f))};
      break;
  }
  return range;
}

FloatRange activation_range(Activation activation) {
  constexpr float most = std::numeric_limits<float>::max();
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      return {0.0f, most};
    case Activation::relu_n1_to_1:
      return {-1.0f, 1.0f};
    case Activation::relu6:
      return {0.0f, 6.0f};
  }
  return {-most, most};
}

Activation activation_of(const Op &op) {
  return std::visit(
      [](const auto &kind) {
        if constexpr (requires { kind.activation; }) {
          return kind.activation;
        } else {
          return Activation::none;
        }
      },
      op.attributes);
}

TensorId bias_of(const Op &op) {
  return op.inputs.size() > 2 ? op.inputs[2] : kNone;
}

FilterParameters filter_parameters(const Graph &graph, const Op &op) {
  const Tensor &input = graph.tensor(op.inputs[0]);
  const Tensor &weights = graph.tensor(op.inputs[1]);
  const Tensor &output = graph.tensor(op.output());
  FilterParameters parameters;
  parameters.input_offset = -input.quantization.zero_point();
  if (output.type == ElementType::int32) return parameters;  // sums, which are not scaled
  parameters.output_offset = output.quantization.zero_point();
  parameters.activation = activation_range(activation_of(op), output);
  for (float scale : weights.quantization.scales) {
    const double real =
        double{input.quantization.scale()} * double{scale} / double{output.quantization.scale()};
    const QuantizedMultiplier m = quantize_multiplier(real);
    parameters.multipliers.push_back(m.multiplier);
    parameters.shifts.push_back(m.shift);
  }
  const TensorId bias = bias_of(op);
  parameters.wide =
      input.type == ElementType::int16 && (bias == kNone || graph.tensor(bias).type == ElementType::int64);
  return parameters;
}

AddParameters add_parameters(const Graph &graph, const Op &op) {
  const Tensor &output = graph.tensor(op.output());
  AddParameters parameters;
  parameters.left_shift = output.type == ElementType::int16 ? 15 : 20;
  const float first = graph.tensor(op.inputs[0]).quantization.scale();
  const float second = graph.tensor(op.inputs[1]).quantization.scale();
  const float shifted_output = static_cast<float>(1 << parameters.left_shift) * output.quantization.scale();
  // The reference derives ADD's multipliers in double and SUB's in float32; the last bits differ.
  if (op.is<Sub>()) {
    const float twice = 2.0f * std::max(first, second);
    parameters.inputs = {quantize_multiplier(first / twice), quantize_multiplier(second / twice)};
    parameters.output = quantize_multiplier(twice / shifted_output);
  } else {
    const double twice = 2.0 * std::max(first, second);
    parameters.inputs = {quantize_multiplier(first / twice), quantize_multiplier(second / twice)};
    parameters.output = quantize_multiplier(
        twice / (static_cast<double>(1 << parameters.left_shift) * double{output.quantization.scale()}));
  }
  parameters.input_offsets = {-zero_point_of(graph, op.inputs[0]), -zero_point_of(graph, op.inputs[1])};
  parameters.output_offset = output.quantization.zero_point();
  parameters.activation = activation_range(activation_of(op), output);
  return parameters;
}

MulParameters mul_parameters(const Graph &graph, const Op &op) {
  const Tensor &output = graph.tensor(op.output());
  MulParameters parameters;
  parameters.input_offsets = {-zero_point_of(graph, op.inputs[0]), -zero_point_of(graph, op.inputs[1])};
  parameters.output = quantize_multiplier(scale_of(graph, op.inputs[0]) * scale_of(graph, op.inputs[1]) /
                                          scale_of(graph, op.output()));
  parameters.output_offset = output.quantization.zero_point();
  parameters.activation = activation_range(activation_of(op), output);
  return parameters;
}

std::int64_t mean_count(const Graph &graph, const Op &op) {
  const Mean &mean = op.as<Mean>();
  std::int64_t count = 1;
  for (std::int32_t axis : mean.axes) {
    const bool moving = mean.window > 0 && axis == mean.axes[0];
    count *= moving ? mean.window : graph.tensor(op.inputs[0]).shape[static_cast<std::size_t>(axis)];
  }
  return count;
}

MeanParameters mean_parameters(const Graph &graph, const Op &op) {
  const Tensor &input = graph.tensor(op.inputs[0]);
  MeanParameters parameters;
  parameters.count = mean_count(graph, op);
  const QuantizedMultiplier ratio =
      quantize_multiplier(scale_of(graph, op.inputs[0]) / scale_of(graph, op.output()));
  // Shifting up by floor(log2 count) before the division keeps 31 significant bits.
  std::int32_t up = std::bit_width(static_cast<std::uint64_t>(parameters.count)) - 1;
  up = std::min(up, std::min(32, 31 + ratio.shift));
  parameters.output.multiplier =
      static_cast<std::int32_t>((std::int64_t{ratio.multiplier} << up) / parameters.count);
  parameters.output.shift = ratio.shift - up;
  parameters.input_sum_offset =
      wrap_mul(-input.quantization.zero_point(), static_cast<std::int32_t>(parameters.count));
  parameters.output_offset = zero_point_of(graph, op.output());
  return parameters;
}

RequantizeParameters requantize_parameters(const Graph &graph, const Op &op) {
  RequantizeParameters parameters;
  parameters.input_zero_point = zero_point_of(graph, op.inputs[0]);
  parameters.output_zero_point = zero_point_of(graph, op.output());
  parameters.multiplier = quantize_multiplier(scale_of(graph, op.inputs[0]) / scale_of(graph, op.output()));
  parameters.range = range_of(graph.tensor(op.output()).type);
  return parameters;
}

LeakyReluParameters leaky_relu_parameters(const Graph &graph, const Op &op) {
  const Tensor &x = graph.tensor(op.inputs[0]), &y = graph.tensor(op.output());
  const float from = x.quantization.scale(), to = y.quantization.scale();
  LeakyReluParameters parameters;
  parameters.input_zero_point = x.quantization.zero_point();
  parameters.output_zero_point = y.quantization.zero_point();
  // In float32, as the reference derives them.
  parameters.positive = quantize_multiplier(double{from / to});
  parameters.negative = quantize_multiplier(double{from * op.as<LeakyRelu>().alpha / to});
  parameters.range = range_of(y.type);
  return parameters;
}

std::int32_t nearest_source(const ResizeNearestNeighbor &attributes, std::int32_t input_length,
                            std::int32_t output_length, std::int32_t o) {
  const float scale = attributes.align_corners && output_length > 1
                          ? static_cast<float>(input_length - 1) / static_cast<float>(output_length - 1)
                          : static_cast<float>(input_length) / static_cast<float>(output_length);
  const float offset = attributes.half_pixel_centers ? 0.5f : 0.0f;
  const float position = (static_cast<float>(o) + offset) * scale;  // never negative
  std::int32_t source = 0;
  if (attributes.align_corners) {
    source = round_to_int32(position);
  } else if (position < 2147483648.0f) {
    source = static_cast<std::int32_t>(position);
  } else {
    source = input_length;
  }
  return std::min(source, input_length - 1);
}

}  // namespace thimble
