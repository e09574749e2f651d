#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"
#include "thimble/graph/parameters.h"

namespace thimble::interpreter {

void run(const ResizeNearestNeighbor &resize, const OpRun &firing) {
  const Shape &from_shape = firing.inputs[0].layout.shape;
  const Shape &to_shape = firing.output.layout.shape;
  for_each_run(firing.tile, [&](const Coordinates &at, std::int32_t length) {
    Coordinates from = at;
    from[1] = nearest_source(resize, from_shape[1], to_shape[1], at[1]);
    from[2] = nearest_source(resize, from_shape[2], to_shape[2], at[2]);
    move_run(firing.inputs[0], from, firing.output, at, length);
  });
}

}  // namespace thimble::interpreter
