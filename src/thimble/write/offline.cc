#include "thimble/write/offline.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "annotated_generated.h"
#include "thimble/base/checked.h"
#include "thimble/read/tflite.h"

namespace thimble {

namespace {

namespace schema = tflite::annotated;

constexpr std::string_view kName = "OfflineMemoryAllocation";
constexpr std::size_t kAlignment = 16;  ///< of the data of buffers: what moves, moves by a multiple
/// Fields of the root table in the schema that we have.
constexpr std::size_t kRootFields = 10;

using Bytes = std::vector<std::uint8_t>;

template <class Vector>
std::size_t length(const Vector *vector) {
  return vector == nullptr ? 0 : vector->size();
}

/// The root of a file, when what the writer relies on is sound. `bytes` must be aligned.
Result<const schema::Model *> open(const Bytes &bytes, const std::string &name) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), tflite_limits::flatbuffer_depth,
                                 tflite_limits::flatbuffer_tables);
  if (bytes.size() < 16 || !flatbuffers::BufferHasIdentifier(bytes.data(), "TFL3") ||
      !schema::VerifyModelBuffer(verifier)) {
    return file_failure(name, "the FlatBuffer is damaged: an offset or a length points outside of it",
                        "copy or export the file again");
  }
  return schema::GetModel(bytes.data());
}

Result<void> check_writable(const schema::Model &model, std::size_t operators, std::size_t tensors,
                            const std::string &name) {
  if (length(model.subgraphs()) != 1) {
    return file_failure(name,
                        fmt::format("the file has {} subgraphs; TensorFlow Lite Micro takes offsets for one",
                                    length(model.subgraphs())),
                        "export the model with one signature");
  }
  const schema::SubGraph &subgraph = *model.subgraphs()->Get(0);
  if (length(subgraph.operators()) != operators || length(subgraph.tensors()) != tensors) {
    return file_failure(name, "the plan is for another file");
  }
  const std::uint8_t *vtable = reinterpret_cast<const flatbuffers::Table &>(model).GetVTable();
  const std::size_t fields = (flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable) - 4) / 2;
  if (fields > kRootFields) {
    return file_failure(name, "its root table has fields of a later format", "ask for support in an issue");
  }
  for (std::size_t i = 0; i < length(model.buffers()); ++i) {
    if (model.buffers()->Get(static_cast<flatbuffers::uoffset_t>(i))->offset() > 1) {
      return file_failure(name, "it has data behind the FlatBuffer, which would move",
                          "export the model with all weights inside the FlatBuffer");
    }
  }
  return {};
}

