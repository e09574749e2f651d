#include "thimble/graph/fixed_point.h"
#include "thimble/graph/float_math.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {
namespace {

/// Calls `row(x, classes, y, first, count)` for every row of the tile: the whole row of inputs, and where the
/// outputs [first, first + count) of it go.
template <class From, class To, class Row>
void for_each_row(const OpRun &run, Row &&row) {
  const std::int32_t classes = run.inputs[0].layout.shape.back();
  const std::size_t last = run.output.layout.shape.size() - 1;
  std::vector<From> scratch;
  std::vector<To> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    Coordinates from = at;
    from[last] = 0;
    const From *x = load_run(run.inputs[0], from, classes, scratch);
    outputs.resize(static_cast<std::size_t>(length));
    row(x, classes, outputs.data(), at[last], length);
    store_run(run.output, at, length, outputs.data());
  });
}

void softmax_float(float beta, const OpRun &run) {
  for_each_row<float, float>(
      run, [&](const float *x, std::int32_t classes, float *y, std::int32_t first, std::int32_t count) {
        float largest = std::numeric_limits<float>::lowest();
        for (std::int32_t i = 0; i < classes; ++i) largest = largest < x[i] ? x[i] : largest;
        float sum = 0.0f;
        for (std::int32_t i = 0; i < classes; ++i) sum += exp_float((x[i] - largest) * beta);
        for (std::int32_t i = 0; i < count; ++i) y[i] = exp_float((x[first + i] - largest) * beta) / sum;
      });
}

/// Fixed point: exponentials in Q0.31, their sum in Q12.19, its reciprocal by Newton's iteration.
template <class To>
void softmax_int8(const OpRun &run) {
  const SoftmaxParameters p = softmax_parameters(run.graph, run.op);
  const IntegerRange range = range_of(run.graph.tensor(run.op.output()).type);
  const auto exponential = [&](std::int32_t difference) {
    return exp_on_negative_values(multiply_by_quantized_multiplier(difference, p.input), 5);
  };
  for_each_row<std::int8_t, To>(
      run, [&](const std::int8_t *x, std::int32_t classes, To *y, std::int32_t first, std::int32_t count) {
        const std::int32_t largest = *std::max_element(x, x + classes);
        std::int32_t sum = 0;
        for (std::int32_t i = 0; i < classes; ++i) {
          const std::int32_t difference = x[i] - largest;
          if (difference >= p.diff_min) sum += rounding_divide_by_power_of_two(exponential(difference), 12);
        }
        const std::int32_t leading = std::countl_zero(static_cast<std::uint32_t>(sum));  // sum >= 2^19
        const std::uint32_t shifted = (static_cast<std::uint32_t>(sum) << leading) - (std::uint32_t{1} << 31);
        const std::int32_t reciprocal = one_over_one_plus_x(static_cast<std::int32_t>(shifted));
        const std::int32_t exponent = 12 - leading + 31 - p.output_bits;
        for (std::int32_t i = 0; i < count; ++i) {
          const std::int32_t difference = x[first + i] - largest;
          std::int32_t value = range.min;
          if (difference >= p.diff_min) {
            const std::int32_t product =
                saturating_rounding_doubling_high_mul(reciprocal, exponential(difference));
            value = rounding_divide_by_power_of_two(product, exponent) + range.min;
          }
          y[i] = static_cast<To>(std::clamp(value, range.min, range.max));
        }
      });
}

/// Value of a table at v in [-32768, 32767]: 513 entries 128 apart, interpolated.
std::int32_t look_up(const std::array<std::int16_t, 513> &table, std::int32_t v) {
  const std::size_t i = static_cast<std::size_t>(256 + (v >> 7));
  const std::int32_t slope = table[i + 1] - table[i];
  return table[i] + ((slope * (v & 127) + 64) >> 7);
}

void softmax_int16(const OpRun &run) {
  const QuantizedMultiplier m = softmax_int16_multiplier(run.graph, run.op);
  const SoftmaxTables &tables = softmax_tables();
  const auto exponential = [&](std::int32_t difference) {
    const std::int64_t scaled = std::int64_t{multiply_by_quantized_multiplier(difference, m)} + 32767;
    return look_up(tables.exp, static_cast<std::int32_t>(std::clamp<std::int64_t>(scaled, -32768, 32767)));
  };
  for_each_row<std::int16_t, std::int16_t>(run, [&](const std::int16_t *x, std::int32_t classes,
                                                    std::int16_t *y, std::int32_t first, std::int32_t count) {
    const std::int32_t largest = *std::max_element(x, x + classes);
    std::int32_t sum = 0;
    for (std::int32_t i = 0; i < classes; ++i) sum += exponential(x[i] - largest);
    // sum = (1 + f) * 2^(31 - leading): f, in 16 bits around its middle, selects the reciprocal 1 / (1 + f).
    const std::int32_t leading = std::countl_zero(static_cast<std::uint32_t>(sum));
    const std::int64_t shifted = ((std::int64_t{sum} << (leading - 1)) + (1 << 13)) >> 14;
    const std::int64_t symmetric = shifted - (1 << 15) - (1 << 16);
    const std::int32_t reciprocal = look_up(
        tables.reciprocal, static_cast<std::int32_t>(std::clamp<std::int64_t>(symmetric, -32768, 32767)));
    const std::int32_t shift = 31 - leading;
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int64_t product = std::int64_t{exponential(x[first + i] - largest)} * reciprocal;
      const std::int64_t value = (product + (std::int64_t{1} << (shift - 1))) >> shift;
      y[i] = static_cast<std::int16_t>(std::clamp<std::int64_t>(value, 0, 32767));
    }
  });
}

}  // namespace

void run(const Softmax &softmax, const OpRun &firing) {
  const ElementType from = firing.inputs[0].type;
  if (from == ElementType::float32) {
    softmax_float(softmax.beta, firing);
  } else if (from == ElementType::int16) {
    softmax_int16(firing);
  } else if (firing.output.type == ElementType::int16) {
    softmax_int8<std::int16_t>(firing);
  } else {
    softmax_int8<std::int8_t>(firing);
  }
}

}  // namespace thimble::interpreter
