// How often the bytes of each buffer are loaded and stored during one run: what decides which of several
// memories a buffer should lie in.
#pragma once

#include "thimble/schedule/firing.h"

namespace thimble {

/// Load and store instructions; one per element, whatever its size.
struct BufferAccesses {
  std::int64_t loads = 0, stores = 0;

  std::int64_t sum() const { return loads + stores; }
};

/// Per buffer, counted from the firings as the portable kernels work: a tap inside the map is a load, which
/// multiplications of 8 bits share between four output channels; partial sums are read and written again.
/// Cursors, scratch and the passes over lines that are needed as a whole are estimates. What the caller does
/// with inputs and outputs is not counted, but for rows that are handed in. A tensor that lies on the very
/// bytes of another one by definition (reshape) takes no access.
std::vector<BufferAccesses> measure_accesses(const Schedule &schedule);

/// Cycles per run that loads and stores wait for memories slower than the fastest: an estimate, for caches
/// and write buffers hide some.
std::int64_t stall_cycles(const Schedule &schedule, const std::vector<BufferAccesses> &accesses);

}  // namespace thimble
