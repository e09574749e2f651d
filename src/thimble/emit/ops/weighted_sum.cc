#include "thimble/emit/ops/weighted_sum.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace thimble::emitters {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
/// Bits of fraction: as many as fit int32 where inputs are as large as outputs. Where outputs are finer, sums
/// are larger and fewer bits do, as most results are clamped.
constexpr int kMostBits = 22, kLeastBits = 14;
/// 128 times less fits int32.
constexpr std::int64_t kWeightLimit = std::int64_t{1} << 24;
/// Weights are looked for so far from the real ones. One in two is exact where they stand; where results lie
/// between two integers (halves go away from zero), weights must be a little larger.
constexpr std::int64_t kRadius = 8;

/// start + weights[0] * a + weights[1] * b must be in [least, most].
struct Bound {
  std::int32_t a, b;
  std::int64_t least, most;
};

struct PairResult {
  std::int32_t a, b, result;
  bool close;  ///< to where the result changes
};

/// From a clamped result nothing follows on the clamp's side but that the sum fits int32.
Bound bound_of(const PairResult &r, int bits, IntegerRange range) {
  const std::int64_t one = std::int64_t{1} << bits;
  return {r.a, r.b, r.result > range.min ? r.result * one : kLeast,
          r.result < range.max ? r.result * one + one - 1 : kMost};
}

/// A start that keeps all bounds.
std::optional<std::int64_t> start_within(const std::vector<Bound> &bounds, std::int64_t weight_a,
                                         std::int64_t weight_b) {
  std::int64_t least = 2 * kLeast, most = 2 * kMost;
  for (const Bound &bound : bounds) {
    const std::int64_t sum = bound.a * weight_a + bound.b * weight_b;
    least = std::max(least, bound.least - sum);
    most = std::min(most, bound.most - sum);
    if (least > most) return std::nullopt;
  }
  return least + (most - least) / 2;
}

double real(QuantizedMultiplier m) {
  return std::ldexp(m.multiplier, m.shift - 31);
}

/// What the operator gives for stored values a and b.
std::int32_t sum_result(const AddParameters &p, bool subtract, std::int32_t a, std::int32_t b) {
  const auto operand = [&](std::int32_t x, std::size_t i) {
    return multiply_by_quantized_multiplier(wrap_shl(x + p.input_offsets[i], p.left_shift), p.inputs[i]);
  };
  const std::int32_t x = operand(a, 0), y = operand(b, 1);
  const std::int32_t sum = subtract ? wrap_sub(x, y) : wrap_add(x, y);
  const std::int32_t result = wrap_add(multiply_by_quantized_multiplier(sum, p.output), p.output_offset);
  return std::clamp(result, p.activation.min, p.activation.max);
}

std::optional<WeightedSum> weighted_sum(const std::vector<PairResult> &results, double ratio_a,
                                        double ratio_b, int bits, IntegerRange range) {
  const double one = std::ldexp(1.0, bits);
  if (!(std::abs(ratio_a) * one < kWeightLimit && std::abs(ratio_b) * one < kWeightLimit))
    return std::nullopt;
  // Most pairs are far from where the result changes: weights are tried on the others first.
  std::vector<Bound> all, close;
  for (const PairResult &result : results) {
    all.push_back(bound_of(result, bits, range));
    if (result.close) close.push_back(all.back());
  }
  const std::int64_t middle_a = std::llround(ratio_a * one), middle_b = std::llround(ratio_b * one);
  for (std::int64_t radius = 0; radius <= kRadius; ++radius) {
    for (std::int64_t i = -radius; i <= radius; ++i) {
      for (std::int64_t j = -radius; j <= radius; ++j) {
        if (std::max(std::abs(i), std::abs(j)) != radius) continue;
        const std::int64_t weight_a = middle_a + i, weight_b = middle_b + j;
        if (std::max(std::abs(weight_a), std::abs(weight_b)) >= kWeightLimit) continue;
        if (!start_within(close, weight_a, weight_b)) continue;
        const std::optional<std::int64_t> start = start_within(all, weight_a, weight_b);
        if (!start) continue;
        return WeightedSum{{static_cast<std::int32_t>(weight_a), static_cast<std::int32_t>(weight_b)},
                           static_cast<std::int32_t>(*start),
                           bits};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<WeightedSum> weighted_sum(const AddParameters &p, bool subtract) {
  const double unit = std::ldexp(real(p.output), p.left_shift);
  const double ratio_a = real(p.inputs[0]) * unit, ratio_b = real(p.inputs[1]) * (subtract ? -unit : unit);
  std::vector<PairResult> results;
  double largest = 0;
  for (std::int32_t a = -128; a <= 127; ++a) {
    for (std::int32_t b = -128; b <= 127; ++b) {
      const double exact =
          (a + p.input_offsets[0]) * ratio_a + (b + p.input_offsets[1]) * ratio_b + p.output_offset;
      largest = std::max(largest, std::abs(exact));
      const double boundary = std::abs(exact + 0.5 - std::round(exact + 0.5));
      results.push_back({a, b, sum_result(p, subtract, a, b), boundary < 1.0 / 512});
    }
  }
  for (int bits = kMostBits; bits >= kLeastBits; --bits) {
    if (std::ldexp(largest, bits) > static_cast<double>(kMost)) continue;
    if (const auto sum = weighted_sum(results, ratio_a, ratio_b, bits, p.activation)) return sum;
  }
  return std::nullopt;
}

}  // namespace thimble::emitters
