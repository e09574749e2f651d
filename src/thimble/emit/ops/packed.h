// Kernels that multiply pairs, from packed weights (runtime/thimble_pairs.h).
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

/// The part of a kernel's name that tells how it goes about: "octets", "singles", "quads", "taps", "spread",
/// "strips".
std::string packed_name(const OpEmission &emission);

/// kind, limits, wide, group_words and stream: the fields that dense layers and convolutions have in common.
/// Asks for the kernel's inner loops.
void set_packed_fields(OpEmission &emission, Fields &fields);

/// outside: `count` zero points.
void set_outside(OpEmission &emission, Fields &fields, std::int32_t count);

}  // namespace thimble::emitters
