#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const FullyConnected &, OpEmission &emission) {
  const Tensor &weights = emission.input(1);
  const Tensor &y = emission.output();
  const std::string ending = suffix_of(y.type);
  Fields fields;
  fields.set("rows", y.elements() / weights.shape[0]).set("depth", weights.shape[1]);
  fields.set("outputs", weights.shape[0]);
  set_filter_fields(emission, fields, true);
  const std::string parameters = emission.parameters("thimble_fully_connected_" + ending + "_params", fields);
  emission.call("thimble_fully_connected.h", "thimble_fully_connected_" + ending,
                {parameters, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
