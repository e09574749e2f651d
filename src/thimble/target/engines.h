// The three ways to run firmware; emulate() checks its arguments and chooses.
#pragma once

#include "thimble/target/emulate.h"

namespace thimble {

/// The operators that marks name, by number, behind -1: what is counted apart.
std::vector<std::int32_t> marked_operators(const Firmware &firmware);
/// Index of a mark's operator there.
std::size_t slot_of(const std::vector<std::int32_t> &operators, std::int32_t op);

/// Adds the counts of one inference, which are given by operator, each without its sums of parts and its
/// waits. `cycles_per_flash_load` are those of the profile.
void add_inference(Emulation &emulation, const Firmware &firmware, std::uint64_t cycles_per_flash_load,
                   const std::vector<std::int32_t> &operators, std::vector<Counts> by_slot,
                   std::int64_t stack_bytes);

Result<Emulation> emulate_host(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences);
Result<Emulation> emulate_unicorn(const Profile &profile, const Firmware &firmware,
                                  const ArenaInterface &interface,
                                  const std::vector<TensorBytes> &inferences);
Result<Emulation> emulate_qemu(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences);

}  // namespace thimble
