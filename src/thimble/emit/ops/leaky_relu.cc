#include "thimble/emit/ops/lookup.h"

namespace thimble::emitters {

Result<void> emit_op(const LeakyRelu &leaky, OpEmission &emission) {
  Fields fields;
  if (emission.output().type == ElementType::float32) {
    fields.set("slope", leaky.alpha);
    emit_unary(emission, "thimble_leaky_relu.h", "thimble_leaky_relu_f32",
               emission.parameters("thimble_leaky_relu_f32_params", fields));
    return {};
  }
  if (emit_byte_function(emission, "x, or less of it below zero")) return {};
  const LeakyReluParameters p = leaky_relu_parameters(emission.graph(), emission.op());
  fields.set("input_zero_point", p.input_zero_point).set("output_zero_point", p.output_zero_point);
  fields.set("multiplier", p.positive.multiplier).set("shift", p.positive.shift);
  fields.set("negative_multiplier", p.negative.multiplier).set("negative_shift", p.negative.shift);
  emit_unary(emission, "thimble_leaky_relu.h", "thimble_leaky_relu_s16",
             emission.parameters("thimble_leaky_relu_params", fields));
  return {};
}

}  // namespace thimble::emitters
