// Private to the layer: what is known about the values of float tensors, for passes that change float
// arithmetic and must prove that no bit of a result changes.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "thimble/graph/graph.h"

namespace thimble {

/// All floats are multiples of 2^-149, the least subnormal number.
constexpr int kLeastQuantum = -149;

/// Every value is a multiple of 2^quantum and at most `most` in magnitude, or not a number. Multiples of one
/// power of two keep away from zero: those other than 0 are at least as large as it.
///
///   RELU6 of anything                2^-149, 6
///   int8 times a scale of 3 * 2^-8   2^-8, 3
///   those times weights of k/16      2^-12: sums of products are multiples of the product of both
struct FloatValues {
  int quantum = kLeastQuantum;
  double most = std::numeric_limits<double>::infinity();
  bool minus_zero = true;  ///< -0 is possible
};

/// Of a constant; 0 is a multiple of every power of two.
FloatValues values_of(std::span<const float> constants);

/// Per tensor. Network inputs can be anything, infinity and not-a-number included; so can results of kinds
/// that it does not know.
std::vector<FloatValues> float_values(const Graph &graph);

/// A bound for the magnitude of every partial sum of products of values up to `most` with `weights`, and a
/// bias: what rounding adds is at most as much again for up to 2^20 terms. Infinity for more.
double sum_bound(double most, std::span<const float> weights, float bias);

/// The elements of a constant of floats.
std::vector<float> floats_of(const Tensor &tensor);

}  // namespace thimble
