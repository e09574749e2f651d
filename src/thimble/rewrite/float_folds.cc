// Why nothing changes. The filter's result is clamp((w1*x1 + w2*x2 + ...) + b): each operation rounds once,
// the sum starts at +0, and the clamp without an activation takes infinity to the largest number.
//
// A factor of 2^k, k != 0. Let all x be multiples of 2^q and at most M, all w multiples of 2^r. Products and
// sums are multiples of 2^(q+r), before and after they are rounded. Scaled by 2^k all of them scale, for
// rounding to 24 bits does not look at the exponent, if nothing overflows and if numbers below 2^-126, which
// have fewer bits, never round: they are exact when they are multiples of 2^-149. So q+r and q+r+k must be at
// least -149, as must the bias's own quantum and k (the last product, y * 2^k, is one of the numbers above),
// and the bound of all partial sums must be a number in both scales. Inputs of a network can be anything
// (q = -149): there only weights of whole numbers pass. A negative factor would turn the +0 of a sum into -0.
//
// An addend. A sum that starts at +0 is never -0, so that adding +0 or -0 to the result changes nothing, and
// a bias of 0 did not change the sum. The new bias is added where the old one was. The sum of which the old
// clamp made the largest number, 2^128 - 2^104, stays there when less than 2^103 is added, and is clamped to
// it again behind the new sum.
//
// Before the filter. x * 2^k is exact where neither end of the range is passed, and then (x * 2^k) * w and
// x * (2^k * w) round the same real number. Zeros of either sign add nothing to a sum that starts at +0.
#include "thimble/rewrite/float_folds.h"

#include <algorithm>
#include <cmath>

namespace thimble {

namespace {

constexpr double kLargest = std::numeric_limits<float>::max();

/// The float next to `value`; nothing where that is infinite, or has lost bits because it is subnormal.
std::optional<float> rounded(double value) {
  if (!(std::abs(value) <= kLargest)) return std::nullopt;
  const auto result = static_cast<float>(value);
  const bool subnormal = std::abs(result) < std::numeric_limits<float>::min();
  if (subnormal && double{result} != value) return std::nullopt;
  return result;
}

bool multiply(float &value, float factor) {
  const std::optional<float> product = rounded(double{value} * double{factor});
  if (product) value = *product;
  return product.has_value();
}

bool add(float &value, double addend) {
  const std::optional<float> sum = rounded(double{value} + addend);
  if (sum) value = *sum;
  return sum.has_value();
}

/// k of |factor| = 2^k.
std::optional<int> exponent_of(float factor) {
  int exponent = 0;
  if (!std::isfinite(factor) || std::abs(std::frexp(factor, &exponent)) != 0.5f) return std::nullopt;
  return exponent - 1;
}

bool scales_exactly(const FloatFilter &filter, std::size_t channel, float factor, const FloatValues &x) {
  if (factor == 1.0f) return true;
  const std::optional<int> k = exponent_of(factor);
  if (!k || factor < 0.0f) return false;
  const std::span<const float> weights = filter.weights_of(channel);
  const float bias = filter.bias[channel];
  const int products = x.quantum + values_of(weights).quantum;
  const int least = std::min(products, values_of({&bias, 1}).quantum);
  const double bound = sum_bound(x.most, weights, bias);
  return products >= kLeastQuantum && least + *k >= kLeastQuantum && bound <= kLargest &&
         bound * double{factor} <= kLargest;
}

bool adds_exactly(float bias, float addend) {
  constexpr float kHalfStepOfLargest = 0x1p103f;
  return addend == 0.0f || (bias == 0.0f && std::abs(addend) < kHalfStepOfLargest);
}

bool scale(FloatFilter &filter, std::size_t channel, float factor) {
  bool fits = multiply(filter.bias[channel], factor);
  for (float &weight : filter.weights_of(channel)) fits = fits && multiply(weight, factor);
  return fits;
}

bool scale_inputs(FloatFilter &filter, const std::vector<float> &factors) {
  for (std::size_t channel = 0; channel < filter.bias.size(); ++channel) {
    const std::span<float> weights = filter.weights_of(channel);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!multiply(weights[i], factors[filter.input_channel(channel, i)])) return false;
    }
  }
  return true;
}

/// Whether x * factor is a number without rounding, for every x.
bool is_exact_for_all(const FloatValues &x, float factor) {
  const std::optional<int> k = exponent_of(factor);
  return k && x.quantum + *k >= kLeastQuantum && x.most * std::abs(double{factor}) <= kLargest;
}

}  // namespace

bool fold_behind(FloatFilter &filter, const ChannelStep &step, const FloatValues &x) {
  for (std::size_t channel = 0; channel < filter.bias.size(); ++channel) {
    const float value = step.values[channel];
    float &bias = filter.bias[channel];
    if (step.multiplies) {
      if (!scales_exactly(filter, channel, value, x) || !scale(filter, channel, value)) return false;
    } else if (!adds_exactly(bias, value)) {
      return false;
    } else if (value != 0.0f) {
      bias = value;
    }
  }
  return true;
}

bool fold_behind_rounded(FloatFilter &filter, const ChannelStep &step) {
  for (std::size_t channel = 0; channel < filter.bias.size(); ++channel) {
    const float value = step.values[channel];
    if (!(step.multiplies ? scale(filter, channel, value) : add(filter.bias[channel], value))) return false;
  }
  return true;
}

bool fold_before(FloatFilter &filter, const ChannelStep &step, const FloatValues &x) {
  if (!filter.knows_input_channels()) return false;
  // The clamp behind the step takes infinity to a number.
  if (!step.multiplies) {
    const auto zero = [](float value) { return value == 0.0f; };
    return x.most <= kLargest && std::all_of(step.values.begin(), step.values.end(), zero);
  }
  const auto exact = [&](float factor) { return is_exact_for_all(x, factor); };
  if (!std::all_of(step.values.begin(), step.values.end(), exact)) return false;
  // 2^k * w keeps its bits unless it is subnormal or overflows, and then does not fit.
  return scale_inputs(filter, step.values);
}

bool fold_before_rounded(FloatFilter &filter, const ChannelStep &step, bool padded) {
  if (!filter.knows_input_channels()) return false;
  if (step.multiplies) return scale_inputs(filter, step.values);
  if (padded) return false;
  for (std::size_t channel = 0; channel < filter.bias.size(); ++channel) {
    const std::span<const float> weights = filter.weights_of(channel);
    double sum = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i)
      sum += double{weights[i]} * double{step.values[filter.input_channel(channel, i)]};
    if (!add(filter.bias[channel], sum)) return false;
  }
  return true;
}

}  // namespace thimble
