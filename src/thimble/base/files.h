// Reading and writing whole files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

/// The bytes of a regular file; fails when it is longer than `limit`.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path &path,
                                            std::uint64_t limit = std::uint64_t{1} << 30);

/// Writes a file so that it is either whole or as it was: to a temporary neighbour first, then renamed.
/// A symbolic link stays one, what it leads to is written. What is there and no regular file (a FIFO, a
/// device) is opened and written in place.
Result<void> write_file(const std::filesystem::path &path, std::span<const std::uint8_t> bytes);
Result<void> write_file(const std::filesystem::path &path, const std::string &text);

/// Writes several files, each as `write_file` does, all or none: a full disk or a refused write leaves the
/// folder as it was. Keys are names relative to `folder`, which is made when absent; an absolute name stands
/// for itself, and its folder must exist. (Bytes that went into a FIFO or a device cannot be taken back.)
Result<void> write_files(const std::filesystem::path &folder,
                         const std::map<std::string, std::string> &files);

/// A fresh folder below the system's temporary folder, removed with all it holds on destruction.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder &&other) noexcept;
  TemporaryFolder &operator=(TemporaryFolder &&) = delete;
  const std::filesystem::path &path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Removes every temporary folder that there is now, for a program that a signal is about to end: destructors
/// do not run then. Async-signal-safe; who wants it calls it from a signal handler of their own.
void remove_temporary_folders() noexcept;

}  // namespace thimble
