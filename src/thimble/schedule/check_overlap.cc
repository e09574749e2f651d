#include "thimble/schedule/check_overlap.h"

#include "thimble/schedule/check_placement.h"

namespace thimble {
namespace {

constexpr int kElementBits = 32;
constexpr Tag kElementMask = (Tag{1} << kElementBits) - 1;

bool same_layout(const Layout &a, const Layout &b) {
  return a.shape == b.shape && a.fold == b.fold && a.fifo_pixels == b.fifo_pixels &&
         a.element_size == b.element_size;
}

}  // namespace

OverlapFinder::OverlapFinder(const Schedule &schedule)
    : schedule_(schedule), stamps_(schedule.regions.size()) {}

Shadow &OverlapFinder::stamps_of(std::int32_t region) {
  const auto index = static_cast<std::size_t>(region);
  if (stamps_[index] == nullptr) stamps_[index] = std::make_unique<Shadow>(schedule_.regions[index].size);
  return *stamps_[index];
}

std::optional<std::int64_t> OverlapFinder::find(const Side &input, const Side &output, InPlace mode,
                                                Shadow &held, Tag content) {
  if (!share_bytes(input.buffer, output.buffer)) return std::nullopt;
  const Layout &in = input.buffer.layout;
  const Layout &out = output.buffer.layout;
  if (mode == InPlace::ascending) {
    // Element i of the one belongs to element i of the other only if both boxes are the same.
    if (!(input.box == output.box) || in.element_size != out.element_size) {
      mode = InPlace::no;
    } else if (input.buffer.offset == output.buffer.offset && same_layout(in, out)) {
      return std::nullopt;
    }
  }

  if (mode == InPlace::moving && in.element_size != out.element_size) mode = InPlace::no;
  return compare(input, output, mode, &held, content);
}

std::optional<std::int64_t> OverlapFinder::find_sums(const Side &sums, const Side &output) {
  if (!share_bytes(sums.buffer, output.buffer)) return std::nullopt;
  return compare(sums, output, InPlace::ascending, nullptr, 0);
}

std::optional<std::int64_t> OverlapFinder::compare(const Side &input, const Side &output, InPlace mode,
                                                   Shadow *held, Tag content) {
  const Layout &in = input.buffer.layout;
  const Layout &out = output.buffer.layout;
  Shadow &stamps = stamps_of(input.buffer.region);
  ++question_;
  Tag element = 0;
  for_each_piece(input.buffer, input.box, [&](std::int64_t address, std::int64_t bytes, std::int64_t) {
    for (std::int64_t i = 0; i < bytes; ++i) {
      stamps[address + i] = (question_ << kElementBits) | (element + static_cast<Tag>(i / in.element_size));
    }
    element += static_cast<Tag>(bytes / in.element_size);
  });

  std::optional<std::int64_t> clash;
  element = 0;
  for_each_piece(output.buffer, output.box,
                 [&](std::int64_t address, std::int64_t bytes, std::int64_t index) {
                   for (std::int64_t i = 0; i < bytes && !clash; ++i) {
                     const Tag stamp = stamps[address + i];
                     if (stamp >> kElementBits != question_) continue;
                     const Tag writing = element + static_cast<Tag>(i / out.element_size);
                     const bool allowed = may_follow(mode) ? (stamp & kElementMask) <= writing
                                          : mode == InPlace::alias
                                              ? (*held)[address + i] == content + static_cast<Tag>(index + i)
                                              : false;
                     if (!allowed) clash = address + i;
                   }
                   element += static_cast<Tag>(bytes / out.element_size);
                 });
  return clash;
}

}  // namespace thimble
