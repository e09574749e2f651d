// Parameters and tables of SOFTMAX and LOGISTIC.
#include <algorithm>
#include <cmath>

#include "thimble/graph/fixed_point.h"
#include "thimble/graph/float_math.h"
#include "thimble/graph/parameters.h"

namespace thimble {
namespace {

double input_scale(const Graph &graph, const Op &op) {
  return double{graph.tensor(op.inputs[0]).quantization.scale()};
}

/// floor(largest * 2^fraction_bits / 2^shift): the largest magnitude that the left shift leaves within
/// `largest` in a format of that many fraction bits.
std::int32_t input_radius(std::int32_t largest, int fraction_bits, std::int32_t shift) {
  const double radius = std::floor(largest * std::ldexp(1.0, fraction_bits - shift));
  return radius < 2147483647.0 ? static_cast<std::int32_t>(radius) : std::numeric_limits<std::int32_t>::max();
}

std::int16_t clamp_to_int16(float value) {
  return static_cast<std::int16_t>(std::clamp(value, -32768.0f, 32767.0f));
}

/// TensorFlow Lite's table of `f` over [low, high]: each sample is moved by half the error that linear
/// interpolation makes in the middle of its step. In float32 throughout.
template <class Function>
std::array<std::int16_t, 513> interpolation_table(float low, float high, Function f) {
  std::array<std::int16_t, 513> table{};
  const float step = (high - low) / 512.0f;
  const float half = step / 2.0f;
  for (int i = 0; i < 512; ++i) {
    const float at = static_cast<float>(i);
    const float sample = std::round(f(low + at * step) * 32768.0f);
    const float middle = std::round(f(low + at * step + half) * 32768.0f);
    const float interpolated = std::round((f(low + (at + 1.0f) * step) * 32768.0f + sample) / 2.0f);
    table[static_cast<std::size_t>(i)] = clamp_to_int16(sample - std::round((interpolated - middle) / 2.0f));
  }
  table[512] = clamp_to_int16(std::round(f(high) * 32768.0f));
  return table;
}

}  // namespace

SoftmaxParameters softmax_parameters(const Graph &graph, const Op &op) {
  SoftmaxParameters parameters;
  const double real = double{op.as<Softmax>().beta} * input_scale(graph, op) * (1 << 26);
  parameters.input = quantize_multiplier(std::min(real, 2147483647.0));
  parameters.diff_min = -input_radius(31, 26, parameters.input.shift);
  parameters.output_bits = graph.tensor(op.output()).type == ElementType::int16 ? 16 : 8;
  return parameters;
}

QuantizedMultiplier softmax_int16_multiplier(const Graph &graph, const Op &op) {
  return quantize_multiplier(input_scale(graph, op) * double{op.as<Softmax>().beta} / (10.0 / 65535.0));
}

const SoftmaxTables &softmax_tables() {
  static const SoftmaxTables tables{
      interpolation_table(-10.0f, 0.0f, [](float x) { return exp_float(x); }),
      interpolation_table(0.0f, 1.0f, [](float x) { return 1.0f / (1.0f + x); })};
  return tables;
}

LogisticParameters logistic_parameters(const Graph &graph, const Op &op) {
  LogisticParameters parameters;
  parameters.input_zero_point = graph.tensor(op.inputs[0]).quantization.zero_point();
  parameters.input = quantize_multiplier(input_scale(graph, op) * (1 << 27));
  parameters.radius = input_radius(15, 27, parameters.input.shift);
  return parameters;
}

std::int8_t logistic_int8(std::int8_t x, const LogisticParameters &parameters) {
  const std::int32_t centred = x - parameters.input_zero_point;
  if (centred <= -parameters.radius) return -128;
  if (centred >= parameters.radius) return 127;
  const std::int32_t value =
      logistic_fixed_point(multiply_by_quantized_multiplier(centred, parameters.input));
  return static_cast<std::int8_t>(std::clamp(rounding_divide_by_power_of_two(value, 23) - 128, -128, 127));
}

bool near_power_of_two(float scale, int exponent) {
  const float logarithm = std::log(scale) * (1.0f / std::log(2.0f));
  return std::fabs(logarithm - static_cast<float>(exponent)) < 1e-3f;
}

LogisticInt16Parameters logistic_int16_parameters(const Graph &graph, const Op &op) {
  const double scale = input_scale(graph, op);
  if (near_power_of_two(graph.tensor(op.inputs[0]).quantization.scale(), -12)) return {3, 0};
  double multiplier = scale * 4096.0 * 3.0;
  std::int32_t shift = 0;
  while (multiplier <= 32767.0 / 2.0 && shift <= 30) {
    ++shift;
    multiplier *= 2.0;
  }
  return {static_cast<std::int32_t>(std::min(multiplier, 2147483647.0)), shift};
}

/// Linear interpolation in the table of the sigmoid, 9 bits of position between entries; odd symmetry around
/// 1/2.
std::int16_t logistic_int16(std::int16_t x, const LogisticInt16Parameters &parameters) {
  const std::array<std::uint16_t, 256> &table = sigmoid_table();
  const std::int32_t rounding = parameters.shift > 0 ? std::int32_t{1} << (parameters.shift - 1) : 0;
  const std::int32_t scaled =
      static_cast<std::int32_t>((std::int64_t{x} * parameters.multiplier + rounding) >> parameters.shift);
  const std::int32_t magnitude = scaled < 0 ? -scaled : scaled;
  const std::int32_t entry = magnitude >> 9;
  std::int32_t result = 0x7FFF << 10;
  if (entry < 255) {
    const std::size_t i = static_cast<std::size_t>(entry);
    result = (std::int32_t{table[i]} << 9) + (magnitude & 511) * (std::int32_t{table[i + 1]} - table[i]);
  }
  result = scaled >= 0 ? result + 512 : (1 << 25) - result + 511;
  return static_cast<std::int16_t>(result >> 10);
}

const std::array<std::uint16_t, 256> &sigmoid_table() {
  // 65536 / (1 + e^(-i/24)), with the reference's own rounding (up to 1.1 above), so not computed here.
  static constexpr std::array<std::uint16_t, 256> table{
      32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064,
      42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464,
      50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503,
      56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370,
      60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666,
      62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968,
      64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687,
      64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079,
      65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234, 65246, 65258, 65269, 65280, 65291,
      65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367, 65374, 65381, 65387, 65393, 65399, 65404,
      65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465,
      65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498,
      65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
      65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525, 65525,
      65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530, 65530,
      65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
      65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
      65535,
  };
  return table;
}

}  // namespace thimble
