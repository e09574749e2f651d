#include <algorithm>
#include <map>

#include "thimble/write/offline.h"

namespace thimble {

namespace {

/// Who wrote which bytes last: disjoint ranges, each with its tensor.
class Arena {
 public:
  /// `tensor` overwrites [begin, end).
  void write(std::int64_t begin, std::int64_t end, std::int32_t tensor) {
    auto it = owned_.lower_bound(begin);
    if (it != owned_.begin() && std::prev(it)->second.end > begin) {
      // The range before reaches into ours: it keeps its beginning, and its end if it goes beyond.
      Owned &before = std::prev(it)->second;
      const Owned whole = before;
      before.end = begin;
      if (whole.end > end) owned_[end] = {whole.end, whole.tensor};
    }
    while ((it = owned_.lower_bound(begin)) != owned_.end() && it->first < end) {
      const Owned rest = it->second;
      owned_.erase(it);
      if (rest.end > end) owned_[end] = rest;
    }
    owned_[begin] = {end, tensor};
  }

  bool holds(std::int64_t begin, std::int64_t end, std::int32_t tensor) const {
    const auto it = owned_.find(begin);
    return it != owned_.end() && it->second.tensor == tensor && it->second.end == end;
  }

 private:
  struct Owned {
    std::int64_t end;
    std::int32_t tensor;
  };
  std::map<std::int64_t, Owned> owned_;  ///< by begin
};

}  // namespace

Result<void> check_offline_plan(const FileOutline &outline, std::span<const std::int64_t> offsets) {
  const auto refuse = [&outline](std::int32_t tensor, const std::string &what) {
    return file_failure(outline.file, "the plan is wrong: tensor " + std::to_string(tensor) + " " + what);
  };
  if (offsets.size() != outline.tensor_bytes.size())
    return file_failure(outline.file, "the plan has another number of tensors than the file");
  Arena arena;
  const auto size = [&](std::int32_t t) { return outline.tensor_bytes[static_cast<std::size_t>(t)]; };
  const auto begin = [&](std::int32_t t) { return offsets[static_cast<std::size_t>(t)]; };
  const auto write = [&](std::int32_t t) -> Result<void> {
    if (size(t) == 0) return {};
    if (begin(t) < 0 || begin(t) % 16 != 0) return refuse(t, "has no place, or one that is not aligned");
    arena.write(begin(t), begin(t) + size(t), t);
    return {};
  };
  const auto read = [&](std::int32_t t) -> Result<void> {
    if (t < 0 || size(t) == 0 || arena.holds(begin(t), begin(t) + size(t), t)) return {};
    return refuse(t, "is not there, or not whole any more, when it is read");
  };
  for (const std::int32_t t : outline.inputs) {
    if (auto ok = write(t); !ok) return ok;
  }
  for (const FileOutline::Operator &op : outline.operators) {
    // All of the outputs before the inputs are looked at: the operator may do it in any order.
    for (const std::int32_t t : op.outputs) {
      if (auto ok = write(t); !ok) return ok;
    }
    for (const auto *list : {&op.inputs, &op.outputs}) {
      for (const std::int32_t t : *list) {
        if (auto ok = read(t); !ok) return ok;
      }
    }
  }
  for (const std::int32_t t : outline.outputs) {
    if (auto ok = read(t); !ok) return ok;
  }
  return {};
}

}  // namespace thimble
