// Building emitted C into firmware: compile, link, and account for every byte.
//
// The folder holds NAME.c and other *.c files with the entry points
//   int NAME_run(void *arena);          0 = good
//   unsigned char NAME_arena[];         (any type) the static arena, or, where there are several,
//   unsigned char *const NAME_arena[];  (or a struct of pointers) where they are
// All *.c files but main.c are compiled. Bare-metal images use no C library: memcpy and its kind are ours
// (target/support/memory.c), the rest is libgcc, so sizes and counts follow from compiler and flags alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "thimble/base/result.h"
#include "thimble/device/profile.h"
#include "thimble/target/elf.h"
#include "thimble/target/marks.h"

namespace thimble {

/// One of the program's arenas.
struct ArenaPlace {
  std::string symbol;            ///< of the array
  std::string section = {};      ///< that the sources put it into; empty: none of its own
  std::string attribute = {};    ///< macro by which the sources' choice of a section is overruled
  std::uint32_t address = 0;     ///< of the memory that is there for it alone, with `bytes` > 0
  std::int64_t bytes = 0;        ///< of that memory; 0: the arena lies in RAM, as everything else
  std::int32_t wait_cycles = 0;  ///< that each load and store takes more, in the estimate of cycles
};

/// Most arenas of a program.
constexpr std::size_t kMostArrays = 8;

struct FirmwareRequest {
  std::filesystem::path folder;          ///< the emitted sources
  std::string name;                      ///< NAME, a C identifier
  std::string weights = {};              ///< how the files of weights begin; empty: NAME_weights
  std::filesystem::path work_folder;     ///< made when absent; objects, image and logs go there
  std::vector<std::string> extra_flags;  ///< after the profile's, e.g. "-DNAME_TRACE"
  std::vector<ArenaPlace> arenas = {};   ///< empty: NAME_arena alone, in RAM
};

/// Bytes by kind.
struct Sizes {
  std::int64_t text = 0;     ///< code
  std::int64_t rodata = 0;   ///< constants other than weights
  std::int64_t weights = 0;  ///< constants of NAME_weights*.c
  std::int64_t data = 0;     ///< initialised RAM; takes as much flash
  std::int64_t bss = 0;      ///< zeroed RAM, arena included

  std::int64_t flash() const { return text + rodata + weights + data; }
  std::int64_t ram() const { return data + bss; }
};

/// An arena of a linked image.
struct LinkedArena {
  std::uint64_t address = 0;
  std::int64_t bytes = 0;
  std::int32_t wait_cycles = 0;
};

struct Firmware {
  std::string name;
  std::filesystem::path image;  ///< ELF; for the host an executable
  std::filesystem::path work_folder;
  Sizes linked;   ///< what the image holds: unreferenced functions removed, memcpy and libgcc included. Zero
                  ///< for the host, whose image is full of sanitizers
  Sizes objects;  ///< sum over the objects of the folder, before linking
  std::vector<LinkedArena> arenas;  ///< at least one; several: NAME_arena holds pointers to them
  Elf elf;                          ///< sections and symbols of the image
  std::vector<Mark> marks;          ///< where operators begin; empty unless built with -DNAME_MARKS
};

/// Errors: "'arm-none-eabi-gcc' is not installed; apt-get install gcc-arm-none-eabi", a compiler's or
/// linker's first complaints, a folder without sources, a symbol that is not there.
Result<Firmware> build_firmware(const Profile &profile, const FirmwareRequest &request);

/// Sizes of the program's own objects but for its weights, which take longest to compile and whose size is
/// known without. Not linked: what libgcc adds is not counted. Errors as above.
Result<Sizes> measure_code(const Profile &profile, const FirmwareRequest &request);

}  // namespace thimble
