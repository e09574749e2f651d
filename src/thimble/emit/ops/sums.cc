#include "thimble/emit/ops/sums.h"

#include "thimble/emit/ops/lookup.h"
#include "thimble/emit/ops/weighted_sum.h"

namespace thimble::emitters {
namespace {

void set_multiplier(Fields &fields, const std::string &ending, QuantizedMultiplier m) {
  fields.set("multiplier" + ending, m.multiplier).set("shift" + ending, m.shift);
}

void emit_weighted_sum(OpEmission &emission, const WeightedSum &sum, IntegerRange range) {
  Fields fields;
  fields.line(
      {{"weight_a", sum.weights[0]}, {"weight_b", sum.weights[1]}, {"start", sum.start}, {"bits", sum.bits}});
  fields.line({{"minimum", range.min}, {"maximum", range.max}});
  emit_binary(emission, "thimble_weighted_sum.h", "weighted_sum", "thimble_weighted_sum_params", fields);
}

}  // namespace

void emit_binary(OpEmission &emission, const std::string &header, const std::string &name,
                 const std::string &type, Fields fields) {
  const std::vector<BoxAxis> box = emission.box();
  const std::vector<Access> arrays{broadcast_access(emission, 0), broadcast_access(emission, 1),
                                   emission.output_access()};
  const Run run = find_firing_run(emission, box, arrays, [](const auto &steps) { return steps[2] == 1; });
  fields.line({{"step_a", run.steps[0]}, {"step_b", run.steps[1]}});
  const std::string parameters = emission.parameters(type, fields);
  emit_runs(emission.code(), box, arrays, run, [&](const Term &count, const std::vector<std::string> &at) {
    emission.call(header, "thimble_" + name + "_" + suffix_of(emission.output().type),
                  {parameters, count.text, at[0], at[1], at[2]});
  });
}

void emit_binary_float(OpEmission &emission, const std::string &name) {
  Fields fields;
  const FloatRange range = activation_range(activation_of(emission.op()));
  fields.set("minimum", range.min).set("maximum", range.max);
  emit_binary(emission, "thimble_elementwise.h", name, "thimble_elementwise_f32_params", fields);
}

Result<void> emit_sum(OpEmission &emission, bool subtract) {
  const std::string name = subtract ? "sub" : "add";
  if (emission.output().type == ElementType::float32) {
    emit_binary_float(emission, name);
    return {};
  }
  if (emit_byte_function(emission, subtract ? "difference to a constant" : "sum with a constant")) return {};
  const AddParameters parameters = add_parameters(emission.graph(), emission.op());
  if (emission.output().type == ElementType::int8) {
    if (const auto sum = weighted_sum(parameters, subtract)) {
      emit_weighted_sum(emission, *sum, parameters.activation);
      return {};
    }
  }
  Fields fields;
  fields.set("left_shift", parameters.left_shift);
  fields.set("offset_a", parameters.input_offsets[0]);
  set_multiplier(fields, "_a", parameters.inputs[0]);
  fields.set("offset_b", parameters.input_offsets[1]);
  set_multiplier(fields, "_b", parameters.inputs[1]);
  set_multiplier(fields, "", parameters.output);
  fields.set("zero_point", parameters.output_offset);
  fields.set("minimum", parameters.activation.min);
  fields.set("maximum", parameters.activation.max);
  emit_binary(emission, "thimble_elementwise.h", name, "thimble_sum_params", fields);
  return {};
}

}  // namespace thimble::emitters
