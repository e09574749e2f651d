#include "thimble/emit/ops/pools.h"
#include "thimble/emit/ops/reduction.h"
#include "thimble/emit/ops/running_sums.h"
#include "thimble/schedule/running_window.h"

namespace thimble::emitters {
namespace {

/// The whole map, row by row into an accumulator.
Result<void> emit_in_parts(const AveragePool2D &pool, OpEmission &emission) {
  constexpr std::int32_t kAxes[] = {1, 2};
  const Tensor &y = emission.output();
  const Shape &map = emission.input(0).shape;
  const std::int32_t taps = map[1] * map[2];
  emission.need_header("thimble_pool.h");
  if (y.type == ElementType::float32) {
    emission.need_header("thimble_float.h");
    const FloatRange range = activation_range(pool.activation);
    emit_sums(emission, {kAxes, true}, [&](const std::string &sum) {
      return "thimble_clamp_f32(" + sum + " / " + c_text::number(static_cast<float>(taps)) + ", " +
             c_text::number(range.min) + ", " + c_text::number(range.max) + ")";
    });
    return {};
  }
  emission.need_header("thimble_fixed_point.h");
  const IntegerRange range = activation_range(pool.activation, y);
  emit_sums(emission, {kAxes, true}, [&](const std::string &sum) {
    return std::string("(") + c_text::type_of(y.type) + ")thimble_clamp(thimble_rounded_mean(" + sum + ", " +
           c_text::number(taps) + "), " + c_text::number(range.min) + ", " + c_text::number(range.max) + ")";
  });
  return {};
}

void emit_running(const AveragePool2D &pool, OpEmission &emission) {
  const RunningWindow window = *running_window(emission.graph(), emission.op());
  const std::string count = c_text::number(window.sums), taps = c_text::number(window.length * window.rows);
  const Tensor &y = emission.output();
  const IntegerRange range = activation_range(pool.activation, y);
  emit_running_sums(emission, [&](const std::string &sums, const std::string &means) {
    emission.call("thimble_pool.h", "thimble_average_sums_s8", {count, taps, sums, means});
    if (range == range_of(y.type)) return;
    emission.call("thimble_clamp_s8.h", "thimble_clamp_s8",
                  {count, c_text::number(range.min), c_text::number(range.max), means});
  });
}

}  // namespace

Result<void> emit_op(const AveragePool2D &pool, OpEmission &emission) {
  if (emission.sums_in_parts()) return emit_in_parts(pool, emission);
  if (emission.variant().remembers) {
    emit_running(pool, emission);
    return {};
  }
  return emit_pool(pool, emission, "thimble_average_pool_2d");
}

}  // namespace thimble::emitters
