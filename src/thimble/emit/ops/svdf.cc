#include "thimble/emit/ops/svdf.h"

namespace thimble::emitters {

Result<void> emit_op(const Svdf &svdf, OpEmission &emission) {
  const ElementType type = emission.input(0).type;
  const std::int32_t length = emission.input(1).shape[1];
  Fields fields;
  if (type == ElementType::float32) {
    const FloatRange range = activation_range(svdf.activation);
    fields.set("rank", svdf.rank).set("length", length);
    fields.set("minimum", range.min).set("maximum", range.max);
  } else {
    const FilterParameters p = filter_parameters(emission.graph(), emission.op());
    fields.set("depth", svdf.rank * length);
    fields.set("memory_offset", p.input_offset).set("output_offset", p.output_offset);
    fields.set("multiplier", p.multipliers[0]).set("shift", p.shifts[0]);
    fields.set("minimum", p.activation.min).set("maximum", p.activation.max);
  }
  fields.set("weights", emission.constant(emission.op().inputs[1], "times"));
  fields.set("bias", emission.has_input(2) ? emission.constant(emission.op().inputs[2], "bias") : "0");
  const std::string kernel = std::string("thimble_svdf_") + suffix_of(type);
  return emit_svdf_rows(emission, kernel, emission.parameters(kernel + "_params", fields), {0});
}

}  // namespace thimble::emitters
