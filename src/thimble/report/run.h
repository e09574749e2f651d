// Running a model on the user's own data.
#pragma once

#include <filesystem>

#include "thimble/report/execute_on.h"
#include "thimble/report/raw_file.h"

namespace thimble::report {

struct RunOptions {
  std::filesystem::path input = {};
  std::filesystem::path output = {};  ///< empty: outputs are not written
  std::filesystem::path labels = {};  ///< empty: no accuracy; else one class per inference
  std::string on = "interpreter";     ///< "interpreter", "schedule" or a device
  RawEnds ends = RawEnds::automatic;  ///< whose types the files have
  bool compare = false;               ///< also run the interpreter and compare every output byte
};

struct RunOutcome {
  RunReport report;
  Bytes output;  ///< the bytes for `output`
};

/// Conversion between the model file's ends and the network's happens outside the measured region.
Result<RunOutcome> run_network(const Network &network, const RunOptions &options, const Step &step);

}  // namespace thimble::report
