// ADD and SUB of int8 data as one weighted sum.
#pragma once

#include <optional>

#include "thimble/graph/parameters.h"

namespace thimble::emitters {

/// result = clamp(floor((weights[0] * a + weights[1] * b + start) / 2^bits)), in int32.
struct WeightedSum {
  std::int32_t weights[2] = {0, 0};
  std::int32_t start = 0;
  int bits = 0;
};

/// A weighted sum with the results of ADD (SUB), rounded three times as they are, for each of the 65,536
/// pairs of inputs; none where none is found.
std::optional<WeightedSum> weighted_sum(const AddParameters &parameters, bool subtract);

}  // namespace thimble::emitters
