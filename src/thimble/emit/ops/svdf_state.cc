#include "thimble/emit/ops/svdf.h"

namespace thimble::emitters {

Result<void> emit_op(const SvdfState &, OpEmission &emission) {
  const Shape &weights = emission.input(1).shape;
  const ElementType type = emission.output().type;
  Fields fields;
  fields.set("features", weights[1]).set("length", emission.output().shape[1] / weights[0]);
  std::string parameters = "thimble_svdf_state_f32_params";
  if (type != ElementType::float32) {
    const FilterParameters p = filter_parameters(emission.graph(), emission.op());
    fields.set("input_offset", p.input_offset).set("output_offset", p.output_offset);
    fields.set("multiplier", p.multipliers[0]).set("shift", p.shifts[0]);
    parameters = "thimble_svdf_state_params";
  }
  fields.set("weights", emission.constant(emission.op().inputs[1], "features"));
  return emit_svdf_rows(emission, std::string("thimble_svdf_state_") + suffix_of(type),
                        emission.parameters(parameters, fields), {0, 2});
}

}  // namespace thimble::emitters
