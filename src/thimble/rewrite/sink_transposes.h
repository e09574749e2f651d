// TRANSPOSE as a map of indices: exporters from channels-first frameworks wrap operators in pairs of
// transposes and average over axes of a transposed map. Moved down past operators that do not care about the
// order of axes, transposes meet their counterparts and cancel, or arrive where the tensors are small.
#pragma once

#include "thimble/graph/graph.h"

namespace thimble {

/// With T_p for TRANSPOSE by the permutation p, and only where the result is the same to the bit:
///
///   T_q(T_p(x))                  -> T_pq(x)
///   T_p(x), order kept           -> RESHAPE(x)            only axes of length 1 move: [1,1,49,10] ->
///   [1,49,1,10] MEAN(T_p(x), axes)           -> T_q(MEAN(x, p(axes)))  q: p on the axes that are left
///   RESHAPE(T_p(x))              -> T_q(RESHAPE(x))        where it adds or drops axes of length 1
///   f(T_p(x)), f(T_p(x), T_p(y)) -> T_p(f(x)), T_p(f(x, y)) f element-wise, constants transposed back
///
/// The tail of an exported MobileNet thus needs no transposed copy (two means stay two: each rounds):
///
///   x [1,3,3,160] -> TRANSPOSE [1,160,3,3] -> MEAN {3} [1,160,3] -> MEAN {2} [1,160]
///   x [1,3,3,160] -> MEAN {2} [1,3,160] -> TRANSPOSE [1,160,3]   -> MEAN {2} [1,160]
///   x [1,3,3,160] -> MEAN {2} [1,3,160] -> MEAN {1} [1,160]
///
/// A float mean keeps the order in which it sums, so it takes a transpose only when the averaged axes stay in
/// their order. Transposes that others read too stay where they are: x would have to live longer.
Result<Graph> sink_transposes(Graph graph);

}  // namespace thimble
