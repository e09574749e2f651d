// What a run, a verification and a build measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::report {

struct Flash {
  std::int64_t weights_bytes = 0;          ///< weights, biases, tables
  std::optional<std::int64_t> code_bytes;  ///< instructions and other constants; absent: not measured
  std::string code_note;                   ///< how it was measured, or why not
};

/// Accesses to one part of the target's memory: "code", "constants", "weights", "data", "arena" or "stack".
struct PartFigures {
  std::string part;
  std::int64_t loads = 0, stores = 0;
};

/// One executor. Counts are per inference, the largest over the inputs; only emulated targets have them.
struct RunFigures {
  std::string on = {};  ///< "interpreter", "schedule" or the target's name
  std::optional<std::int64_t> instructions = {}, cycles_estimate = {}, loads = {}, stores = {},
                              stack_bytes = {};
  std::vector<PartFigures> parts = {};   ///< loads and stores by where they went; empty: not counted
  std::vector<PartFigures> arenas = {};  ///< the arena's part by memory, where there are several
  std::optional<double> milliseconds_estimate = {};   ///< cycles_estimate at the target's clock
  std::optional<std::int64_t> mismatched_bytes = {};  ///< against the interpreter, over all inputs; absent:
                                                      ///< not compared
};

/// What the firings of one operator took, and the loops around them (target/emulate.h).
struct OperatorFigures {
  std::int32_t op = 0;  ///< number in the graph; -1: what came before the first firing
  std::int64_t macs = 0;
  std::int64_t instructions = 0, cycles_estimate = 0, loads = 0, stores = 0;
};

/// The first byte that differs.
struct Mismatch {
  std::string on;
  std::size_t inference = 0, output = 0, byte = 0;
  int expected = 0, found = 0;
};

/// Outputs against those of the model as it was read, in real numbers, where passes changed how floats round.
struct Deviation {
  double largest = 0.0;    ///< difference of two elements; infinity where one of them is not a number
  double magnitude = 0.0;  ///< largest element of the model as it was read, of those that are finite
};

struct Verification {
  int inputs = 0;
  std::uint32_t seed = 0;
  std::int64_t output_bytes = 0;  ///< compared per executor: all inputs, all outputs
  std::int64_t mismatched_bytes = 0;
  std::optional<Mismatch> first_mismatch;
  std::vector<RunFigures> runs;
  std::optional<Deviation> deviation;  ///< else the interpreter gives the bytes of the model as it was read
  Flash flash;
  /// On the emulated target, of the inference with most instructions. Empty where that was not asked for.
  std::vector<OperatorFigures> operators;
};

struct Accuracy {
  std::int64_t right = 0, of = 0;
};

/// `run`: the same inputs on one executor, and how it compares with the interpreter when that was asked for.
struct RunReport {
  std::size_t inferences = 0;
  std::string ends;  ///< "file" or "network": whose types the files have
  RunFigures figures;
  std::optional<std::int64_t> compared_bytes;  ///< output bytes compared with the interpreter's
  std::optional<Accuracy> accuracy;
  std::optional<Flash> flash;
};

}  // namespace thimble::report
