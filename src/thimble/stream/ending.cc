#include "thimble/stream/ending.h"

#include <algorithm>
#include <variant>

#include "thimble/base/checked.h"

namespace thimble::stream {
namespace {

/// Tables of more phases, or of longer endings, are not worth their bytes.
constexpr std::int64_t kMostPhases = 64, kMostLeft = 255;

template <class Kind>
std::int32_t behind(const Kind &kind, int axis) {
  if constexpr (requires { kind.padding.bottom; }) {
    return axis == 1 ? kind.padding.bottom : axis == 2 ? kind.padding.right : 0;
  }
  return 0;
}

/// Whether the operator makes other elements at the end of a batch than in a stream, or fewer: those that
/// pad or crop on their own, and those that repeat.
bool is_about_the_end(const Op &op, const TimeMap &map, int axis) {
  if (op.is<Pad>()) return op.as<Pad>().after[static_cast<std::size_t>(axis)] > 0;
  return op.is<TransposeConv>() || map.den != 1 || (op.is<StridedSlice>() && map != TimeMap{});
}

class Counting {
 public:
  explicit Counting(const Recording &recording)
      : graph_(recording.graph), axes_(recording.axes), rates_(recording.rates) {}

  Result<Ending> run() {
    if (rates_.period > kMostPhases) return failure("its period is too long");
    Ending ending;
    // So many frames that everything has begun.
    std::int64_t begun = 0;
    for (const TensorRate &rate : rates_.tensors) begun = std::max(begun, rate.offset + 2 * rate.step);
    begun = align_up(begun, rates_.period);
    for (std::int64_t phase = 0; phase < rates_.period; ++phase) {
      if (auto ok = count(begun + phase); !ok) return tl::unexpected(ok.error());
      std::vector<std::int32_t> &left = ending.left.emplace_back();
      for (const Op &op : graph_.ops) {
        const std::int64_t still = lengths_[static_cast<std::size_t>(op.output())] - made(op, begun + phase);
        if (still > kMostLeft) return failure("too many elements are left");
        beyond_ = beyond_ || still < 0;
        left.push_back(static_cast<std::int32_t>(std::max<std::int64_t>(still, 0)));
      }
    }
    return ending;
  }

  /// Whether calls make elements that the batch has not: what a shift crops off its end. Where the batch has
  /// padding behind, the stream has those.
  bool beyond() const { return beyond_; }

 private:
  /// Elements that calls have made when `frames` are in.
  std::int64_t made(const Op &op, std::int64_t frames) const {
    const TensorRate &rate = rates_.of(op.output());
    return floor_div(frames - 1 - rate.offset, rate.step) + 1;
  }

  /// Elements of each tensor in a batch of so many frames.
  Result<void> count(std::int64_t frames) {
    lengths_.assign(graph_.tensors.size(), 0);
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      const Op &op = graph_.ops[o];
      std::int64_t &length = lengths_[static_cast<std::size_t>(op.output())];
      length = op.is<Input>() ? frames : -1;
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        const std::optional<TimeMap> &map = rates_.ops[o].maps[j];
        if (!map) continue;
        const auto through = elements(op, op.inputs[j], *map);
        if (!through) return tl::unexpected(through.error());
        length = length < 0 ? *through : std::min(length, *through);
      }
    }
    return {};
  }

  Result<std::int64_t> elements(const Op &op, TensorId from, const TimeMap &map) const {
    const int axis = axes_.of(from).axis;
    std::int64_t there = lengths_[static_cast<std::size_t>(from)];
    if (is_about_the_end(op, map, axis))
      return failure(at_op(graph_, op, "makes other elements at the end of a batch than in a stream"));
    const std::int32_t padding =
        std::visit([&](const auto &kind) { return behind(kind, axis); }, op.attributes);
    if (padding > 0 && (op.is<MaxPool2D>() || op.is<AveragePool2D>()))
      return failure(at_op(graph_, op, "leaves padding behind the window out"));
    there += padding;
    return std::max<std::int64_t>(floor_div(there - map.last(0) - 1, map.num) + 1, 0);
  }

  const Graph &graph_;
  const TimeAxes &axes_;
  const Rates &rates_;
  std::vector<std::int64_t> lengths_;
  bool beyond_ = false;
};

}  // namespace

Result<Ending> stream_ending(const Recording &recording) {
  const Graph &graph = recording.graph;
  Counting counting(recording);
  auto ending = counting.run();
  if (!ending) return ending;
  const OpId gives = producers(graph)[static_cast<std::size_t>(graph.outputs[0])];
  const bool nothing = std::all_of(ending->left.begin(), ending->left.end(), [&](const auto &phase) {
    return phase[static_cast<std::size_t>(gives)] == 0;
  });
  if (nothing) {
    for (auto &phase : ending->left) phase.assign(phase.size(), 0);
    return ending;
  }
  if (counting.beyond()) return failure("elements that the network crops are made before the end");
  const std::vector<OpRate> &ops = recording.rates.ops;
  if (std::any_of(ops.begin(), ops.end(), [](const OpRate &op) { return op.before && !op.within; }))
    return failure("operators fire before their frames are there");
  for (const Op &op : graph.ops) {
    const TimeAxis &time = recording.axes.of(op.output());
    const Shape &shape = graph.tensor(op.output()).shape;
    if (std::any_of(shape.begin(), shape.begin() + time.axis,
                    [](std::int32_t length) { return length != 1; }))
      return failure(at_op(graph, op, "makes elements of time that lie apart in memory"));
  }
  return ending;
}

}  // namespace thimble::stream
