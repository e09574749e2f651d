// Where operators begin in an image: programs built with -DNAME_MARKS tell it, in a section that is not
// loaded.
#pragma once

#include <cstdint>
#include <vector>

#include "thimble/target/elf.h"

namespace thimble {

struct Mark {
  std::uint32_t address = 0;
  std::int32_t op = 0;
};

/// By address, one at each; none where the program was built without. Each has the operator's number that
/// stood last in the source: what came before it at the same address executes nothing.
std::vector<Mark> read_marks(const Elf &elf);

}  // namespace thimble
