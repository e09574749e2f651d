// What AVERAGE_POOL_2D and MAX_POOL_2D share.
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

template <class Pool>
Result<void> emit_pool(const Pool &pool, OpEmission &emission, const std::string &kernel) {
  const Tensor &y = emission.output();
  Fields fields;
  fields.set("window", window_fields(emission.input(0), y, pool.filter, pool.stride, Step2D{}, pool.padding));
  std::string type = "thimble_pool_params";
  if (y.type == ElementType::float32) {
    type = "thimble_pool_f32_params";
    const FloatRange range = activation_range(pool.activation);
    fields.set("minimum", range.min).set("maximum", range.max);
  } else {
    const IntegerRange range = activation_range(pool.activation, y);
    fields.set("minimum", range.min).set("maximum", range.max);
  }
  const std::string parameters = emission.parameters(type, fields);
  emission.call("thimble_pool.h", kernel + "_" + suffix_of(y.type),
                {parameters, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
