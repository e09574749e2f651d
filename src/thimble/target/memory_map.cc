#include "thimble/target/memory_map.h"

#include <algorithm>

namespace thimble {
namespace {

constexpr std::uint32_t kNear = 4096;  ///< the gap between two parts (support/firmware.ld.in)
constexpr std::uint32_t kDeepStack =
    1u << 20;  ///< an access this far below the stack still counts as its overflow

/// " (4 bytes past its arena)" when a part ends shortly before, or starts shortly after, the address.
std::string neighbour(const std::vector<MemoryRange> &map, std::uint32_t address) {
  for (const MemoryRange &range : map) {
    if (range.begin == range.end) continue;
    const std::string name(memory_part_name(range.part));
    if (address >= range.end && address - range.end < kNear) {
      return " (" + std::to_string(address - range.end) + " bytes past the end of its " + name + ")";
    }
    if (address < range.begin && range.begin - address < kNear) {
      return " (" + std::to_string(range.begin - address) + " bytes before its " + name + ")";
    }
  }
  return "";
}

std::string access_text(const Profile &profile, const std::vector<MemoryRange> &map,
                        const Violation &violation) {
  const char *verb = violation.kind == ViolationKind::write  ? "wrote "
                     : violation.kind == ViolationKind::read ? "read "
                                                             : "accessed ";
  const std::string what = verb + hex_address(violation.address);
  const MemoryRange &stack = range_of(map, MemoryPart::stack);
  if (violation.address < stack.begin && stack.begin - violation.address <= kDeepStack) {
    return "stack overflow: " + what + ", below its stack of " +
           std::to_string(profile.emulator.stack_bytes) + " bytes";
  }
  for (const MemoryRange &range : map) {
    if (violation.address >= range.begin && violation.address < range.end && !range.writable) {
      return what + ", which is read-only (" + std::string(memory_part_name(range.part)) + ")";
    }
  }
  return what + " outside its memory" + neighbour(map, violation.address);
}

}  // namespace

std::string_view memory_part_name(MemoryPart part) {
  constexpr std::string_view kNames[kMemoryParts] = {"code", "constants", "weights",
                                                     "data", "arena",     "stack"};
  return kNames[static_cast<std::size_t>(part)];
}

std::vector<MemoryRange> memory_map(const Elf &elf) {
  std::vector<MemoryRange> map;
  auto add = [&](MemoryPart part, const char *name, bool writable) {
    MemoryRange range{part, 0, 0, writable};
    if (const ElfSection *section = elf.section(name)) {
      range.begin = static_cast<std::uint32_t>(section->address);
      range.end = static_cast<std::uint32_t>(section->address + section->size);
    }
    map.push_back(range);
  };
  add(MemoryPart::arena, ".arena", true);
  for (std::size_t i = 1; i < kMostArrays; ++i) {
    const std::string name = ".arena_" + std::to_string(i);
    if (elf.section(name) == nullptr) break;
    add(MemoryPart::arena, name.c_str(), true);
    map.back().arena = i;
  }
  add(MemoryPart::stack, ".stack", true);
  add(MemoryPart::weights, ".weights", false);
  add(MemoryPart::constants, ".rodata", false);
  add(MemoryPart::code, ".text", false);
  add(MemoryPart::data, ".data", true);
  add(MemoryPart::data, ".bss", true);
  return map;
}

const MemoryRange &range_of(const std::vector<MemoryRange> &map, MemoryPart part) {
  return *std::find_if(map.begin(), map.end(), [&](const MemoryRange &range) { return range.part == part; });
}

tl::unexpected<Error> violation_failure(const Profile &profile, const Firmware &firmware,
                                        std::size_t inference, const Violation &violation) {
  const std::vector<MemoryRange> map = memory_map(firmware.elf);
  const std::string place = firmware.elf.place_of(violation.instruction);
  std::string reason;
  switch (violation.kind) {
    case ViolationKind::read:
    case ViolationKind::write:
    case ViolationKind::access:
      reason = access_text(profile, map, violation) + " in function " + place;
      break;
    case ViolationKind::unaligned:
      reason = "unaligned access of " + std::to_string(violation.size) + " bytes at " +
               hex_address(violation.address) + " in function " + place;
      break;
    case ViolationKind::jump:
      reason = "jumped to " + hex_address(violation.address) + " outside its code from function " + place;
      break;
    case ViolationKind::instruction:
      reason = "invalid instruction or fault in function " + place;
      break;
    case ViolationKind::limit:
      reason = "did not return within " + std::to_string(profile.emulator.instruction_limit) +
               " instructions; last seen in function " + place;
      break;
  }
  return failure(profile.name + ": inference " + std::to_string(inference) + ": " + reason);
}

}  // namespace thimble
