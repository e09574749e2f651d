#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const Dequantize &, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  Fields fields;
  fields.set("count", x.elements());
  fields.set("scale", x.quantization.scale()).set("zero_point", x.quantization.zero_point());
  const std::string address = emission.parameters("thimble_quantize_params", fields);
  emission.call("thimble_quantize.h", std::string("thimble_dequantize_") + suffix_of(x.type) + "_f32",
                {address, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
