#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Dequantize &, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  Fields fields;
  fields.set("scale", x.quantization.scale()).set("zero_point", x.quantization.zero_point());
  const std::string address = emission.parameters("thimble_quantize_params", fields);
  emit_unary(emission, "thimble_quantize.h", std::string("thimble_dequantize_") + suffix_of(x.type) + "_f32",
             address);
  return {};
}

}  // namespace thimble::emitters
