// Private to the layer: what reports for people are made of.
#pragma once

#include <string>

#include "thimble/graph/graph.h"

namespace thimble::report {

/// "12,544 B"
std::string bytes_text(std::int64_t bytes);
/// "model.tflite: int8 [1,640] -> int8 [1,640], 10 operators, 264,192 MACs, arithmetic tflm"
std::string headline(const Graph &graph, std::int64_t macs);

}  // namespace thimble::report
