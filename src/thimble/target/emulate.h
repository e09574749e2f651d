// Running firmware and counting, exactly, what each inference does.
//
// Counts span from the first instruction of NAME_run to its return. They follow from the image and the inputs
// alone: every run gives the same numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/device/profile.h"
#include "thimble/target/firmware.h"

namespace thimble {

/// Parts of the device's memory, by what lies there.
enum class MemoryPart { code, constants, weights, data, arena, stack };
constexpr std::size_t kMemoryParts = 6;
/// "code", "constants", "weights", "data", "arena", "stack".
std::string_view memory_part_name(MemoryPart part);

struct AccessCounts {
  std::uint64_t loads = 0, stores = 0;
  bool operator==(const AccessCounts &) const = default;
};

/// What one inference did.
struct Counts {
  std::uint64_t instructions = 0;  ///< issued; one skipped by its IT block counts, as it takes its cycle
  /// Memory accesses, not instructions: an LDM of four registers is 4, an LDRD 2, a 64-bit VLDR 1; a Helium
  /// vector access is one per element.
  std::uint64_t loads = 0;
  std::uint64_t stores = 0;
  std::uint64_t cycles_estimate = 0;  ///< by the profile's cycle model, with the waits of the arenas
  std::int64_t stack_bytes = 0;       ///< lowest accessed address below the stack pointer at entry
  std::array<AccessCounts, kMemoryParts> parts{};  ///< indexed by MemoryPart; they sum to loads and stores
  std::array<AccessCounts, kMostArrays> arenas{};  ///< by arena; they sum to the arena's part

  bool operator==(const Counts &) const = default;
};

/// What one inference did from marks of an operator up to the next mark: the firing's kernel, and the loops
/// and cursors that lead to whichever mark comes next.
struct OperatorCounts {
  std::int32_t op = 0;  ///< its number in the graph; -1: what comes before the first mark
  Counts counts;        ///< without the stack

  bool operator==(const OperatorCounts &) const = default;
};

struct ArenaRange {
  std::int64_t offset = 0, bytes = 0;
  std::size_t arena = 0;  ///< index into Firmware::arenas
};

/// Where the tensors that the caller sees lie in the arenas, in file order.
struct ArenaInterface {
  std::vector<ArenaRange> inputs, outputs;
};

/// The bytes of each input, or of each output, of one inference.
using TensorBytes = std::vector<std::vector<std::uint8_t>>;

struct Emulation {
  std::vector<TensorBytes> outputs;  ///< of each inference
  std::vector<Counts> counts;        ///< of each inference; empty on the host
  /// Of each inference, by number; their sum is `counts`. Empty where the firmware has no marks.
  std::vector<std::vector<OperatorCounts>> operators;
  std::optional<Counts> maximum() const;  ///< each figure's maximum over the inferences; absent on the host
};

/// Runs `inferences` one after another on one device whose memory persists between them: copies the inputs
/// into the arena, calls NAME_run, reads the outputs. Before the first, arena and stack hold 0xA5 in every
/// byte, so that a program that relies on zeroed memory gives different bytes.
///
/// Errors: an access outside the program's own sections, stack and arena, a write to constants, a stack
/// overflow, an unaligned access where the core has none, an invalid instruction, an endless loop, a return
/// value other than 0; each one line with the inference, the address and the function: "cortex-m4: inference
/// 0: wrote 0x20004000 outside its memory in function conv_2d_s8 (+0x1c)". On the host, what the sanitizers
/// find.
Result<Emulation> emulate(const Profile &profile, const Firmware &firmware, const ArenaInterface &interface,
                          const std::vector<TensorBytes> &inferences);

}  // namespace thimble
