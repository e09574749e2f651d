// What AVERAGE_POOL_2D and MAX_POOL_2D share.
#pragma once

#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

template <class Pool>
Result<void> emit_pool(const Pool &pool, OpEmission &emission, const std::string &kernel) {
  if (Result<void> ok = fit_tiles(emission, 1); !ok) return ok;
  const Tensor &y = emission.output();
  Fields fields;
  fields.set("window", window_fields(emission.input(0), y, pool.filter, pool.stride, Step2D{}, pool.padding));
  fields.set("input", map_fields(emission.source_layout(0)));
  fields.set("output", map_fields(emission.destination_layout()));
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
  const std::string folded = columns_fold(emission.source_layout(0)) ? "_folded_" : "_";
  emission.call("thimble_pool.h", kernel + folded + suffix_of(y.type),
                {parameters, emission.tile(), emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
