// The work of `thimble stream`, which `thimble verify --stream` does, too.
#pragma once

#include <string>

#include "thimble/report/random_inputs.h"
#include "thimble/report/stream.h"

namespace thimble::cli {

struct StreamCommand {
  report::StreamRequest request;
  std::string output, json;
  bool verify = false;
  std::uint32_t seed = report::kDefaultSeed;
};

/// Returns the exit code.
int stream(const StreamCommand &command);

}  // namespace thimble::cli
