#include "thimble/soi/transform.h"

#include <map>

#include "thimble/soi/fresh_skip.h"
#include "thimble/soi/stride.h"
#include "thimble/soi/time_ops.h"
#include "thimble/stream/moving_window.h"

namespace thimble::soi {
namespace {

/// Index into the chosen regions; kNone: outside of all.
using Context = std::int32_t;

class Compression {
 public:
  Compression(const Timed &network, std::vector<Position> chosen, const Pairs &pairs)
      : old_(network.graph), axes_(network.axes), pairs_(pairs), chosen_(std::move(chosen)) {
    graph_ = window_ = old_;
    graph_.ops.clear();
    producers_ = producers(old_);
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      parents_.push_back(kNone);
      for (std::size_t other = 0; other < k; ++other) {
        if (within(chosen_[k], chosen_[other])) parents_[k] = static_cast<Context>(other);
      }
      CompressedRegion region{chosen_[k]};
      region.shift = parents_[k] == kNone ? pairs.shift : 0;
      region.divisor = pairs.factor * (parents_[k] == kNone ? 1 : regions_[index(parents_[k])].divisor);
      regions_.push_back(std::move(region));
      regions_.back().fresh_skip = takes_skip(static_cast<Context>(k));
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

  /// The innermost region that an operator is in.
  Context context(OpId op) const {
    Context innermost = kNone;
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      if (chosen_[k].holds(op)) innermost = static_cast<Context>(k);
    }
    return innermost;
  }
  Context home(TensorId tensor) const { return context(producers_[index(tensor)]); }
  Context parent(Context k) const { return parents_[index(k)]; }
  /// Whether `outer` is around `inner`, or the same.
  bool around(Context outer, Context inner) const {
    while (inner != kNone && inner != outer) inner = parent(inner);
    return inner == outer;
  }
  int axis(TensorId tensor) const { return axes_.of(tensor).axis; }

  /// A tensor of the network as an operator in that region sees it.
  Result<TensorId> seen(TensorId tensor, Context from) {
    const Context at = home(tensor);
    if (at == from) return tensor;
    const auto known = seen_.find({tensor, from});
    if (known != seen_.end()) return known->second;
    auto made = around(from, at) ? leave(tensor, from) : enter(tensor, from);
    if (!made) return made;
    // The network at its full rate has the same tensors, in their old shapes.
    while (window_.tensors.size() < graph_.tensors.size()) {
      window_.tensors.push_back(graph_.tensors[window_.tensors.size()]);
      window_.tensors.back().shape = old_.tensor(tensor).shape;
    }
    seen_[{tensor, from}] = *made;
    return made;
  }

  Result<TensorId> enter(TensorId tensor, Context region) {
    const auto above = seen(tensor, parent(region));
    const std::int32_t shift = regions_[index(region)].shift;
    if (!above || shift == 0) return above;
    return shifted(graph_, *above, axis(tensor), shift);
  }

  Result<TensorId> leave(TensorId tensor, Context outside) {
    Context region = home(tensor);
    while (parent(region) != outside) region = parent(region);
    const auto low = seen(tensor, region);
    if (!low) return low;
    const std::int32_t around = outside == kNone ? 1 : regions_[index(outside)].divisor;
    const std::int32_t length = (axes_.of(tensor).length + around - 1) / around;
    return extrapolate(graph_, *low, axis(tensor), pairs_.factor, length, pairs_.extrapolation);
  }

  /// Whether a fresh skip connection is wanted around a region, and all that reads its way out can take it.
  bool takes_skip(Context region) const {
    const Position &position = chosen_[index(region)];
    if (!pairs_.fresh_skips || position.meets == Exit::join) return false;
    if (home(position.entry) != parent(region)) return false;
    for (std::size_t o = 0; o < old_.ops.size(); ++o) {
      if (!contains(old_.ops[o].inputs, position.exit)) continue;
      if (context(static_cast<OpId>(o)) != parent(region)) return false;
      if (!can_take_skip(old_, old_.ops[o], position.exit, position.entry)) return false;
    }
    return true;
  }

