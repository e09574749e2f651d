#include "thimble/emit/ops/support.h"

#include <algorithm>
#include <array>
#include <cstring>

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

/// bias[o] + offset * sum of the weights of output o, modulo 2^32. Weights are [outputs, ...].
std::vector<std::int32_t> folded_bias(const OpEmission &emission, std::int32_t offset, std::int64_t outputs) {
  const std::vector<std::int64_t> bias = integers(emission, 2, outputs);
  const Tensor &weights = emission.input(1);
  const std::size_t length = static_cast<std::size_t>(weights.elements() / outputs);
  std::vector<std::int32_t> folded(bias.size());
  for (std::size_t o = 0; o < bias.size(); ++o) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < length; ++k) {
      sum = wrap_add(sum, static_cast<std::int8_t>((*weights.data)[o * length + k]));
    }
    folded[o] = wrap_add(static_cast<std::int32_t>(bias[o]), wrap_mul(sum, offset));
  }
  return folded;
}

void set_float_bias(OpEmission &emission, Fields &fields, std::int64_t outputs) {
  if (emission.has_input(2)) {
    fields.set("bias", emission.constant(emission.op().inputs[2], "bias"));
    return;
  }
  const std::vector<float> zeros(static_cast<std::size_t>(outputs), 0.0f);
  fields.set("bias", emission.table<float>("bias", zeros, "no bias"));
}

Fields scale_fields(OpEmission &emission, const FilterParameters &parameters) {
  std::vector<std::int8_t> shifts(parameters.shifts.begin(), parameters.shifts.end());
  Fields scale(1);
  scale.set("multipliers",
            emission.table<std::int32_t>("multipliers", parameters.multipliers,
                                         "scales of the output channels: multiplier / 2^31 * 2^shift"));
  scale.set("shifts", emission.table<std::int8_t>("shifts", shifts, "exponents of the scales"));
  scale.set("channel_step", parameters.multipliers.size() > 1 ? 1 : 0);
  scale.set("zero_point", parameters.output_offset);
  scale.line({{"minimum", parameters.activation.min}, {"maximum", parameters.activation.max}});
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
  fields.set("weights", emission.constant(op.inputs[1], "weights"));
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
    const std::vector<std::int32_t> folded = folded_bias(emission, parameters.input_offset, outputs);
    fields.set("bias", emission.table<std::int32_t>("bias", folded,
                                                    "bias, and the input's zero point times the weights"));
  } else {
    const std::vector<std::int32_t> narrow(bias.begin(), bias.end());
    fields.set("bias", emission.table<std::int32_t>("bias", narrow, "bias in the scale of the sums"));
  }
  fields.set("scale", scale_fields(emission, parameters));
}

std::vector<std::int32_t> strides_of(const Shape &shape) {
  std::vector<std::int32_t> strides(shape.size(), 1);
  for (std::size_t a = shape.size(); a-- > 1;) strides[a - 1] = strides[a] * shape[a];
  return strides;
}

Fields walk_fields(const std::vector<WalkAxis> &axes, int nested) {
  std::vector<WalkAxis> joined;
  for (const WalkAxis &axis : axes) {
    if (axis.extent == 1) continue;
    if (!joined.empty() && joined.back().stride_a == axis.stride_a * axis.extent &&
        joined.back().stride_b == axis.stride_b * axis.extent) {
      joined.back() = {joined.back().extent * axis.extent, axis.stride_a, axis.stride_b};
    } else {
      joined.push_back(axis);
    }
  }
  std::array<std::int32_t, 6> extent, stride_a{}, stride_b{};
  extent.fill(1);
  for (std::size_t i = 0; i < joined.size(); ++i) {
    const std::size_t at = extent.size() - joined.size() + i;
    extent[at] = joined[i].extent;
    stride_a[at] = joined[i].stride_a;
    stride_b[at] = joined[i].stride_b;
  }
  Fields walk(nested);
  walk.set("extent", extent).set("stride_a", stride_a).set("stride_b", stride_b);
  return walk;
}

Fields broadcast_fields(const Shape &a, const Shape &b, const Shape &output) {
  const std::vector<std::int32_t> strides_a = strides_of(a);
  const std::vector<std::int32_t> strides_b = strides_of(b);
  // Shapes are aligned at their last axes; an axis of length 1, or that is not there, is repeated.
  const auto stride = [&](const Shape &shape, const std::vector<std::int32_t> &strides, std::size_t axis) {
    const std::size_t missing = output.size() - shape.size();
    return axis < missing || shape[axis - missing] == 1 ? 0 : strides[axis - missing];
  };
  std::vector<WalkAxis> axes;
  for (std::size_t axis = 0; axis < output.size(); ++axis) {
    axes.push_back({output[axis], stride(a, strides_a, axis), stride(b, strides_b, axis)});
  }
  return walk_fields(axes, 1);
}

void emit_copy(OpEmission &emission, const std::vector<WalkAxis> &axes, std::size_t input,
               std::int64_t source_element, std::int64_t destination_element) {
  const std::string walk = emission.parameters("thimble_walk", walk_fields(axes, 0));
  const int bits = 8 * size_of(emission.output().type);
  emission.call("thimble_movement.h", "thimble_copy_" + std::to_string(bits),
                {walk, emission.source(input, source_element), emission.destination(destination_element)});
}

}  // namespace thimble::emitters
