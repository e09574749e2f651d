#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

void run(const StridedSlice &slice, const OpRun &firing) {
  const std::size_t rank = slice.begin.size();
  const bool last_runs = rank > 0 && !slice.shrink[rank - 1] && slice.stride[rank - 1] == 1;
  for_each_run(firing.tile, [&](const Coordinates &at, std::int32_t length) {
    const std::int32_t part = last_runs ? length : 1;
    Coordinates to = at;
    for (std::int32_t done = 0; done < length; done += part) {
      Coordinates from{};
      std::size_t output_axis = 0;
      for (std::size_t a = 0; a < rank; ++a) {
        from[a] = slice.begin[a] + (slice.shrink[a] ? 0 : to[output_axis++] * slice.stride[a]);
      }
      move_run(firing.inputs[0], from, firing.output, to, part);
      if (output_axis > 0) to[output_axis - 1] += part;
    }
  });
}

}  // namespace thimble::interpreter
