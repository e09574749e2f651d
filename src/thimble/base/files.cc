#include "thimble/base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;

fs::path neighbour(const fs::path &path, const char *suffix) {
  return path.parent_path() / ("." + path.filename().string() + "." + std::to_string(getpid()) + suffix);
}

tl::unexpected<Error> not_written(const fs::path &wanted, int code) {
  const bool missing = code == ENOENT || code == ENOTDIR || code == EACCES;
  return file_failure(wanted.string(), std::string("cannot be written: ") + std::strerror(code),
                      missing ? "check that the folder exists and is writable" : "");
}

/// Opens, writes all, closes; every step may be the one that tells of a full disk.
Result<void> write_through(const fs::path &path, int flags, std::string_view bytes, const fs::path &wanted) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (file < 0) return not_written(wanted, errno);
  int code = 0;
  while (!bytes.empty() && code == 0) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  if (::close(file) != 0 && code == 0) code = errno;
  if (code != 0) return not_written(wanted, code);
  return {};
}

/// Where the bytes for a path go.
struct Place {
  fs::path path;          ///< behind all symbolic links
  bool in_place = false;  ///< there is something that must not be replaced by a file
  bool exists = false;    ///< a regular file that will be replaced
};

/// Follows links by hand, as the last one may lead to a file that is still to be made. The links of /proc
/// (/dev/stdout is one) mean open files and not the names that they show.
Result<Place> find_place(const fs::path &wanted) {
  constexpr int kMostLinks = 40;  // the kernel's own limit
  std::error_code code;
  const fs::file_status status = fs::status(wanted, code);
  if (fs::is_directory(status)) return file_failure(wanted.string(), "cannot be written: it is a folder");
  const bool regular = fs::is_regular_file(status);
  if (fs::exists(status) && !regular) return Place{wanted, true, false};
  fs::path path = wanted;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, code)); ++links) {
    if (links == kMostLinks) return not_written(wanted, ELOOP);
    if (fs::weakly_canonical(path.parent_path(), code).string().rfind("/proc/", 0) == 0) {
      return Place{wanted, true, false};
    }
    const fs::path target = fs::read_symlink(path, code);
    if (code) return not_written(wanted, code.value());
    path = path.parent_path() / target;
  }
  // One spelling for one place, so that two names of it are noticed.
  const fs::path folder = fs::weakly_canonical(fs::absolute(path, code).parent_path(), code);
  return Place{folder / path.filename(), false, regular};
}

/// Files on their way to their places: bytes first go to temporaries (`add`), then all are renamed
/// (`commit`). Without a commit, or when one fails, everything is as before.
class Transaction {
 public:
  Transaction() = default;
  Transaction(const Transaction &) = delete;
  Transaction &operator=(const Transaction &) = delete;

  ~Transaction() {
    std::error_code ignored;
    for (const Entry &entry : entries_) {
      fs::remove(entry.temporary, ignored);
      fs::remove(entry.backup, ignored);
    }
    if (committed_) return;
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) fs::remove(*folder, ignored);
  }

  /// Makes a folder and those above it.
  Result<void> make_folder(const fs::path &folder) {
    std::vector<fs::path> missing;
    std::error_code code;
    for (fs::path at = folder; !at.empty() && !fs::exists(at, code); at = at.parent_path())
      missing.push_back(at);
    for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
      if (fs::create_directory(*at, code)) folders_.push_back(*at);
      if (code) return file_failure(folder.string(), "cannot be made: " + code.message());
    }
    return {};
  }

  Result<void> add(const fs::path &wanted, std::string_view bytes) {
    auto place = find_place(wanted);
    if (!place) return tl::unexpected(place.error());
    if (place->in_place) {
      in_place_.push_back({*place, bytes});
      return {};
    }
    Entry entry{wanted, *place, neighbour(place->path, ".tmp"), {}, false};
    for (const Entry &other : entries_) {
      if (other.temporary == entry.temporary) return file_failure(wanted.string(), "is to be written twice");
    }
    ::unlink(entry.temporary.c_str());  // of a run that was killed and had the same number
    entries_.push_back(entry);
    return write_through(entry.temporary, O_CREAT | O_EXCL, bytes, wanted);
  }

  Result<void> commit() {
    // What cannot be undone comes first of what may still fail.
    for (const auto &[place, bytes] : in_place_) {
      if (auto written = write_through(place.path, 0, bytes, place.path); !written) return written;
    }
    for (Entry &entry : entries_) {
      if (auto moved = move_into_place(entry); !moved) {
        roll_back();
        return moved;
      }
    }
    committed_ = true;
    return {};
  }

 private:
  struct Entry {
    fs::path wanted;  ///< as the caller says
    Place place;
    fs::path temporary, backup;  ///< `backup`: another name of the replaced file; empty without one
    bool moved;
  };
  struct InPlace {
    Place place;
    std::string_view bytes;
  };

  Result<void> move_into_place(Entry &entry) {
    std::error_code code;
    // A single file needs no way back.
    if (entry.place.exists && entries_.size() > 1) {
      entry.backup = neighbour(entry.place.path, ".old");
      ::unlink(entry.backup.c_str());
      fs::create_hard_link(entry.place.path, entry.backup, code);
      if (code) fs::copy_file(entry.place.path, entry.backup, code);  // a file system without links
      if (code) return not_written(entry.wanted, code.value());
    }
    fs::rename(entry.temporary, entry.place.path, code);
    if (code) return not_written(entry.wanted, code.value());
    entry.moved = true;
    return {};
  }

  void roll_back() {
    std::error_code ignored;
    for (const Entry &entry : entries_) {
      if (!entry.moved) continue;
      if (entry.backup.empty()) {
        fs::remove(entry.place.path, ignored);
      } else {
        fs::rename(entry.backup, entry.place.path, ignored);
      }
    }
  }

  std::vector<Entry> entries_;
  std::vector<InPlace> in_place_;
  std::vector<fs::path> folders_;  ///< made here, outermost first
  bool committed_ = false;
};

Result<void> write_bytes(const fs::path &path, std::string_view bytes) {
  Transaction transaction;
  if (auto added = transaction.add(path, bytes); !added) return added;
  return transaction.commit();
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
  return write_bytes(path, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

Result<void> write_file(const fs::path &path, const std::string &text) {
  return write_bytes(path, text);
}

Result<void> write_files(const fs::path &folder, const std::map<std::string, std::string> &files) {
  Transaction transaction;
  if (auto made = transaction.make_folder(folder); !made) return made;
  for (const auto &[name, text] : files) {
    const fs::path wanted = folder / name;
    if (!fs::path(name).is_absolute()) {
      if (auto made = transaction.make_folder(wanted.parent_path()); !made) return made;
    }
    if (auto added = transaction.add(wanted, text); !added) return added;
  }
  return transaction.commit();
}

}  // namespace thimble
