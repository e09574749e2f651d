// Running other programs (compilers, QEMU, host builds) without a shell, with their output captured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

struct ProcessRequest {
  std::vector<std::string> arguments;  ///< [0] is the program, looked up on PATH when it holds no '/'
  std::filesystem::path folder;        ///< working folder; empty: the caller's
  std::vector<std::string>
      settings;             ///< environment beyond the caller's, "NAME=value"; LC_ALL=C is always set
  int timeout_seconds = 0;  ///< killed after that long; 0: never
  std::string package;      ///< Debian package named in the diagnostic when the program is missing
};

struct ProcessOutcome {
  int exit_code = 0;       ///< of a process that exited; -1 when a signal ended it
  int signal = 0;          ///< that signal, or 0
  bool timed_out = false;  ///< killed because it ran longer than `timeout_seconds`
  std::string out;         ///< standard output, at most 1 MiB of it
  std::string err;         ///< standard error, likewise
};

/// Runs a program to its end, standard input empty. Fails only when it cannot be started; how it ended is for
/// the caller to judge.
Result<ProcessOutcome> run_process(const ProcessRequest &request);

}  // namespace thimble
