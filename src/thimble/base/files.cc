#include "thimble/base/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;

fs::path temporary_neighbour(const fs::path &path) {
  return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(getpid()) + ".tmp");
}

Result<void> write_temporary(const fs::path &temporary, const char *bytes, std::size_t size,
                             const fs::path &wanted) {
  std::ofstream stream(temporary, std::ios::binary);
  stream.write(bytes, static_cast<std::streamsize>(size));
  stream.close();
  if (!stream) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return file_failure(wanted.string(), "cannot be written", "check that the folder exists and is writable");
  }
  return {};
}

Result<void> rename_over(const fs::path &temporary, const fs::path &wanted) {
  std::error_code code;
  fs::rename(temporary, wanted, code);
  if (!code) return {};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return file_failure(wanted.string(), "cannot be written: " + code.message());
}

Result<void> write_bytes(const fs::path &path, const char *bytes, std::size_t size) {
  const fs::path temporary = temporary_neighbour(path);
  if (auto written = write_temporary(temporary, bytes, size, path); !written) return written;
  return rename_over(temporary, path);
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const fs::path &path, std::uint64_t limit) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (!fs::exists(status)) return file_failure(path.string(), "no such file", "check the path");
  if (!fs::is_regular_file(status)) return file_failure(path.string(), "is not a regular file");
  const std::uint64_t size = fs::file_size(path, code);
  if (code) return file_failure(path.string(), "cannot be read: " + code.message());
  if (size > limit) {
    return file_failure(path.string(), "is " + std::to_string(size) + " bytes long, more than the limit of " +
                                           std::to_string(limit));
  }
  std::vector<std::uint8_t> bytes(size);
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(size));
  if (!stream || static_cast<std::uint64_t>(stream.gcount()) != size) {
    return file_failure(path.string(), "cannot be read", "check its permissions");
  }
  return bytes;
}

Result<void> write_file(const fs::path &path, std::span<const std::uint8_t> bytes) {
  return write_bytes(path, reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

Result<void> write_file(const fs::path &path, const std::string &text) {
  return write_bytes(path, text.data(), text.size());
}

Result<void> write_files(const fs::path &folder, const std::map<std::string, std::string> &files) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return file_failure(folder.string(), "cannot be made: " + code.message());
  std::map<fs::path, fs::path> pending;  // temporary -> wanted
  auto abandon = [&] {
    std::error_code ignored;
    for (const auto &[temporary, wanted] : pending) fs::remove(temporary, ignored);
  };
  for (const auto &[name, text] : files) {
    const fs::path wanted = folder / name;
    fs::create_directories(wanted.parent_path(), code);
    const fs::path temporary = temporary_neighbour(wanted);
    if (auto written = write_temporary(temporary, text.data(), text.size(), wanted); !written) {
      abandon();
      return written;
    }
    pending.emplace(temporary, wanted);
  }
  for (const auto &[temporary, wanted] : pending) {
    if (auto renamed = rename_over(temporary, wanted); !renamed) {
      abandon();
      return renamed;
    }
  }
  return {};
}

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code code;
  const fs::path base = fs::temp_directory_path(code);
  std::string pattern = ((code ? fs::path("/tmp") : base) / "thimble-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return file_failure(pattern, std::string("no temporary folder: ") + std::strerror(errno));
  }
  return TemporaryFolder(fs::path(pattern));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder &&other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace thimble
