// The numbers that an operator's integer arithmetic is made of: offsets, multipliers, shifts, ranges. Derived
// in one place for the interpreter, which computes with them, and the emitter, which prints them. Formulas
// and their sources: docs/numerics.md. All functions expect a verified operator (or one that is being
// verified: they are defined for every positive finite scale).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "thimble/graph/arithmetic.h"
#include "thimble/graph/graph.h"

namespace thimble {

struct IntegerRange {
  std::int32_t min = 0, max = 0;
  bool operator==(const IntegerRange &) const = default;
};
struct FloatRange {
  float min = 0.0f, max = 0.0f;
};

/// Values of an 8- or 16-bit type (int32: all).
IntegerRange range_of(ElementType type);
/// Stored values to which `activation` clamps an integer output.
IntegerRange activation_range(Activation activation, const Tensor &output);
FloatRange activation_range(Activation activation);

/// CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED, SVDF and SVDF_STATE on integers:
/// y = clamp(rescale(sum of (x + input_offset) * w, plus bias) + output_offset).
struct FilterParameters {
  std::int32_t input_offset = 0, output_offset = 0;
  IntegerRange activation;
  /// One entry, or one per output channel.
  std::vector<std::int32_t> multipliers, shifts;
  /// 16-bit data: the sum is 64 bits wide and rescaled by the 64-bit form; else 32 bits (which may wrap).
  bool wide = false;

  QuantizedMultiplier multiplier(std::int32_t channel) const {
    const std::size_t index = multipliers.size() == 1 ? 0 : static_cast<std::size_t>(channel);
    return {multipliers[index], shifts[index]};
  }
};
FilterParameters filter_parameters(const Graph &graph, const Op &op);
Activation activation_of(const Op &op);
/// Of a filter; kNone where it has none.
TensorId bias_of(const Op &op);

/// ADD and SUB on integers: both inputs are brought to a common scale.
struct AddParameters {
  std::int32_t left_shift = 0;
  std::array<std::int32_t, 2> input_offsets{};
  std::array<QuantizedMultiplier, 2> inputs;
  QuantizedMultiplier output;
  std::int32_t output_offset = 0;
  IntegerRange activation;
};
AddParameters add_parameters(const Graph &graph, const Op &op);

struct MulParameters {
  std::array<std::int32_t, 2> input_offsets{};
  QuantizedMultiplier output;
  std::int32_t output_offset = 0;
  IntegerRange activation;
};
MulParameters mul_parameters(const Graph &graph, const Op &op);

/// MEAN on integers: y = clamp(rescale(sum + input_sum_offset) + output_offset), the division by the number
/// of elements being part of the multiplier.
struct MeanParameters {
  std::int64_t count = 1;             ///< elements averaged into one
  std::int32_t input_sum_offset = 0;  ///< -count * zero point (wraps like the sum)
  QuantizedMultiplier output;
  std::int32_t output_offset = 0;
};
/// Elements averaged into one.
std::int64_t mean_count(const Graph &graph, const Op &op);
MeanParameters mean_parameters(const Graph &graph, const Op &op);

/// SOFTMAX from int8 by fixed-point exp.
struct SoftmaxParameters {
  QuantizedMultiplier input;     ///< takes x - max to Q5.26
  std::int32_t diff_min = 0;     ///< below it an element counts as zero
  std::int32_t output_bits = 8;  ///< 8 or 16
};
SoftmaxParameters softmax_parameters(const Graph &graph, const Op &op);

/// SOFTMAX from int16 by tables of 513 entries.
struct SoftmaxTables {
  std::array<std::int16_t, 513> exp{};         ///< e^x over [-10, 0]
  std::array<std::int16_t, 513> reciprocal{};  ///< 1/(1+x) over [0, 1]
};
QuantizedMultiplier softmax_int16_multiplier(const Graph &graph, const Op &op);
const SoftmaxTables &softmax_tables();

/// LOGISTIC on int8: |x - zero point| >= radius saturates.
struct LogisticParameters {
  std::int32_t input_zero_point = 0;
  std::int32_t radius = 0;
  QuantizedMultiplier input;  ///< to Q4.27
};
LogisticParameters logistic_parameters(const Graph &graph, const Op &op);
/// One output for one stored input.
std::int8_t logistic_int8(std::int8_t x, const LogisticParameters &parameters);

/// LOGISTIC on int16: a table of 256 values of the sigmoid, interpolated.
struct LogisticInt16Parameters {
  std::int32_t multiplier = 0;  ///< 1 .. 32767
  std::int32_t shift = 0;       ///< to the right
};
/// Whether a scale counts as 2^exponent: the reference lets the logarithm be 0.001 off.
bool near_power_of_two(float scale, int exponent);
LogisticInt16Parameters logistic_int16_parameters(const Graph &graph, const Op &op);
std::int16_t logistic_int16(std::int16_t x, const LogisticInt16Parameters &parameters);
const std::array<std::uint16_t, 256> &sigmoid_table();

/// LEAKY_RELU on integers: y = clamp(rescale(x - input_zero_point) + output_zero_point), by another
/// multiplier on each side of zero.
struct LeakyReluParameters {
  std::int32_t input_zero_point = 0, output_zero_point = 0;
  QuantizedMultiplier positive, negative;
  IntegerRange range;
};
LeakyReluParameters leaky_relu_parameters(const Graph &graph, const Op &op);

/// QUANTIZE between integer types.
struct RequantizeParameters {
  std::int32_t input_zero_point = 0, output_zero_point = 0;
  QuantizedMultiplier multiplier;
  IntegerRange range;
};
RequantizeParameters requantize_parameters(const Graph &graph, const Op &op);

/// Source row (or column) of output index `o` of RESIZE_NEAREST_NEIGHBOR, in float32 arithmetic.
std::int32_t nearest_source(const ResizeNearestNeighbor &attributes, std::int32_t input_length,
                            std::int32_t output_length, std::int32_t o);

}  // namespace thimble
