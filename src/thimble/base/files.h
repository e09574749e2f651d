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

/// Writes a file so that it is either whole or absent: to a temporary neighbour first, then renamed.
Result<void> write_file(const std::filesystem::path &path, std::span<const std::uint8_t> bytes);
Result<void> write_file(const std::filesystem::path &path, const std::string &text);

/// Writes several files into a folder (made when absent): all temporaries first, then the renames, so that a
/// full disk or a refused write leaves no half-written set behind. Keys are names relative to the folder.
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

}  // namespace thimble
