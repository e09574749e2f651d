// Private to the layer: how far outputs are from others that need not be equal bit for bit.
#pragma once

#include <string>
#include <vector>

#include "thimble/graph/graph.h"
#include "thimble/report/figures.h"
#include "thimble/report/random_inputs.h"

namespace thimble::report {

/// Of inferences of `graph`; stored integers count by their scale. Two that are not a number are equal.
Deviation deviation(const Graph &graph, const std::vector<Inference> &expected,
                    const std::vector<Inference> &found);

/// "rounding: outputs are at most 2.4e-07 from the model file's, which go up to 1.52"
std::string deviation_text(const Deviation &deviation);

}  // namespace thimble::report
