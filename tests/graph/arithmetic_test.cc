#include "thimble/graph/arithmetic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/random.h"
#include "thimble/graph/fixed_point.h"
#include "thimble/graph/float_math.h"

namespace thimble::test {
namespace {

constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

TEST(QuantizeMultiplier, SplitsIntoMantissaAndShift) {
  EXPECT_EQ(quantize_multiplier(0.0), (QuantizedMultiplier{0, 0}));
  EXPECT_EQ(quantize_multiplier(0.75), (QuantizedMultiplier{1610612736, 0}));
  EXPECT_EQ(quantize_multiplier(1.0), (QuantizedMultiplier{1 << 30, 1}));
  EXPECT_EQ(quantize_multiplier(3.0), (QuantizedMultiplier{1610612736, 2}));
  // A mantissa that rounds up to 2^31 moves into the shift.
  EXPECT_EQ(quantize_multiplier(std::nextafter(1.0, 0.0)), (QuantizedMultiplier{1 << 30, 1}));
}

TEST(QuantizeMultiplier, KeepsTheSign) {
  // Networks of the MCUNet zoo have negative scales of weights.
  EXPECT_EQ(quantize_multiplier(-3.0), (QuantizedMultiplier{-1610612736, 2}));
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int32_t{7}, quantize_multiplier(-3.0)), -21);
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int64_t{7}, quantize_multiplier(-3.0)), -21);
  EXPECT_EQ(quantize_multiplier(-std::nextafter(1.0, 0.0)), (QuantizedMultiplier{kLeast, 0}));
  EXPECT_EQ(multiply_by_quantized_multiplier(kLeast, QuantizedMultiplier{kLeast, 0}), kMost);
}

TEST(QuantizeMultiplier, FlushesTinyNumbersToZero) {
  EXPECT_EQ(quantize_multiplier(std::ldexp(1.0, -32)), (QuantizedMultiplier{1 << 30, -31}));
  EXPECT_EQ(quantize_multiplier(std::ldexp(1.0, -33)), (QuantizedMultiplier{0, 0}));
  EXPECT_EQ(quantize_multiplier(1e-300), (QuantizedMultiplier{0, 0}));
}

TEST(QuantizeMultiplier, GivesWhatIsNotFiniteAShiftThatIsRefused) {
  EXPECT_GT(quantize_multiplier(std::numeric_limits<double>::infinity()).shift, kMostLeftShift);
  EXPECT_GT(quantize_multiplier(std::numeric_limits<double>::quiet_NaN()).shift, kMostLeftShift);
}

TEST(HighMul, RoundsHalfAwayFromZeroAndSaturatesOnce) {
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, 3), 2);    // 1.5
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, -3), -1);  // -1.5: the nudge is 1 short of a half
  EXPECT_EQ(saturating_rounding_doubling_high_mul(1 << 30, 5), 3);    // 2.5
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kLeast, kLeast), kMost);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kLeast, kMost), -kMost);
}

TEST(RoundingDivide, RoundsHalfAwayFromZero) {
  EXPECT_EQ(rounding_divide_by_power_of_two(5, 1), 3);
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 1), -3);
  EXPECT_EQ(rounding_divide_by_power_of_two(-6, 2), -2);
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 2), -1);
  EXPECT_EQ(rounding_divide_by_power_of_two(7, 0), 7);
  EXPECT_EQ(rounding_divide_by_power_of_two(kMost, 31), 1);
  EXPECT_EQ(rounding_divide_by_power_of_two(kLeast, 31), -1);
  EXPECT_EQ(rounding_divide_by_power_of_two(kMost, 33), 0);
  EXPECT_EQ(rounding_divide_by_power_of_two(kLeast, 60), 0);
}

TEST(Rescale, RoundsTwice) {
  // 1 * 0.4999... rounds to 0.5 at 31 bits, then to 1 by the shift of 0; single rounding would give 0.
  const QuantizedMultiplier m{kMost, -1};  // just below one half
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int32_t{1}, m), 1);
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int32_t{1000}, QuantizedMultiplier{0, 0}), 0);
}

TEST(Rescale, IsWithinOneOfTheRealProduct) {
  Random random(3);
  for (int i = 0; i < 100000; ++i) {
    const double real = std::ldexp(0.5 + 0.5 * (random.real() + 1.0) / 2.0, random.integer(-20, 4));
    const std::int32_t value = random.integer(-1000000, 1000000);
    const std::int32_t got = multiply_by_quantized_multiplier(value, quantize_multiplier(real));
    ASSERT_LE(std::fabs(got - value * real), 1.01) << value << " * " << real;
  }
}

