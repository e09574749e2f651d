// What the tool says, and where: reports on standard output, errors and progress on standard error.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "thimble/base/result.h"

namespace thimble::cli {

constexpr int kGood = 0;
constexpr int kBad = 1;    ///< bad input, or a mismatch
constexpr int kUsage = 2;  ///< the command line makes no sense

/// Prints "thimble: error: <line>" for every diagnostic; returns kBad.
int fail(const Error &error);
/// The same for one line of text.
int fail(const std::string &line, int code = kBad);

/// What a verb writes besides its report. Keys are names relative to `folder`.
struct OutputFiles {
  std::filesystem::path folder = {};
  std::map<std::string, std::string> files = {};

  /// A file at a path as the user gave it.
  void add(const std::filesystem::path &path, std::string bytes);
};

/// Prints the text report, and writes the JSON one to `json_path` unless that is empty. "-" is standard
/// output, which then holds nothing else. The JSON file and `outputs` are written first, all or none.
Result<void> print_report(const std::string &text, const std::string &json, const std::string &json_path,
                          OutputFiles outputs = {});

/// One line on a terminal that says what takes so long. Nothing appears in a pipe or within the first second;
/// the line is wiped at the end.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void step(const std::string &what);

 private:
  void show();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_, shown_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace thimble::cli
