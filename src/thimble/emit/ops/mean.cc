#include <algorithm>

#include "thimble/emit/ops/reduction.h"
#include "thimble/emit/ops/running_sums.h"
#include "thimble/emit/ops/support.h"
#include "thimble/schedule/running_window.h"

namespace thimble::emitters {
namespace {

std::string parameters_of(OpEmission &emission) {
  const Tensor &y = emission.output();
  if (y.type == ElementType::float32) {
    const std::int64_t count = mean_count(emission.graph(), emission.op());
    return c_text::number(static_cast<float>(static_cast<std::int32_t>(count)));
  }
  const MeanParameters parameters = mean_parameters(emission.graph(), emission.op());
  const IntegerRange range = range_of(y.type);
  Fields fields;
  fields.set("sum_offset", parameters.input_sum_offset);
  fields.set("multiplier", parameters.output.multiplier);
  fields.set("shift", parameters.output.shift);
  fields.set("zero_point", parameters.output_offset);
  fields.set("minimum", range.min).set("maximum", range.max);
  return emission.parameters("thimble_mean_params", fields);
}

}  // namespace

Result<void> emit_op(const Mean &mean, OpEmission &emission) {
  const Tensor &y = emission.output();
  const std::string parameters = parameters_of(emission);
  if (emission.variant().remembers) {
    const std::string count = c_text::number(running_window(emission.graph(), emission.op())->sums);
    emit_running_sums(emission, [&](const std::string &sums, const std::string &outputs) {
      emission.code().line("int8_t *const means = " + outputs + ";");
      emission.code().line("for (int32_t i = 0; i < " + count +
                           "; ++i) means[i] = (int8_t)thimble_mean_of_sum(" + parameters + ", " + sums +
                           "[i]);");
    });
    return {};
  }
  if (mean.window > 0) {
    const auto axis = static_cast<std::size_t>(mean.axes[0]);
    const auto &tiles = emission.facts().tiles;
    if (std::any_of(tiles.begin(), tiles.end(), [&](const Region &t) { return t.axis[axis].size() != 1; }))
      return emission.refuse("moves a window over several places in one firing, which its kernel cannot");
  }
  emit_sums(emission, {mean.axes, mean.keep_dims, mean.window}, [&](const std::string &sum) {
    if (y.type == ElementType::float32) return sum + " / " + parameters;
    return std::string("(") + c_text::type_of(y.type) + ")thimble_mean_of_sum(" + parameters + ", " + sum +
           ")";
  });
  return {};
}

}  // namespace thimble::emitters
