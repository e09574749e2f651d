// Inputs for verification that anyone can make again.
#pragma once

#include "thimble/graph/graph.h"
#include "thimble/graph/interpret.h"

namespace thimble::report {

/// One inference: the bytes of each network input, in file order.
using Inference = std::vector<Bytes>;

/// `count` inferences for the network inputs of `graph`, from the linear congruential generator
/// s = s * 1664525 + 1013904223 (mod 2^32), advanced before each value, one stream over all inferences and
/// tensors. 8-bit and 16-bit integers: each byte is s >> 24. float32: (s >> 8) / 2^23 - 1, in [-1, 1). int32,
/// int64: (s >> 24) & 7. bool: (s >> 24) & 1. These are the inputs of the reference outputs that TensorFlow
/// Lite Micro gave (see tests/models).
std::vector<Inference> random_inputs(const Graph &graph, int count, std::uint32_t seed);

constexpr std::uint32_t kDefaultSeed = 12345;

}  // namespace thimble::report
