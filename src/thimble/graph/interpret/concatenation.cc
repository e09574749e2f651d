#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

void run(const Concatenation &concatenation, const OpRun &firing) {
  const int axis = concatenation.axis;
  std::int32_t start = 0;
  for (const View &x : firing.inputs) {
    const std::int32_t length = x.layout.shape[static_cast<std::size_t>(axis)];
    Region part = firing.tile;
    part.axis[axis] = intersect(part.axis[axis], {start, start + length});
    for_each_run(part, [&](const Coordinates &at, std::int32_t count) {
      Coordinates from = at;
      from[static_cast<std::size_t>(axis)] -= start;
      move_run(x, from, firing.output, at, count);
    });
    start += length;
  }
}

}  // namespace thimble::interpreter
