#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "thimble/base/files.h"

namespace thimble {
namespace {

namespace fs = std::filesystem;

// The folders that exist, in memory that a signal handler may read: no locks, nothing that moves. A folder
// beyond the table or with a longer path is only removed by its owner.
constexpr std::size_t kMostFolders = 64, kMostCharacters = 512;

enum State { kFree, kChanging, kUsed };
struct Slot {
  std::atomic<int> state{kFree};
  char path[kMostCharacters];
};
std::array<Slot, kMostFolders> slots;

void enter(const std::string &path) {
  if (path.size() >= kMostCharacters) return;
  for (Slot &slot : slots) {
    int expected = kFree;
    if (!slot.state.compare_exchange_strong(expected, kChanging)) continue;
    std::memcpy(slot.path, path.c_str(), path.size() + 1);
    slot.state = kUsed;
    return;
  }
}

void leave(const std::string &path) {
  for (Slot &slot : slots) {
    if (slot.state != kUsed || path != slot.path) continue;
    slot.state = kFree;
    return;
  }
}

/// The kernel's record of one entry of a folder.
struct KernelEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

/// remove_all with nothing but system calls. `depth` bounds the stack; emitted sources lie two folders deep.
void remove_tree(int parent, const char *name, int depth) noexcept {
  constexpr int kMostDepth = 8;
  constexpr int kAttempts = 16;  // a compiler that still runs may add files meanwhile
  if (unlinkat(parent, name, 0) == 0 || depth == kMostDepth) return;
  const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  alignas(KernelEntry) char entries[2048];
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    lseek(folder, 0, SEEK_SET);
    for (;;) {
      const long size = syscall(SYS_getdents64, folder, entries, sizeof(entries));
      if (size <= 0) break;
      for (long at = 0; at < size;) {
        const char *record = entries + at;
        std::uint16_t length;
        std::memcpy(&length, record + offsetof(KernelEntry, length), sizeof(length));
        const char *entry = record + offsetof(KernelEntry, name);
        const bool dots = entry[0] == '.' && (entry[1] == '\0' || (entry[1] == '.' && entry[2] == '\0'));
        if (!dots) remove_tree(folder, entry, depth + 1);
        at += length;
      }
    }
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != ENOTEMPTY) break;
  }
  close(folder);
}

}  // namespace

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code code;
  const fs::path base = fs::temp_directory_path(code);
  std::string pattern = ((code ? fs::path("/tmp") : base) / "thimble-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return file_failure(pattern, std::string("no temporary folder: ") + std::strerror(errno));
  }
  enter(pattern);
  return TemporaryFolder(fs::path(pattern));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder &&other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  leave(path_.string());
}

void remove_temporary_folders() noexcept {
  const int code = errno;
  for (const Slot &slot : slots) {
    if (slot.state == kUsed) remove_tree(AT_FDCWD, slot.path, 0);
  }
  errno = code;
}

}  // namespace thimble
