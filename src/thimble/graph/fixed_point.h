// Transcendental functions in fixed point, as gemmlowp defines them (polynomial for exp on a quarter, a table
// of exp at powers of two, Newton's iteration for the reciprocal). Q formats: Q5.26 has 5 integer and 26
// fraction bits.
#pragma once

#include "thimble/graph/arithmetic.h"

namespace thimble {

/// e^(a / 2^(31 - integer_bits)) in Q0.31, for a <= 0 and integer_bits 4 or 5.
std::int32_t exp_on_negative_values(std::int32_t a, int integer_bits);

/// 1 / (1 + a / 2^31) in Q0.31, for a >= 0.
std::int32_t one_over_one_plus_x(std::int32_t a);

/// 1 / (1 + e^-x) in Q0.31, for x in Q4.27.
std::int32_t logistic_fixed_point(std::int32_t x);

}  // namespace thimble
