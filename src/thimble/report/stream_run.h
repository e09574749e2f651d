// Running a stream on the user's own frames: frames in, outputs when due.
#pragma once

#include <filesystem>

#include "thimble/report/any_stream.h"
#include "thimble/report/raw_file.h"
#include "thimble/report/stream_calls.h"

namespace thimble::report {

struct StreamRunOptions {
  std::filesystem::path input = {};   ///< frames, those of a step together; or one array of them as .npy
  std::filesystem::path output = {};  ///< empty: outputs are not written
  std::string on = "interpreter";     ///< "interpreter" or a device
  RawEnds ends = RawEnds::automatic;  ///< whose types the files have
  bool compare = false;               ///< also run the interpreter and compare every output byte
};

struct StreamRunReport {
  std::string on;
  std::int64_t steps = 0, outputs = 0;  ///< outputs: elements of time
  std::string ends;                     ///< "file" or "network"
  std::optional<CallFigures> instructions = {}, cycles_estimate = {};
  std::optional<std::int64_t> stack_bytes = {};
  std::optional<Flash> flash = {};
  std::optional<std::int64_t> compared_bytes = {}, mismatched_bytes = {};
};

struct StreamRunOutcome {
  StreamRunReport report;
  Bytes output;  ///< the bytes for `output`
};

/// The interpreter runs the batch, on all frames at once; of a network that keeps states as many inferences
/// as there are steps.
Result<StreamRunOutcome> run_stream(const AnyStream &stream, const StreamRunOptions &options,
                                    const Step &step);

std::string stream_run_text(const AnyStream &stream, const StreamRunReport &report);
std::string stream_run_json(const AnyStream &stream, const StreamRunReport &report);

}  // namespace thimble::report
