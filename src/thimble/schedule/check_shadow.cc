#include "thimble/schedule/check_shadow.h"

#include <algorithm>

#include "thimble/graph/rules.h"

namespace thimble {
namespace {

constexpr Tag kIndexMask = (Tag{1} << Contents::kIndexBits) - 1;

/// Coordinates of a byte of a tensor: "[0,3,2,1]", and which byte of the element where it has several.
std::string place_text(const Tensor &tensor, std::int64_t byte, int element_size) {
  std::int64_t element = byte / element_size;
  std::string text;
  for (std::size_t a = tensor.shape.size(); a-- > 0;) {
    text = std::to_string(element % tensor.shape[a]) + (text.empty() ? "" : ",") + text;
    element /= tensor.shape[a];
  }
  return "[" + text + "]";
}

}  // namespace

Contents::Contents(const Graph &graph) : graph_(graph), names_(graph.tensors.size()) {
  for (std::size_t t = 0; t < names_.size(); ++t) names_[t] = t + 1;
  for (const Op &op : graph.ops) {
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (op.inputs[j] == kNone || graph.tensor(op.inputs[j]).constant()) continue;
      if (in_place(graph, op, static_cast<int>(j)) != InPlace::alias) continue;
      names_[static_cast<std::size_t>(op.output())] = names_[static_cast<std::size_t>(op.inputs[j])];
    }
  }
}

Tag Contents::partial(OpId op, std::int32_t summed_up_to) {
  const auto [found, inserted] =
      partial_.try_emplace({op, summed_up_to}, names_.size() + 1 + partial_.size());
  return found->second << kIndexBits;
}

std::string Contents::text(Tag tag) const {
  const Tag who = tag >> kIndexBits;
  const auto byte = static_cast<std::int64_t>(tag & kIndexMask);
  if (who == 0) return "nothing";
  if (who <= names_.size()) {
    const Tensor &tensor = graph_.tensor(static_cast<TensorId>(who - 1));
    return "element " + place_text(tensor, byte, size_of(tensor.type)) + " of '" + tensor.name + "'";
  }
  for (const auto &[key, name] : partial_) {
    if (name != who) continue;
    const Tensor &tensor = graph_.tensor(graph_.op(key.first).output());
    return "a sum of '" + tensor.name + "' up to " + std::to_string(key.second) + " of its reduction";
  }
  return "unknown bytes";
}

void Shadow::write(std::int64_t begin, std::int64_t bytes, Tag first) {
  Tag *tags = tags_.get() + begin;
  for (std::int64_t i = 0; i < bytes; ++i) tags[i] = first + static_cast<Tag>(i);
}

void Shadow::clear(std::int64_t begin, std::int64_t bytes) {
  std::fill_n(tags_.get() + begin, bytes, Tag{0});
}

std::optional<std::int64_t> Shadow::find_wrong(std::int64_t begin, std::int64_t bytes, Tag first) const {
  const Tag *tags = tags_.get() + begin;
  Tag difference = 0;
  for (std::int64_t i = 0; i < bytes; ++i) difference |= tags[i] ^ (first + static_cast<Tag>(i));
  if (difference == 0) return std::nullopt;
  std::int64_t i = 0;
  while (tags[i] == first + static_cast<Tag>(i)) ++i;
  return begin + i;
}

bool fits(const Layout &layout, const Region &box) {
  if (layout.fifo_pixels > 0) {
    // Pixels are numbered row-major: nothing collides when first and last are less than a round apart.
    std::int64_t span = 0;
    for (int a = 0; a + 1 < box.rank; ++a) span = span * layout.shape[a] + box.axis[a].size() - 1;
    return span < layout.fifo_pixels;
  }
  for (int a = 0; a < box.rank; ++a) {
    if (box.axis[a].size() > layout.fold[a]) return false;
  }
  return true;
}

}  // namespace thimble
