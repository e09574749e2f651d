// Networks emitted, compiled together into one host program, and run: what they give, byte by byte.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/random.h"
#include "thimble/base/files.h"
#include "thimble/emit/emit.h"
#include "thimble/graph/interpret.h"
#include "thimble/schedule/firing.h"

namespace thimble::test {

/// Flags under which every emitted file must be clean.
inline const std::vector<std::string> kStrict = {"-std=c99",     "-Wall", "-Wextra",  "-Wpedantic",
                                                 "-Wconversion", "-Wvla", "-Wshadow", "-Werror"};

/// The same, and the sanitizers watch it run.
inline const std::vector<std::string> kStrictSanitized = {"-std=c99",
                                                          "-O0",
                                                          "-g0",
                                                          "-Wall",
                                                          "-Wextra",
                                                          "-Wpedantic",
                                                          "-Wconversion",
                                                          "-Wvla",
                                                          "-Wshadow",
                                                          "-Werror",
                                                          "-fsanitize=address,undefined",
                                                          "-fno-sanitize-recover=all"};

struct EmittedCase {
  std::string label;  ///< for messages
  std::shared_ptr<const Graph> graph;
  Schedule schedule;
  EmittedProgram program;
  std::vector<std::vector<Bytes>> inputs;    ///< [inference][network input]
  std::vector<std::vector<Bytes>> expected;  ///< [inference][network output], of the interpreter
};

class EmittedBatch {
 public:
  EmittedBatch();

  /// Plans and emits a network; interprets it on `inputs`. Records a test failure when that does not work.
  void add(const std::string &label, Graph graph, const std::vector<std::vector<Bytes>> &inputs);

  /// The same with a schedule of its own, which must be legal.
  void add(const std::string &label, Schedule schedule, const std::vector<std::vector<Bytes>> &inputs,
           const EmitOptions &options = {});
  /// The same where an operator may refuse its tiles: whether it was added.
  bool add_if_emitted(const std::string &label, Schedule schedule,
                      const std::vector<std::vector<Bytes>> &inputs, std::string &refusal,
                      EmitOptions options = {});

  /// Compiles everything with `compiler` and `flags` and runs all inferences in order, each network in an
  /// arena of exactly its own size, filled with garbage first. Result: [case][inference][output].
  Result<std::vector<std::vector<std::vector<Bytes>>>> run(const std::vector<std::string> &flags,
                                                           const std::string &compiler = "gcc") const;

  /// `run`, and every output byte equals the interpreter's.
  void expect_equal(const std::vector<std::string> &flags, const std::string &compiler = "gcc") const;

  /// Builds with traces: the firings are those of the enumerator, in its order, and the bytes are right.
  void expect_traces(const std::vector<std::string> &flags) const;

  bool empty() const { return cases_.empty(); }
  const std::vector<EmittedCase> &cases() const { return cases_; }

 private:
  using Outputs = std::vector<std::vector<std::vector<Bytes>>>;
  Result<Outputs> run(const std::vector<std::string> &flags, const std::string &compiler,
                      std::vector<std::vector<std::int32_t>> *traces) const;

  std::vector<EmittedCase> cases_;
};

/// Whole text of a command's outcome; fails the test when it does not exit with 0.
std::string command(const std::vector<std::string> &arguments, const std::filesystem::path &folder = {});

/// Writes the program's files into `folder`.
void write_program(const EmittedProgram &program, const std::filesystem::path &folder);

/// Compiles all *.c of `folder` but main.c to objects (two at a time). Empty when all is well, else what was
/// said.
std::string compile_folder(const std::filesystem::path &folder, const std::vector<std::string> &flags,
                           const std::string &compiler = "gcc");

}  // namespace thimble::test