/// Bytes that are written front to back, every offset to something further on.
class Front {
 public:
  std::size_t size() const { return bytes_.size(); }
  /// Fills up so that the byte after `skip` more is aligned.
  void align(std::size_t alignment, std::size_t skip = 0) {
    while ((bytes_.size() + skip) % alignment != 0) bytes_.push_back(0);
  }
  void u16(std::size_t value) {
    bytes_.push_back(static_cast<std::uint8_t>(value & 0xff));
    bytes_.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  void u32(std::size_t value) {
    u16(value & 0xffff);
    u16(value >> 16 & 0xffff);
  }
  void text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  /// Room for an offset, to be filled by `point`.
  std::size_t offset() {
    u32(0);
    return bytes_.size() - 4;
  }
  void point(std::size_t from, std::size_t to) {
    flatbuffers::WriteScalar(bytes_.data() + from, static_cast<std::uint32_t>(to - from));
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// The new beginning of the file. `old` is the root of the bytes that come behind it.
class FrontWriter {
 public:
  FrontWriter(const Bytes &bytes, const schema::Model &old) : bytes_(bytes), old_(old) {}

  Bytes write(std::span<const std::int64_t> offsets) {
    const std::size_t root = front_.offset();
    front_.text("TFL3");
    write_root(root);
    write_buffers();
    write_metadata();
    write_offsets(offsets);
    front_.align(kAlignment);
    for (const auto &[from, to] : into_old_) front_.point(from, front_.size() + to);
    return front_.take();
  }

 private:
  /// An offset to a place in the old file.
  void keep(std::size_t from, const void *target) {
    into_old_.emplace_back(from, static_cast<const std::uint8_t *>(target) - bytes_.data());
  }

  /// Field number `index` of the root lies at byte 4 + 4 * index of the table: an inline number for the
  /// version, offsets for all others.
  void write_root(std::size_t root) {
    const auto &table = reinterpret_cast<const flatbuffers::Table &>(old_);
    const std::size_t table_bytes = 4 + 4 * kRootFields;
    const std::size_t vtable = front_.size();
    front_.u16(4 + 2 * kRootFields);
    front_.u16(table_bytes);
    const auto present = [&](std::size_t index) {
      const auto slot = static_cast<flatbuffers::voffset_t>(4 + 2 * index);
      return slot == schema::Model::VT_BUFFERS || slot == schema::Model::VT_METADATA ||
             table.CheckField(slot);
    };
    for (std::size_t index = 0; index < kRootFields; ++index) front_.u16(present(index) ? 4 + 4 * index : 0);
    front_.align(4);
    front_.point(root, front_.size());
    front_.u32(front_.size() - vtable);
    for (std::size_t index = 0; index < kRootFields; ++index) {
      const std::size_t place = front_.offset();
      const auto slot = static_cast<flatbuffers::voffset_t>(4 + 2 * index);
      if (slot == schema::Model::VT_BUFFERS) {
        buffers_ = place;
      } else if (slot == schema::Model::VT_METADATA) {
        metadata_ = place;
      } else if (slot == schema::Model::VT_VERSION) {
        front_.point(place, place + old_.version());
      } else if (present(index)) {
        keep(place, table.GetPointer<const std::uint8_t *>(slot));
      }
    }
  }

  void write_buffers() {
    front_.point(buffers_, front_.size());
    const std::size_t count = length(old_.buffers());
    front_.u32(count + 1);
    for (std::size_t i = 0; i < count; ++i)
      keep(front_.offset(), old_.buffers()->Get(static_cast<flatbuffers::uoffset_t>(i)));
    new_buffer_ = front_.offset();
  }

  void write_metadata() {
    std::vector<const schema::Metadata *> kept;
    for (std::size_t i = 0; i < length(old_.metadata()); ++i) {
      const schema::Metadata *entry = old_.metadata()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (entry->name() == nullptr || entry->name()->string_view() != kName) kept.push_back(entry);
    }
    front_.point(metadata_, front_.size());
    front_.u32(kept.size() + 1);
    for (const schema::Metadata *entry : kept) keep(front_.offset(), entry);
    const std::size_t added = front_.offset();

    const std::size_t vtable = front_.size();
    for (const std::size_t value : {8, 12, 4, 8}) front_.u16(value);  // sizes, then the places of both fields
    front_.point(added, front_.size());
    front_.u32(front_.size() - vtable);
    const std::size_t name = front_.offset();
    front_.u32(length(old_.buffers()));
    front_.point(name, front_.size());
    front_.u32(kName.size());
    front_.text(kName);
    front_.u16(0);  // the text's end
    front_.align(4);
  }

  void write_offsets(std::span<const std::int64_t> offsets) {
    const std::size_t vtable = front_.size();
    for (const std::size_t value : {6, 8, 4, 0}) front_.u16(value);
    front_.point(new_buffer_, front_.size());
    front_.u32(front_.size() - vtable);
    const std::size_t data = front_.offset();
    front_.align(kAlignment, 4);
    front_.point(data, front_.size());
    front_.u32(4 * (3 + offsets.size()));
    for (const std::size_t value : {std::size_t{1}, std::size_t{0}, offsets.size()}) front_.u32(value);
    for (const std::int64_t offset : offsets)
      front_.u32(static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)));
  }

  const Bytes &bytes_;
  const schema::Model &old_;
  Front front_;
  std::size_t buffers_ = 0, metadata_ = 0, new_buffer_ = 0;  ///< offsets to be filled
  std::vector<std::pair<std::size_t, std::ptrdiff_t>> into_old_;
};

/// Operators are listed by offsets from their place in the list; the tables themselves stay.
bool reorder(const schema::SubGraph &subgraph, std::span<const std::int32_t> order, Bytes &bytes) {
  const std::size_t list = static_cast<std::size_t>(subgraph.operators()->Data() - bytes.data());
  std::vector<std::size_t> tables;
  for (std::size_t i = 0; i < order.size(); ++i)
    tables.push_back(list + 4 * i + flatbuffers::ReadScalar<std::uint32_t>(bytes.data() + list + 4 * i));
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t table = tables[static_cast<std::size_t>(order[i])], place = list + 4 * i;
    if (table <= place) return false;  // offsets only point forward
    flatbuffers::WriteScalar(bytes.data() + place, static_cast<std::uint32_t>(table - place));
  }
  return true;
}