TEST(Rescale, WideFormRoundsHalfUpWithFifteenBits) {
  const QuantizedMultiplier half{1 << 30, 0};
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int64_t{3}, half), 2);    // 1.5
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int64_t{-3}, half), -1);  // -1.5
  // The multiplier keeps 15 bits: 0.75 + 2^-20 counts as 0.75.
  const QuantizedMultiplier more{1610612736 + 2048, 0};
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int64_t{1} << 22, more), 3 << 20);
  // The largest mantissas do not round up to 2^15.
  EXPECT_EQ(multiply_by_quantized_multiplier(std::int64_t{32768}, QuantizedMultiplier{kMost, 0}), 32767);
}

TEST(Wrapping, IsDefinedAtTheEnds) {
  EXPECT_EQ(wrap_add(kMost, 1), kLeast);
  EXPECT_EQ(wrap_sub(kLeast, 1), kMost);
  EXPECT_EQ(wrap_mul(1 << 30, 4), 0);
  EXPECT_EQ(wrap_shl(1, 31), kLeast);
  EXPECT_EQ(wrap_shl(1, 32), 0);
  EXPECT_EQ(wrap_shl(-1, 1024), 0);
}

TEST(FixedPoint, ExponentialIsNearTheRealOne) {
  for (int integer_bits : {4, 5}) {
    const double unit = std::ldexp(1.0, integer_bits - 31);
    for (std::int64_t a = 0; a > kLeast; a -= 12345677) {
      const double expected = std::exp(static_cast<double>(a) * unit);
      const double got =
          exp_on_negative_values(static_cast<std::int32_t>(a), integer_bits) * std::ldexp(1.0, -31);
      ASSERT_NEAR(got, expected, 1e-7) << a;
    }
  }
}

TEST(FixedPoint, ReciprocalAndLogisticAreNearTheRealOnes) {
  for (std::int64_t a = 0; a <= kMost; a += 7654321) {
    const double x = static_cast<double>(a) * std::ldexp(1.0, -31);
    ASSERT_NEAR(one_over_one_plus_x(static_cast<std::int32_t>(a)) * std::ldexp(1.0, -31), 1.0 / (1.0 + x),
                1e-8);
  }
  for (std::int64_t a = kLeast; a <= kMost; a += 7654321) {
    const double x = static_cast<double>(a) * std::ldexp(1.0, -27);
    ASSERT_NEAR(logistic_fixed_point(static_cast<std::int32_t>(a)) * std::ldexp(1.0, -31),
                1.0 / (1.0 + std::exp(-x)), 1e-7);
  }
}

/// Distance in units of the last place of the expected value.
double ulps(float got, double expected) {
  const float nearest = static_cast<float>(expected);
  const double unit = std::max(std::ldexp(1.0, std::ilogb(nearest) - 23), std::ldexp(1.0, -149));
  return std::fabs(static_cast<double>(got) - expected) / unit;
}

TEST(FloatMath, ExponentialIsWithinOneUnit) {
  double worst = 0.0;
  for (float x = -103.0f; x < 88.7f; x += 0.000917f)
    worst = std::max(worst, ulps(exp_float(x), std::exp(double{x})));
  EXPECT_LE(worst, 1.0);
  std::cout << "exp_float: at most " << worst << " units in the last place\n";
}

TEST(FloatMath, ExponentialHasExactEnds) {
  EXPECT_EQ(exp_float(0.0f), 1.0f);
  EXPECT_EQ(exp_float(-0.0f), 1.0f);
  EXPECT_EQ(exp_float(-200.0f), 0.0f);
  EXPECT_EQ(exp_float(-std::numeric_limits<float>::infinity()), 0.0f);
  EXPECT_EQ(exp_float(200.0f), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isfinite(exp_float(88.7228f)));
  EXPECT_GT(exp_float(-103.9f), 0.0f);
  EXPECT_TRUE(std::isnan(exp_float(std::numeric_limits<float>::quiet_NaN())));
}

TEST(FloatMath, RoundingIsHalfAwayFromZeroAndSaturates) {
  EXPECT_EQ(round_to_int32(2.5f), 3);
  EXPECT_EQ(round_to_int32(-2.5f), -3);
  EXPECT_EQ(round_to_int32(0.49999997f), 0);
  EXPECT_EQ(round_to_int32(8388609.0f), 8388609);
  EXPECT_EQ(round_to_int32(1e30f), kMost);
  EXPECT_EQ(round_to_int32(-1e30f), kLeast);
  EXPECT_EQ(round_to_int32(-std::numeric_limits<float>::infinity()), kLeast);
  EXPECT_EQ(round_to_int32(std::numeric_limits<float>::quiet_NaN()), 0);
  for (float x = -300.0f; x < 300.0f; x += 0.0625f) ASSERT_EQ(round_to_int32(x), std::lround(x));
}

}  // namespace
}  // namespace thimble::test
