#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, ResizeNearestNeighbor &resize) {
  const schema::ResizeNearestNeighborOptions *options = nullptr;
  std::vector<std::int64_t> size;
  if (!source.options(options) || !source.input_count(2, 2) || !source.rank(0, 4) ||
      !source.constant_integers(1, "new rows and columns", 2, size)) {
    return false;
  }
  const Shape &shape = source.output().shape;
  if (size.size() != 2 || shape.size() != 4 || shape[1] != size[0] || shape[2] != size[1]) {
    return source.refuse_damaged("the size of its output is not the one that its second input asks for",
                                 source.inputs[1]);
  }
  resize.align_corners = options != nullptr && options->align_corners();
  resize.half_pixel_centers = options != nullptr && options->half_pixel_centers();
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
