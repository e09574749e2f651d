#include "thimble/emit/ops/lookup.h"
#include "thimble/emit/ops/sums.h"

namespace thimble::emitters {

Result<void> emit_op(const Mul &, OpEmission &emission) {
  if (emission.output().type == ElementType::float32) {
    emit_binary_float(emission, "mul");
    return {};
  }
  if (emit_byte_function(emission, "times a constant")) return {};
  const MulParameters parameters = mul_parameters(emission.graph(), emission.op());
  Fields fields;
  fields.set("offset_a", parameters.input_offsets[0]);
  fields.set("offset_b", parameters.input_offsets[1]);
  fields.set("multiplier", parameters.output.multiplier);
  fields.set("shift", parameters.output.shift);
  fields.set("zero_point", parameters.output_offset);
  fields.set("minimum", parameters.activation.min);
  fields.set("maximum", parameters.activation.max);
  emit_binary(emission, "thimble_elementwise.h", "mul", "thimble_mul_params", std::move(fields));
  return {};
}

}  // namespace thimble::emitters
