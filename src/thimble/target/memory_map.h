// Which addresses belong to a program, and what to say about an access to any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thimble/device/profile.h"
#include "thimble/target/emulate.h"

namespace thimble {

struct MemoryRange {
  MemoryPart part;
  std::uint32_t begin = 0, end = 0;  ///< [begin, end)
  bool writable = false;
  std::size_t arena = 0;  ///< number of the arena; 0 for other parts
};

/// The ranges of an image linked by support/firmware.ld.in, one per part and arena, empty ones included; most
/// often accessed first.
std::vector<MemoryRange> memory_map(const Elf &elf);

/// The range of one part, of the first arena.
const MemoryRange &range_of(const std::vector<MemoryRange> &map, MemoryPart part);

enum class ViolationKind {
  read,         ///< outside the program's memory
  write,        ///< likewise, or to read-only memory
  access,       ///< faulted; whether it read or wrote is not known
  unaligned,    ///< on a core that has no unaligned accesses
  jump,         ///< execution left the code
  instruction,  ///< invalid, a trap or another exception
  limit         ///< too many instructions
};

struct Violation {
  ViolationKind kind;
  std::uint32_t address = 0;      ///< accessed or jumped to
  std::uint32_t size = 0;         ///< of the access
  std::uint32_t instruction = 0;  ///< address of the offending one, or of one close to it
};

/// One line for a violation in inference number `inference`.
tl::unexpected<Error> violation_failure(const Profile &profile, const Firmware &firmware,
                                        std::size_t inference, const Violation &violation);

}  // namespace thimble
