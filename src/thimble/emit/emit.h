// Schedules become a self-contained C99 program.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "thimble/graph/interpret.h"
#include "thimble/schedule/ending.h"
#include "thimble/schedule/schedule.h"

namespace thimble {

/// One golden vector that lets a board prove bit-exactness to itself.
struct SelfTest {
  std::vector<Bytes> inputs, outputs;
};

struct EmitOptions {
  std::string name = "network";  ///< prefix of every public symbol; a C identifier
  std::string options;           ///< how the tool was called, for the header's documentation
  std::optional<SelfTest> selftest;
  std::int32_t frames_per_step = 1;  ///< of a stream: how many its step takes, one call after the other
  Ending ending = {};                ///< of a stream
  std::string no_flush = {};         ///< why there is none
  bool helium = false;               ///< for a core with Helium, whose kernels want more tables than others
  std::map<TensorId, std::string> notes;  ///< documentation of inputs and outputs, e.g. folded QUANTIZE ends
};

/// Sources by file name: NAME.h, NAME.c, NAME_weights.c, ..., the kernels that are needed, main.c,
/// CMakeLists.txt. The same schedule and options give the same bytes on any machine, in any locale and
/// folder.
struct EmittedProgram {
  std::map<std::string, std::string> files;
  std::int64_t weight_bytes = 0;  ///< constants of the network in flash: weights, biases, tables
};

/// Most regions of memory that a program can have.
constexpr std::size_t kMostArenas = 6;

/// Emits `schedule`, which must have passed `check`.
Result<EmittedProgram> emit(const Schedule &schedule, const EmitOptions &options);

}  // namespace thimble
