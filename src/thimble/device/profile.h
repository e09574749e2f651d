// Device profiles: what Thimble knows about a core and a typical board around it, as data. A profile is a
// TOML file; the built-in ones (devices/*.toml) travel inside the executable.
//
// Every key is required unless said otherwise, and a key that nobody reads is an error: a profile with a
// spelling mistake must not silently mean something else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

enum class Architecture {
  host,    ///< the machine that runs Thimble
  arm_m,   ///< Armv6-M to Armv8.1-M
  riscv32  ///< RV32 with or without compressed instructions
};

/// How `cycles_estimate` is made of the executed instructions. Always an estimate, never a measurement.
enum class CycleModel {
  instructions,   ///< one cycle per instruction
  cortex_m0plus,  ///< Arm's Cortex-M0+ Technical Reference Manual, table of instruction timings
  cortex_m4       ///< Arm's Cortex-M4 Technical Reference Manual, likewise
};

/// Which kernels an operator can be computed with.
enum class KernelSet {
  portable,  ///< those that any C99 compiler makes the best of
  pairs,     ///< those for the DSP extension of Armv7E-M and Armv8-M, too (runtime/thimble_pairs.h)
  helium  ///< those for the vectors of Armv8.1-M (runtime/thimble_mve.h), in the place of the portable ones
};

const char *name_of(KernelSet kernels);

/// What runs the firmware.
enum class Engine {
  host,     ///< a child process; outputs only, no counts
  unicorn,  ///< in-process emulation
  qemu      ///< a QEMU machine with a counting plugin
};

/// `[compiler]`
struct CompilerProfile {
  std::string command;             ///< gcc driver, found on PATH, e.g. "arm-none-eabi-gcc"
  std::string package;             ///< Debian package that provides it, named when it is missing
  std::vector<std::string> flags;  ///< for compiling and linking
};

/// `[cycles]`; absent for the host.
struct CyclesProfile {
  CycleModel model = CycleModel::instructions;  ///< "instructions", "cortex-m0plus" or "cortex-m4"
  std::int32_t flash_wait_states = 0;           ///< 0..15, added per data load from flash
  std::int64_t per_1000_macs = 0;  ///< rule of thumb for networks that have not run yet: cycles of 1000
                                   ///< multiply-accumulates of the portable kernels, all else included
};

/// `[emulator]`: the emulated memory map, larger than the board's so that any network can be verified.
/// Addresses and sizes are multiples of 4096. The host has `engine` and `timeout_seconds` only.
struct EmulatorProfile {
  Engine engine = Engine::host;
  std::string cpu;                 ///< Unicorn only: cortex-m0, m3, m4, m7, m33 or riscv32
  std::string command;             ///< QEMU only: e.g. "qemu-system-arm"
  std::string package;             ///< QEMU only: Debian package of `command`
  std::string machine;             ///< QEMU only: its -M name, e.g. "mps3-an547"
  std::uint32_t vectors_base = 0;  ///< QEMU only: where the core looks for its vector table
  std::uint32_t flash_base = 0;    ///< read-only memory: code, constants, weights
  std::uint32_t flash_bytes = 0;
  std::uint32_t ram_base = 0;  ///< stack, .data, .bss, arena
  std::uint32_t ram_bytes = 0;
  std::uint32_t stack_bytes = 0;       ///< going below is a stack overflow; multiple of 16
  bool unaligned_access = true;        ///< false: an unaligned load or store is an error, as on the core
  std::int64_t instruction_limit = 0;  ///< per inference; beyond it the program counts as endless
  std::int64_t timeout_seconds = 0;    ///< host and QEMU only: wall-clock limit of the child process
};

/// `[[memories]]`: a RAM that networks may use. A profile without any has one arena, wherever it lies.
struct MemoryProfile {
  std::string name;              ///< of the arena in it: a C identifier in small letters
  std::int64_t bytes = 0;        ///< that networks may take: leave out what stack and program need
  std::int32_t wait_cycles = 0;  ///< 0..255, that a load or store takes beyond one of the fastest memory
  std::string section;           ///< of the array in C, such as ".bss.dtcm"; may be left out
  std::uint32_t address = 0;     ///< where the emulator maps it; not for the host
};

struct Profile {
  std::string name;                                ///< "cortex-m4", or the stem of the file's name
  std::string description;                         ///< one line for people
  std::string core;                                ///< name of the core, e.g. "cortex-m4"
  Architecture architecture = Architecture::host;  ///< "host", "arm-m" or "riscv32"
  KernelSet kernels = KernelSet::portable;         ///< "portable", "pairs" or "helium"
  std::int64_t clock_hz = 0;                       ///< 0: unknown (host)
  std::int64_t ram_bytes = 0;                      ///< of the typical board; 0: no limit (host)
  std::int64_t flash_bytes = 0;                    ///< of the typical board; 0: no limit (host)
  CompilerProfile compiler;
  CyclesProfile cycles;
  EmulatorProfile emulator;
  std::vector<MemoryProfile> memories;  ///< at most kMostMemories
};

constexpr std::size_t kMostMemories = 6;
constexpr std::int64_t kLeastMemoryBytes = 16;
constexpr std::int32_t kMostWaitCycles = 255;

/// What is wrong with the name of a memory, if anything: it becomes a part of C identifiers.
std::string memory_name_fault(const std::string &name);

/// A built-in profile by its name, or one from a file when the argument ends in ".toml" or holds a '/'.
/// Errors are one line with file, line and key: "board.toml:7: cycles.model: expected one of ..., found
/// 'cortex'".
Result<Profile> load_profile(const std::string &name_or_path);

/// Reads a profile from text; `file` is used in diagnostics, its stem is the profile's name.
Result<Profile> parse_profile(const std::string &text, const std::string &file);

/// Names of the built-in profiles, host first, then in alphabetical order.
std::vector<std::string> profile_names();

}  // namespace thimble
