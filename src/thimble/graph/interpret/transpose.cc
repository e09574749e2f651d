#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

void run(const Transpose &transpose, const OpRun &firing) {
  const std::vector<std::int32_t> &permutation = transpose.permutation;
  const std::size_t rank = permutation.size();
  const bool last_stays = rank > 0 && permutation[rank - 1] == static_cast<std::int32_t>(rank - 1);
  for_each_run(firing.tile, [&](const Coordinates &at, std::int32_t length) {
    Coordinates from{};
    for (std::size_t a = 0; a < rank; ++a) from[static_cast<std::size_t>(permutation[a])] = at[a];
    const std::int32_t part = last_stays ? length : 1;
    Coordinates to = at;
    for (std::int32_t done = 0; done < length; done += part) {
      move_run(firing.inputs[0], from, firing.output, to, part);
      if (rank == 0) break;
      to[rank - 1] += part;
      from[static_cast<std::size_t>(permutation[rank - 1])] += part;
    }
  });
}

}  // namespace thimble::interpreter
