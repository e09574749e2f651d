#include "thimble/emit/ops/support.h"

namespace thimble::emitters {

Result<void> emit_op(const ResizeNearestNeighbor &resize, OpEmission &emission) {
  const Tensor &x = emission.input(0);
  const Tensor &y = emission.output();
  const auto sources = [&](std::size_t axis) {
    std::vector<std::int32_t> indices(static_cast<std::size_t>(y.shape[axis]));
    for (std::size_t o = 0; o < indices.size(); ++o) {
      indices[o] = nearest_source(resize, x.shape[axis], y.shape[axis], static_cast<std::int32_t>(o));
    }
    return indices;
  };
  Fields fields;
  fields.set("batches", x.shape[0]);
  fields.set("input_rows", x.shape[1]).set("input_columns", x.shape[2]);
  fields.set("output_rows", y.shape[1]).set("output_columns", y.shape[2]);
  fields.set("pixel_bytes", std::int64_t{x.shape[3]} * size_of(x.type));
  const std::vector<std::int32_t> rows = sources(1);
  const std::vector<std::int32_t> columns = sources(2);
  fields.set("row_of", emission.table<std::int32_t>("rows", rows, "input row of each output row"));
  fields.set("column_of",
             emission.table<std::int32_t>("columns", columns, "input column of each output column"));
  const std::string parameters = emission.parameters("thimble_resize_params", fields);
  emission.call("thimble_movement.h", "thimble_resize_nearest_neighbor",
                {parameters, emission.source(0), emission.destination()});
  return {};
}

}  // namespace thimble::emitters
