#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

void run(const Reshape &, const OpRun &firing) {
  const View &x = firing.inputs[0];
  const Shape &shape = firing.output.layout.shape;
  for_each_run(firing.tile, [&](const Coordinates &at, std::int32_t length) {
    std::int64_t index = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) index = index * shape[a] + at[a];
    Coordinates to = at;
    for_each_flat_run(x.layout.shape, index, length, [&](const Coordinates &from, std::int32_t part) {
      move_run(x, from, firing.output, to, part);
      if (!shape.empty()) to[shape.size() - 1] += part;
    });
  });
}

}  // namespace thimble::interpreter