bool is_permutation(std::span<const std::int32_t> order) {
  std::vector<bool> seen(order.size());
  for (const std::int32_t op : order) {
    if (op < 0 || static_cast<std::size_t>(op) >= order.size() || seen[static_cast<std::size_t>(op)])
      return false;
    seen[static_cast<std::size_t>(op)] = true;
  }
  return true;
}

}  // namespace

Result<std::vector<std::uint8_t>> write_offline_plan(std::span<const std::uint8_t> model,
                                                     std::span<const std::int32_t> order,
                                                     std::span<const std::int64_t> offsets,
                                                     const std::string &file_name) {
  Bytes bytes(model.begin(), model.end());
  const auto old = open(bytes, file_name);
  if (!old) return tl::unexpected(old.error());
  if (auto fits = check_writable(**old, order.size(), offsets.size(), file_name); !fits)
    return tl::unexpected(fits.error());
  if (!is_permutation(order)) return file_failure(file_name, "the order is no permutation of the operators");
  for (const std::int64_t offset : offsets) {
    if (offset < -1 || offset > std::numeric_limits<std::int32_t>::max())
      return file_failure(file_name, "an offset leaves the range of the format");
  }
  Bytes written = FrontWriter(bytes, **old).write(offsets);
  if (!reorder(*(*old)->subgraphs()->Get(0), order, bytes))
    return file_failure(file_name, "its operators lie in an order that cannot be changed", "export it again");
  written.insert(written.end(), bytes.begin(), bytes.end());
  if (const auto sound = open(written, file_name); !sound) return tl::unexpected(sound.error());
  return written;
}

Result<std::vector<std::int64_t>> read_offline_plan(std::span<const std::uint8_t> model,
                                                    const std::string &file_name) {
  const Bytes bytes(model.begin(), model.end());
  const auto root = open(bytes, file_name);
  if (!root) return tl::unexpected(root.error());
  for (std::size_t i = 0; i < length((*root)->metadata()); ++i) {
    const schema::Metadata &entry = *(*root)->metadata()->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (entry.name() == nullptr || entry.name()->string_view() != kName) continue;
    if (entry.buffer() >= length((*root)->buffers())) break;
    const auto *data = (*root)->buffers()->Get(entry.buffer())->data();
    std::vector<std::int64_t> words;
    for (std::size_t at = 0; at + 4 <= length(data); at += 4) {
      std::int32_t word;
      std::memcpy(&word, data->data() + at, 4);
      words.push_back(flatbuffers::EndianScalar(word));
    }
    if (words.size() < 3 || words[0] != 1 || words[1] != 0 ||
        words[2] != static_cast<std::int64_t>(words.size()) - 3) {
      break;
    }
    words.erase(words.begin(), words.begin() + 3);
    return words;
  }
  return file_failure(file_name, "the file has no offsets of tensors in the format that we know");
}

}  // namespace thimble
