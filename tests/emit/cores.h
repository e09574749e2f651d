// Emitted networks on emulated cores.
#pragma once

#include <string>
#include <vector>

#include "emit/emitted_batch.h"
#include "thimble/target/emulate.h"

namespace thimble::test {

/// One core of each kind for which kernels are written: with neither DSP nor vectors, with one, with both,
/// and not Arm's.
inline const std::vector<std::string> kKernelCores = {"cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imc"};

/// Runs every network of the batch on these devices: every output byte equals the interpreter's. Inputs and
/// outputs must be whole and in one memory.
inline void expect_equal_on(const std::vector<std::string> &devices, const EmittedBatch &batch) {
  for (std::size_t k = 0; k < batch.cases().size(); ++k) {
    const EmittedCase &emitted = batch.cases()[k];
    const auto ranges = [&](const std::vector<TensorId> &tensors) {
      std::vector<ArenaRange> all;
      for (TensorId id : tensors) {
        const Buffer *buffer = buffer_of(emitted.schedule, id, kNone);
        all.push_back({buffer->offset, emitted.graph->tensor(id).bytes()});
      }
      return all;
    };
    const ArenaInterface interface { ranges(emitted.graph->inputs), ranges(emitted.graph->outputs) };
    auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    write_program(emitted.program, folder->path());
    for (const std::string &device : devices) {
      const Profile profile = *load_profile(device);
      FirmwareRequest request;
      request.folder = folder->path();
      request.name = "net" + std::to_string(k);
      request.work_folder = folder->path() / device;
      const auto firmware = build_firmware(profile, request);
      ASSERT_TRUE(firmware) << firmware.error().text();
      const auto emulation = emulate(profile, *firmware, interface, emitted.inputs);
      ASSERT_TRUE(emulation) << emitted.label << ": " << emulation.error().text();
      EXPECT_EQ(emulation->outputs, emitted.expected) << emitted.label << " on " << device;
    }
  }
}

}  // namespace thimble::test
