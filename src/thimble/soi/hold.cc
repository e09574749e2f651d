#include "thimble/soi/hold.h"

#include <map>

#include "thimble/graph/rules.h"
#include "thimble/soi/stride.h"
#include "thimble/soi/time_ops.h"

namespace thimble::soi {
namespace {

class Holding {
 public:
  Holding(const Timed &network, std::vector<Position> chosen, const Pairs &pairs)
      : old_(network.graph), axes_(network.axes), graph_(network.graph) {
    graph_.ops.clear();
    divisor_.assign(old_.tensors.size(), 1);
    for (Position &position : chosen) {
      CompressedRegion region{std::move(position)};
      region.divisor = pairs.factor;
      for (const CompressedRegion &outer : regions_) {
        if (within(region.position, outer.position)) region.divisor = outer.divisor * pairs.factor;
      }
      regions_.push_back(std::move(region));
    }
  }

  Result<Compressed> run() {
    for (std::size_t o = 0; o < old_.ops.size(); ++o) {
      if (auto ok = add(o); !ok) return tl::unexpected(ok.error());
    }
    if (auto ok = verify(graph_); !ok) return tl::unexpected(ok.error());
    return Compressed{std::move(graph_), std::move(regions_)};
  }

 private:
  static std::size_t index(std::int32_t id) { return static_cast<std::size_t>(id); }

  /// The operator is skipped in all but one of so many frames.
  std::int32_t wanted_divisor(OpId op) const {
    std::int32_t divisor = 1;
    for (const CompressedRegion &region : regions_) {
      if (region.position.holds(op)) divisor = region.divisor;
    }
    return divisor;
  }

  /// Whether each element is computed from those of the same place. (Slices say how many there are.)
  bool by_element(std::size_t o) const {
    if (old_.ops[o].is<StridedSlice>()) return false;
    for (const auto &map : axes_.maps[o]) {
      if (map && *map != stream::TimeMap{}) return false;
    }
    return true;
  }

  /// A tensor with one of `divisor` elements: what was computed, each held as long as it has to be.
  Result<TensorId> at_rate(TensorId tensor, std::int32_t divisor) {
    const std::int32_t factor = divisor_[index(tensor)] / divisor;
    if (factor == 1) return tensor;
    const auto known = held_.find({tensor, divisor});
    if (known != held_.end()) return known->second;
    const int axis = axes_.of(tensor).axis;
    const std::int32_t length = (axes_.of(tensor).length + divisor - 1) / divisor;
    auto made = repeated(graph_, tensor, axis, factor);
    if (made) made = cropped(graph_, *made, axis, length * axes_.of(tensor).grain);
    if (made) held_[{tensor, divisor}] = *made;
    return made;
  }

  Result<void> add(std::size_t o) {
    Op op = old_.ops[o];
    const TensorId made = op.output();
    const std::int32_t wanted = wanted_divisor(static_cast<OpId>(o));
    // Filters read at the full rate and skip by their strides. What has neither strides nor taps follows its
    // inputs; what moves elements over time costs nothing and goes on at the full rate.
    const bool skips = wanted > 1 && has_stride(op);
    std::int32_t divisor = skips || by_element(o) ? wanted : 1;
    for (std::size_t j = 0; j < op.inputs.size() && !skips; ++j) {
      if (axes_.maps[o][j]) divisor = std::min(divisor, divisor_[index(op.inputs[j])]);
    }
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (!axes_.maps[o][j]) continue;
      if (divisor_[index(op.inputs[j])] > 1 && axes_.of(op.inputs[j]).grain > 1)
        return failure(at_op(old_, op, "reads elements that are several indices, which are not held",
                             "leave this position out"));
      const auto id = at_rate(op.inputs[j], skips ? 1 : divisor);
      if (!id) return tl::unexpected(id.error());
      if (skips) multiply_stride(op, axes_.of(op.inputs[j]).axis, divisor);
      op.inputs[j] = *id;
    }
    divisor_[index(made)] = divisor;
    if (divisor > 1 && !skips) set_length(made, divisor);
    if (skips) {
      auto shape = output_shape(graph_, op);
      if (!shape) return tl::unexpected(shape.error());
      graph_.tensors[index(made)].shape = std::move(*shape);
    }
    graph_.ops.push_back(std::move(op));
    return {};
  }

  void set_length(TensorId tensor, std::int32_t divisor) {
    const stream::TimeAxis &time = axes_.of(tensor);
    graph_.tensors[index(tensor)].shape[index(time.axis)] =
        (time.length + divisor - 1) / divisor * time.grain;
  }

  const Graph &old_;
  const stream::TimeAxes &axes_;
  Graph graph_;
  std::vector<CompressedRegion> regions_;
  std::vector<std::int32_t> divisor_;  ///< by tensor: one of so many elements is computed
  std::map<std::pair<TensorId, std::int32_t>, TensorId> held_;
};

}  // namespace

Result<Compressed> hold(const Timed &network, const std::vector<Position> &positions, const Pairs &pairs) {
  auto chosen = choose(network, positions, pairs.numbers);
  if (!chosen) return tl::unexpected(chosen.error());
  return Holding(network, std::move(*chosen), pairs).run();
}

}  // namespace thimble::soi
