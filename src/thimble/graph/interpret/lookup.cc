#include "thimble/graph/interpret/element_wise.h"

namespace thimble::interpreter {

void run(const Lookup &lookup, const OpRun &firing) {
  // Signed or not, a byte is a byte.
  convert_elements<std::uint8_t, std::uint8_t>(
      firing, [&](std::uint8_t x) { return lookup.table[static_cast<std::size_t>(x)]; });
}

}  // namespace thimble::interpreter
