// The three ways to run firmware; emulate() checks its arguments and chooses.
#pragma once

#include "thimble/target/emulate.h"

namespace thimble {

/// Cycles that an inference waits for arenas in slow memories.
std::uint64_t arena_waits(const Firmware &firmware, const Counts &counts);

Result<Emulation> emulate_host(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences);
Result<Emulation> emulate_unicorn(const Profile &profile, const Firmware &firmware,
                                  const ArenaInterface &interface,
                                  const std::vector<TensorBytes> &inferences);
Result<Emulation> emulate_qemu(const Profile &profile, const Firmware &firmware,
                               const ArenaInterface &interface, const std::vector<TensorBytes> &inferences);

}  // namespace thimble
