#include "thimble/emit/ops/lookup.h"

namespace thimble::emitters {

Result<void> emit_op(const Logistic &, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  if (x.type == ElementType::int8) {
    const LogisticParameters parameters = logistic_parameters(emission.graph(), emission.op());
    emit_lookup<std::int8_t>(emission, "1 / (1 + e^-x)", [&](std::int32_t stored) {
      return std::int32_t{logistic_int8(static_cast<std::int8_t>(stored), parameters)};
    });
    return {};
  }
  if (x.type == ElementType::float32) {
    emit_unary(emission, "thimble_softmax.h", "thimble_logistic_f32", "");
    return {};
  }
  const LogisticInt16Parameters parameters = logistic_int16_parameters(emission.graph(), emission.op());
  Fields fields;
  fields.set("multiplier", parameters.multiplier).set("shift", parameters.shift);
  fields.set("sigmoid", emission.table<std::uint16_t>("sigmoid", sigmoid_table(), "2^16 / (1 + e^(-i/24))"));
  const std::string address = emission.parameters("thimble_logistic_s16_params", fields);
  emit_unary(emission, "thimble_softmax.h", "thimble_logistic_s16", address);
  return {};
}

}  // namespace thimble::emitters
