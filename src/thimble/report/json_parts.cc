#include "thimble/report/json_parts.h"

#include "thimble/base/version.h"

namespace thimble::report {

namespace {

Json quantization_json(const Quantization &quantization) {
  if (!quantization.present()) return nullptr;
  return {{"scales", quantization.scales},
          {"zero_points", quantization.zero_points},
          {"axis", quantization.axis}};
}

}  // namespace

std::string json_text(const Json &json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json json_head(const char *verb, const Graph &graph) {
  return {{"schema", 1},
          {"thimble", version()},
          {"verb", verb},
          {"model", {{"file", graph.file}, {"sha256", graph.sha256}}},
          {"numerics", name_of(graph.numerics)}};
}

Json tensor_json(const Tensor &tensor) {
  return {{"name", tensor.name},
          {"type", name_of(tensor.type)},
          {"shape", tensor.shape},
          {"bytes", tensor.bytes()},
          {"quantization", quantization_json(tensor.quantization)}};
}

Json tensors_json(const Graph &graph, const std::vector<TensorId> &tensors) {
  Json list = Json::array();
  for (TensorId id : tensors) list.push_back(tensor_json(graph.tensor(id)));
  return list;
}

}  // namespace thimble::report
