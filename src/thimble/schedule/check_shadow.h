// What every byte of every memory region holds, as `check` knows it.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "thimble/schedule/firing.h"

namespace thimble {

/// Content of one byte: who (24 bits) and which byte of it (40 bits), so that the bytes of a run have
/// ascending tags and comparing a run is comparing with a counter.
///
///   who 0                nothing: never written, or scratch, or a sum that has been requantised
///   who 1 .. tensors     that byte of a complete tensor, row-major
///   who > tensors        that byte of the partial sums of an operator up to a position in its reduction
using Tag = std::uint64_t;

/// Names for contents. Tensors that hold the same bytes by definition (a reshape's input and output) have one
/// name: whoever reads the one may find the other.
class Contents {
 public:
  explicit Contents(const Graph &graph);

  Tag complete(TensorId tensor) const { return names_[static_cast<std::size_t>(tensor)] << kIndexBits; }
  Tag partial(OpId op, std::int32_t summed_up_to);

  /// "element [0,3,2,1] of 'x'", "nothing", ...
  std::string text(Tag tag) const;

  static constexpr int kIndexBits = 40;

 private:
  const Graph &graph_;
  std::vector<Tag> names_;  ///< by tensor
  std::map<std::pair<OpId, std::int32_t>, Tag> partial_;
};

/// A tag per byte of one memory region; untouched pages cost nothing.
class Shadow {
 public:
  explicit Shadow(std::int64_t bytes)
      : tags_(static_cast<Tag *>(std::calloc(static_cast<std::size_t>(bytes) + 1, sizeof(Tag))), &std::free) {
  }

  bool allocated() const { return tags_ != nullptr; }
  Tag &operator[](std::int64_t byte) { return tags_.get()[byte]; }

  void write(std::int64_t begin, std::int64_t bytes, Tag first);
  void clear(std::int64_t begin, std::int64_t bytes);
  /// The first of the bytes that does not hold what it should, if any.
  std::optional<std::int64_t> find_wrong(std::int64_t begin, std::int64_t bytes, Tag first) const;

 private:
  std::unique_ptr<Tag, decltype(&std::free)> tags_;
};

/// Calls `visit(address, bytes, index)` for the pieces of a box that are contiguous in a buffer: the first
/// byte within the region of memory, the length, and the first byte's place in the whole row-major tensor.
template <class Visit>
void for_each_piece(const Buffer &buffer, const Region &box, Visit &&visit) {
  const Layout &layout = buffer.layout;
  const std::size_t rank = layout.shape.size();
  const std::int32_t fold = rank == 0                ? 1
                            : layout.fifo_pixels > 0 ? layout.shape[rank - 1]
                                                     : layout.fold[rank - 1];
  for_each_run(box, [&](std::array<std::int32_t, kMaxRank> at, std::int32_t length) {
    std::int64_t element = 0;
    for (std::size_t a = 0; a < rank; ++a) element = element * layout.shape[a] + at[a];
    while (length > 0) {
      const std::int32_t room = rank == 0 ? 1 : fold - at[rank - 1] % fold;
      const std::int32_t count = std::min(length, room);
      visit(buffer.offset + layout.offset(at), std::int64_t{count} * layout.element_size,
            element * layout.element_size);
      length -= count;
      element += count;
      if (rank > 0) at[rank - 1] += count;
    }
  });
}

/// Whether no two elements of the box share bytes in the buffer.
bool fits(const Layout &layout, const Region &box);

}  // namespace thimble
