// Graphs become TFLite files: what a pass has made can be trained, quantised or run elsewhere.
//
// The inverse of `read_tflite`: constant side inputs (axes, paddings, shapes) come back, and padding that is
// neither SAME nor VALID becomes a PAD in front of its operator:
//
//   CONV_2D 3x1, 2 rows of padding before the map  ->  PAD {0,0},{2,0},{0,0},{0,0}; CONV_2D 3x1, VALID
//
// which `fold_padding` folds again.
#pragma once

#include <cstdint>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/graph/graph.h"

namespace thimble {

/// The bytes of a file that computes what the graph does. Fails at operators and paddings that TensorFlow
/// Lite does not have, and for graphs with states.
Result<std::vector<std::uint8_t>> write_tflite(const Graph &graph);

}  // namespace thimble
