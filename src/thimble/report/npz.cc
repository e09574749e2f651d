#include "thimble/report/npz.h"

#include <zlib.h>

#include <optional>

namespace thimble::report {
namespace {

using Span = std::span<const std::uint8_t>;

constexpr std::uint32_t kEnd = 0x06054b50, kEntry = 0x02014b50, kLocal = 0x04034b50;
constexpr std::size_t kEndBytes = 22, kEntryBytes = 46, kLocalBytes = 30, kMostComment = 65535;
constexpr std::uint32_t kStored = 0, kDeflated = 8, kBeyond32Bits = 0xffffffff;
/// Deflated data is never smaller than a 1032nd of what it stands for: larger claims are damage.
constexpr std::uint64_t kMostRatio = 1032;

/// A little-endian integer of `size` bytes, or 0 outside of the file.
std::uint32_t at(Span bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size && offset + i < bytes.size(); ++i)
    value |= std::uint32_t{bytes[offset + i]} << (8 * i);
  return value;
}

/// Where the record at the end of the archive is, behind which there may be a comment.
std::optional<std::size_t> find_end(Span bytes) {
  if (bytes.size() < kEndBytes) return std::nullopt;
  const std::size_t last = bytes.size() - kEndBytes;
  for (std::size_t back = 0; back <= std::min(last, kMostComment); ++back) {
    if (at(bytes, last - back, 4) == kEnd) return last - back;
  }
  return std::nullopt;
}

/// One file of the archive, as its directory says.
struct Entry {
  std::string name;
  std::uint32_t method, checksum, packed, size, local;
};

bool inflate_all(Span packed, std::vector<std::uint8_t> &unpacked) {
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;  // without zlib's own header
  stream.next_in = const_cast<std::uint8_t *>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = unpacked.data();
  stream.avail_out = static_cast<uInt>(unpacked.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return result == Z_STREAM_END && stream.avail_out == 0;
}

Result<std::vector<std::uint8_t>> unpack(Span bytes, const Entry &entry, const std::string &file) {
  const auto damaged = [&](const std::string &what) {
    return file_failure(file, "member '" + entry.name + "' " + what, "write it with numpy.savez");
  };
  if (at(bytes, entry.local, 4) != kLocal) return damaged("is not where the directory says");
  const std::size_t begin = std::size_t{entry.local} + kLocalBytes + at(bytes, entry.local + 26, 2) +
                            at(bytes, entry.local + 28, 2);
  if (begin > bytes.size() || entry.packed > bytes.size() - begin) return damaged("ends behind the file");
  const Span packed = bytes.subspan(begin, entry.packed);
  if (entry.method != kStored && entry.method != kDeflated)
    return damaged("is packed by method " + std::to_string(entry.method) + ", which is not read");
  const bool stored = entry.method == kStored;
  if (stored ? entry.size != entry.packed : entry.size > (entry.packed + std::uint64_t{1}) * kMostRatio)
    return damaged("has a size that its bytes cannot have");
  std::vector<std::uint8_t> unpacked(entry.size);
  if (stored) {
    unpacked.assign(packed.begin(), packed.end());
  } else if (!inflate_all(packed, unpacked)) {
    return damaged("cannot be unpacked");
  }
  if (crc32(0, unpacked.data(), static_cast<uInt>(unpacked.size())) != entry.checksum)
    return damaged("is damaged: its checksum is another one");
  return unpacked;
}

}  // namespace

bool is_npz(const std::filesystem::path &path) {
  return path.extension() == ".npz";
}

Result<std::vector<NpzMember>> parse_npz(Span bytes, const std::string &file) {
  const auto end = find_end(bytes);
  if (!end) return file_failure(file, "is not a .npz file", "write it with numpy.savez");
  const std::uint32_t count = at(bytes, *end + 10, 2);
  std::size_t offset = at(bytes, *end + 16, 4);
  std::vector<NpzMember> members;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (at(bytes, offset, 4) != kEntry || bytes.size() - offset < kEntryBytes)
      return file_failure(file, "has a damaged directory", "write it with numpy.savez");
    Entry entry{"",
                at(bytes, offset + 10, 2),
                at(bytes, offset + 16, 4),
                at(bytes, offset + 20, 4),
                at(bytes, offset + 24, 4),
                at(bytes, offset + 42, 4)};
    const std::size_t name = at(bytes, offset + 28, 2);
    if (name > bytes.size() - offset - kEntryBytes)
      return file_failure(file, "has a damaged directory", "write it with numpy.savez");
    const Span text = bytes.subspan(offset + kEntryBytes, name);
    entry.name.assign(text.begin(), text.end());
    offset += kEntryBytes + name + at(bytes, offset + 30, 2) + at(bytes, offset + 32, 2);
    if (!entry.name.ends_with(".npy")) continue;
    entry.name.resize(entry.name.size() - 4);
    if (entry.packed == kBeyond32Bits || entry.size == kBeyond32Bits || entry.local == kBeyond32Bits)
      return file_failure(file, "member '" + entry.name + "' is larger than 4 GB", "save fewer frames");
    auto unpacked = unpack(bytes, entry, file);
    if (!unpacked) return tl::unexpected(unpacked.error());
    auto array = parse_npy(*unpacked, file + ", member '" + entry.name + "'");
    if (!array) return tl::unexpected(array.error());
    members.push_back({std::move(entry.name), std::move(*array)});
  }
  return members;
}

}  // namespace thimble::report
