#include <algorithm>

#include "thimble/emit/ops/lookup.h"

namespace thimble::emitters {
namespace {

std::int32_t requantized(std::int32_t stored, const RequantizeParameters &p) {
  const std::int32_t scaled =
      multiply_by_quantized_multiplier(wrap_sub(stored, p.input_zero_point), p.multiplier);
  return std::clamp(wrap_add(scaled, p.output_zero_point), p.range.min, p.range.max);
}

void emit_from_float(OpEmission &emission) {
  const Tensor &y = emission.output();
  Fields fields;
  fields.set("scale", y.quantization.scale()).set("zero_point", y.quantization.zero_point());
  const std::string address = emission.parameters("thimble_quantize_params", fields);
  emit_unary(emission, "thimble_quantize.h", std::string("thimble_quantize_f32_") + suffix_of(y.type),
             address);
}

}  // namespace

Result<void> emit_op(const Quantize &, OpEmission &emission) {
  const ElementType from = emission.input(0).type;
  const ElementType to = emission.output().type;
  if (from == ElementType::float32) {
    emit_from_float(emission);
    return {};
  }
  const RequantizeParameters p = requantize_parameters(emission.graph(), emission.op());
  const auto function = [&](std::int32_t stored) { return requantized(stored, p); };
  if (from == ElementType::int8) {
    emit_lookup<std::int8_t>(emission, "change of quantisation", function);
    return {};
  }
  if (from == ElementType::uint8) {
    emit_lookup<std::uint8_t>(emission, "change of quantisation", function);
    return {};
  }
  Fields fields;
  fields.set("input_zero_point", p.input_zero_point);
  fields.set("output_zero_point", p.output_zero_point);
  fields.set("multiplier", p.multiplier.multiplier).set("shift", p.multiplier.shift);
  fields.set("minimum", p.range.min).set("maximum", p.range.max);
  const std::string address = emission.parameters("thimble_requantize_params", fields);
  emit_unary(emission, "thimble_quantize.h",
             std::string("thimble_requantize_") + suffix_of(from) + "_" + suffix_of(to), address);
  return {};
}

}  // namespace thimble::emitters
