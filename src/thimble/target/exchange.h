// The files by which a child process (host build, QEMU) receives inputs and hands back outputs; the other
// side is support/host_main.c and support/qemu_host.c, which describe the format.
#pragma once

#include <filesystem>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/target/emulate.h"

namespace thimble {

Result<void> write_inputs(const std::filesystem::path &path, const Firmware &firmware,
                          const ArenaInterface &interface, const std::vector<TensorBytes> &inferences);

/// The outputs of `count` inferences; fails when the file is not exactly as long as they are.
Result<std::vector<TensorBytes>> read_outputs(const std::filesystem::path &path,
                                              const ArenaInterface &interface, std::size_t count);

}  // namespace thimble
