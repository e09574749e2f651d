#include "thimble/cli/console.h"

#include <unistd.h>

#include <cstdio>

#include "thimble/base/files.h"

namespace thimble::cli {
namespace {

void put(std::FILE *stream, const std::string &text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

int fail(const Error &error) {
  std::string text;
  for (const Diagnostic &line : error.lines) text += "thimble: error: " + line.text() + "\n";
  put(stderr, text);
  return kBad;
}

int fail(const std::string &line, int code) {
  put(stderr, "thimble: error: " + line + "\n");
  return code;
}

void OutputFiles::add(const std::filesystem::path &path, std::string bytes) {
  files[std::filesystem::absolute(path).string()] = std::move(bytes);
}

Result<void> print_report(const std::string &text, const std::string &json, const std::string &json_path,
                          OutputFiles outputs) {
  const bool json_on_stdout = json_path == "-";
  if (!json_path.empty() && !json_on_stdout) outputs.add(json_path, json);
  if (auto written = write_files(outputs.folder, outputs.files); !written) return written;
  put(stdout, json_on_stdout ? json : text);
  if (std::ferror(stdout) != 0) return failure("standard output cannot be written");
  return {};
}

Progress::Progress() {
  if (isatty(STDERR_FILENO) == 0) return;
  thread_ = std::thread([this] { show(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (!shown_.empty()) put(stderr, "\r\033[K");
}

void Progress::step(const std::string &what) {
  const std::lock_guard lock(mutex_);
  what_ = what;
  changed_.notify_one();
}

void Progress::show() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(1), [this] { return done_; });
  while (!done_) {
    if (what_ != shown_) {
      shown_ = what_;
      put(stderr, "\r\033[K" + shown_ + " ...");
    }
    changed_.wait(lock, [this] { return done_ || what_ != shown_; });
  }
}

}  // namespace thimble::cli
