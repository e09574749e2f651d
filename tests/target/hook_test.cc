// Counting by block must equal counting by instruction. Checked with a hook per instruction of our own, on
// cores without IT blocks (where the two differ by definition; there QEMU is the witness, see
// emulate_test.cc).
#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include "sample.h"

namespace thimble {
namespace {

void count(uc_engine *, std::uint64_t, std::uint32_t, void *counter) {
  ++*static_cast<std::uint64_t *>(counter);
}

/// Runs sample_run once, by a hook per instruction; the number of calls.
std::uint64_t instructions_by_hook(const test::Sample &sample, const std::vector<std::uint8_t> &input) {
  const EmulatorProfile &map = sample.profile.emulator;
  const bool arm = sample.profile.architecture == Architecture::arm_m;
  uc_engine *engine = nullptr;
  const auto mode = static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS);
  uc_open(arm ? UC_ARCH_ARM : UC_ARCH_RISCV, arm ? mode : UC_MODE_RISCV32, &engine);
  if (arm) uc_ctl_set_cpu_model(engine, UC_CPU_ARM_CORTEX_M0);
  uc_mem_map(engine, map.flash_base, map.flash_bytes, UC_PROT_ALL);
  uc_mem_map(engine, map.ram_base, map.ram_bytes, UC_PROT_ALL);
  for (const ElfSection &section : sample.firmware->elf.sections) {
    if (section.allocated && !section.bytes.empty()) {
      uc_mem_write(engine, section.address, section.bytes.data(), section.bytes.size());
    }
  }
  auto arena = static_cast<std::uint32_t>(sample.firmware->elf.symbol("sample_arena")->address);
  std::uint32_t stack = map.ram_base + map.ram_bytes - 4096;
  const std::uint32_t stop = map.flash_base + map.flash_bytes - 64, thumb = arm ? 1 : 0;
  std::uint32_t link = stop | thumb;
  uc_mem_write(engine, arena, input.data(), input.size());
  uc_reg_write(engine, arm ? +UC_ARM_REG_R0 : +UC_RISCV_REG_A0, &arena);
  uc_reg_write(engine, arm ? +UC_ARM_REG_SP : +UC_RISCV_REG_SP, &stack);
  uc_reg_write(engine, arm ? +UC_ARM_REG_LR : +UC_RISCV_REG_RA, &link);
  std::uint64_t counter = 0;
  uc_hook hook = 0;
  uc_hook_add(engine, &hook, UC_HOOK_CODE, reinterpret_cast<void *>(count), &counter, 1, 0);
  const uc_err code =
      uc_emu_start(engine, sample.firmware->elf.symbol("sample_run")->address | thumb, stop, 0, 0);
  EXPECT_EQ(code, UC_ERR_OK) << uc_strerror(code);
  uc_close(engine);
  return counter;
}

TEST(Counting, ByBlockEqualsByInstruction) {
  for (const char *device : {"cortex-m0plus", "rv32imc"}) {
    const test::Sample sample = test::build_sample(device, {"-DSAMPLE_MIXED"});
    for (unsigned seed = 0; seed < 3; ++seed) {
      const TensorBytes input = test::sample_input(seed);
      const auto run = sample.run({input});
      ASSERT_TRUE(run) << run.error().text();
      EXPECT_EQ(run->counts[0].instructions, instructions_by_hook(sample, input[0])) << device;
    }
  }
}

}  // namespace
}  // namespace thimble