  /// The region whose way out the operator reads, together with a fresh skip connection.
  Context skip_in_front_of(const Op &op, Context at) const {
    for (std::size_t k = 0; k < chosen_.size(); ++k) {
      if (regions_[k].fresh_skip && parents_[k] == at && contains(op.inputs, chosen_[k].exit))
        return static_cast<Context>(k);
    }
    return kNone;
  }

  Result<void> add_skip(Op &op, Context region, Context at) {
    const auto joined = skips_.find(region);
    if (joined == skips_.end()) {
      const auto fresh = seen(chosen_[index(region)].entry, at);
      if (!fresh) return tl::unexpected(fresh.error());
      const auto made = join_fresh(graph_, op.inputs[0], *fresh);
      if (!made) return tl::unexpected(made.error());
      skips_[region] = *made;
    }
    widen_filter(graph_, op, skips_[region]);
    window_.tensors.insert(window_.tensors.end(),
                           graph_.tensors.begin() + static_cast<std::ptrdiff_t>(window_.tensors.size()),
                           graph_.tensors.end());
    return {};
  }

  Result<void> add(std::size_t o) {
    Op op = old_.ops[o];
    const Context at = context(static_cast<OpId>(o));
    std::int32_t stride = 1;
    int time = kNone;  // axis of the input that enters
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const TensorId input = op.inputs[j];
      if (!axes_.maps[o][j]) continue;
      for (Context k = at; k != kNone && !around(k, home(input)); k = parent(k)) stride *= pairs_.factor;
      if (stride > 1) time = axis(input);
      const auto id = seen(input, at);
      if (!id) return tl::unexpected(id.error());
      op.inputs[j] = *id;
    }
    const Context skipped = skip_in_front_of(old_.ops[o], at);
    if (skipped != kNone) {
      if (auto ok = add_skip(op, skipped, at); !ok) return ok;
    }
    if (at == kNone) {
      graph_.ops.push_back(std::move(op));
      return {};
    }
    count_taps(o, at);
    if (stride > 1) multiply_stride(op, time, stride);
    return add_slower(o, std::move(op), at);
  }

  void count_taps(std::size_t o, Context at) {
    const auto &map = axes_.maps[o].empty() ? std::nullopt : axes_.maps[o][0];
    const bool taps = map && map->extent > 1;
    for (Context k = at; k != kNone && taps; k = parent(k)) ++regions_[index(k)].dilated;
  }

  /// Of fewer elements of time: what says how many follows its inputs.
  Result<void> add_slower(std::size_t o, Op op, Context at) {
    std::vector<stream::Reading> readings;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      readings.emplace_back();
      if (!axes_.maps[o][j]) continue;
      const stream::TimeAxis &time = axes_.of(old_.ops[o].inputs[j]);
      readings.back().over_time = true;
      readings.back().axis = time.axis;
      readings.back().window = time;
      readings.back().elements =
          graph_.tensor(op.inputs[j]).shape[static_cast<std::size_t>(time.axis)] / time.grain;
    }
    const stream::TimeAxis &made = axes_.of(op.output());
    const std::int32_t divisor = regions_[index(at)].divisor;
    stream::MovingOp moving{
        window_, graph_, std::move(op), readings, made.axis, made, (made.length + divisor - 1) / divisor};
    return stream::move_window(std::move(moving));
  }

  const Graph &old_;
  const stream::TimeAxes &axes_;
  const Pairs &pairs_;
  std::vector<Position> chosen_;
  std::vector<Context> parents_;  ///< by region: the one around it
  std::vector<CompressedRegion> regions_;
  std::vector<OpId> producers_;
  Graph graph_;   ///< what is being made
  Graph window_;  ///< its tensors in the shapes that they had at their full rate
  std::map<std::pair<TensorId, Context>, TensorId> seen_;
  std::map<Context, TensorId> skips_;  ///< by region: its way out beside its way in
};

}  // namespace

const char *name_of(Kind kind) {
  return kind == Kind::pp ? "pp" : "fp";
}

Result<Compressed> compress(const Timed &network, const std::vector<Position> &positions,
                            const Pairs &pairs) {
  auto chosen = choose(network, positions, pairs.numbers);
  if (!chosen) return tl::unexpected(chosen.error());
  return Compression(network, std::move(*chosen), pairs).run();
}

}  // namespace thimble::soi
