// Estimated cycles of straight-line code, from published instruction timings.
//
// Cortex-M4 (also used for M3, M7, M33), after the instruction set summary of Arm's "Cortex-M4 Technical
// Reference Manual", zero wait states:
//   single load 2, but 1 right after another single load or store (they pipeline); store 1 (write buffer);
//   LDRD, STRD 3; LDM, STM, PUSH, POP, VLDM, VSTM 1 + registers, + 2 when PC is loaded;
//   taken branch 3, not taken 1; MLA, MLS 2; UDIV, SDIV 7 (2 to 12 by operands);
//   VLDR 2; VMLA, VFMA 3; VDIV, VSQRT 14; everything else 1, SIMD multiply-accumulates included.
// Cortex-M0+, after the table "Cortex-M0+ instruction summary" of its manual, with the single-cycle
// multiplier:
//   load or store 2; LDM, STM, PUSH, POP 1 + registers, + 2 when PC is loaded; B, BX, BLX 2; BL 3;
//   conditional branch 2 when taken, 1 otherwise; everything else 1.
// No caches, no bus contention, no dual issue: an estimate, the same for every program.
//
//   ldr r0, [r1]      2
//   ldr r2, [r3]      1    pipelined
//   mla r4, r0, r2    2
//   bne loop          1    + 2 when the next block is not the fall-through
#pragma once

#include <cstddef>
#include <cstdint>

#include "thimble/base/result.h"
#include "thimble/device/profile.h"

namespace thimble {

/// A block of instructions that run one after another.
struct BlockCost {
  std::uint32_t bytes = 0;
  std::uint32_t instructions = 0;
  std::uint32_t cycles = 0;        ///< with a final conditional branch not taken
  std::uint32_t fall_through = 0;  ///< address after a final conditional branch; 0 when there is none
};

/// Cost of the block of `size` bytes at `code`, which runs at `address`, by the profile's model. Fails only
/// when the disassembler cannot be opened.
Result<BlockCost> block_cost(const Profile &profile, const std::uint8_t *code, std::size_t size,
                             std::uint32_t address);

/// Added when a block's final conditional branch is taken.
std::uint32_t taken_branch_cycles(CycleModel model);

}  // namespace thimble
