// Private to the layer: what JSON reports are made of.
#pragma once

#include <nlohmann/json.hpp>

#include "thimble/graph/graph.h"

namespace thimble::report {

using Json = nlohmann::ordered_json;

/// The report as a text. Names in model files are any bytes; those that are not UTF-8 are replaced.
std::string json_text(const Json &json);
/// The keys with which every report begins.
Json json_head(const char *verb, const Graph &graph);
Json tensor_json(const Tensor &tensor);
Json tensors_json(const Graph &graph, const std::vector<TensorId> &tensors);

}  // namespace thimble::report
