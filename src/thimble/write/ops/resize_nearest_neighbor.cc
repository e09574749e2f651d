#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const ResizeNearestNeighbor &resize) {
  schema::ResizeNearestNeighborOptionsT table;
  table.align_corners = resize.align_corners;
  table.half_pixel_centers = resize.half_pixel_centers;
  const Shape &shape = target.output().shape;
  target.add_integers("size", {shape[1], shape[2]});
  const ElementType type = target.input(0).type;
  const bool placed = resize.align_corners || resize.half_pixel_centers;
  target.version = type == ElementType::int16 ? 4 : placed ? 3 : type == ElementType::int8 ? 2 : 1;
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
