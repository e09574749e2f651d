// Two conversions in a row.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// QUANTIZE or DEQUANTIZE of the result of another one is replaced where its bytes are a function of the
/// first one's input that is simpler, which is found out by converting every value of that input's type:
///
///   q int8 -> DEQUANTIZE -> QUANTIZE -> q' int8, equal for all 256 values   ->  RESHAPE(q)
///   q int8 -> DEQUANTIZE -> QUANTIZE -> r int8, equal to one QUANTIZE       ->  QUANTIZE(q)
///
/// Rounding twice is seldom rounding once, so that pairs that only look alike stay. The first conversion
/// stays where others read it; then only the first form applies.
Result<Graph> merge_conversions(Graph graph);

}  // namespace thimble
