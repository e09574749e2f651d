#include "thimble/graph/fixed_point.h"

namespace thimble {
namespace {

std::int32_t multiply(std::int32_t a, std::int32_t b) {
  return saturating_rounding_doubling_high_mul(a, b);
}

std::int32_t saturating_shift_left(std::int32_t value, int bits) {
  return saturate_to_int32(std::int64_t{value} * (std::int64_t{1} << bits));
}

/// e^a for a in [-1/4, 0), Q0.31 both: the Taylor series of degree 4 around -1/8.
std::int32_t exp_on_last_quarter(std::int32_t a) {
  constexpr std::int32_t exp_of_minus_eighth = 1895147668;
  constexpr std::int32_t third = 715827883;
  const std::int32_t x = a + (1 << 28);
  const std::int32_t x2 = multiply(x, x);
  const std::int32_t x3 = multiply(x2, x);
  const std::int32_t x4 = multiply(x2, x2);
  const std::int32_t x4_over_4 = rounding_divide_by_power_of_two(x4, 2);
  const std::int32_t higher =
      rounding_divide_by_power_of_two(multiply(x4_over_4 + x3, third) + x2, 1);  // x4/24 + x3/6 + x2/2
  return saturate_to_int32(std::int64_t{exp_of_minus_eighth} + multiply(exp_of_minus_eighth, x + higher));
}

}  // namespace

std::int32_t exp_on_negative_values(std::int32_t a, int integer_bits) {
  if (a == 0) return std::numeric_limits<std::int32_t>::max();
  const int fraction_bits = 31 - integer_bits;
  const std::int32_t quarter = std::int32_t{1} << (fraction_bits - 2);
  const std::int32_t last = (a & (quarter - 1)) - quarter;  // in [-1/4, 0)
  const std::int32_t rest = wrap_sub(last, a);              // >= 0, a multiple of 1/4
  std::int32_t result = exp_on_last_quarter(wrap_shl(last, integer_bits));
  struct Factor {
    int exponent;
    std::int32_t value;  ///< e^-(2^exponent) in Q0.31
  };
  constexpr Factor factors[] = {{-2, 1672461947}, {-1, 1302514674}, {0, 790015084}, {1, 290630308},
                                {2, 39332535},    {3, 720401},      {4, 242}};
  for (const Factor &factor : factors) {
    if (integer_bits > factor.exponent && ((rest >> (fraction_bits + factor.exponent)) & 1) != 0) {
      result = multiply(result, factor.value);
    }
  }
  return result;
}

std::int32_t one_over_one_plus_x(std::int32_t a) {
  const std::int32_t half_denominator =
      static_cast<std::int32_t>((std::int64_t{a} + (std::int64_t{1} << 31)) / 2);
  // Newton's iteration for 1 / half_denominator in Q2.29, from the line 48/17 - 32/17 * half_denominator.
  std::int32_t x = wrap_add(1515870810, multiply(half_denominator, -1010580540));
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = wrap_sub(1 << 29, multiply(half_denominator, x));
    x = wrap_add(x, saturating_shift_left(multiply(x, error), 2));
  }
  return saturating_shift_left(x, 1);
}

std::int32_t logistic_fixed_point(std::int32_t x) {
  constexpr int integer_bits = 4;
  constexpr std::int32_t one = std::numeric_limits<std::int32_t>::max();
  if (x == 0) return std::int32_t{1} << 30;
  if (x > 0) return one_over_one_plus_x(exp_on_negative_values(wrap_sub(0, x), integer_bits));
  return one - one_over_one_plus_x(exp_on_negative_values(x, integer_bits));
}

}  // namespace thimble
