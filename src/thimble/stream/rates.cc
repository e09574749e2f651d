#include "thimble/stream/rates.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "thimble/base/checked.h"

namespace thimble::stream {
namespace {

/// Windows and offsets beyond it are nobody's network, and keep all sums far from overflow.
constexpr std::int64_t kMost = std::int64_t{1} << 24;
/// What is counted over a period takes time in proportion.
constexpr std::int64_t kMostPeriod = std::int64_t{1} << 16;

struct Delays {
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
  std::int64_t oldest = std::numeric_limits<std::int64_t>::max();
};

/// Steps from "element m of the output, at its step S*m" to its newest and oldest element of the input: the
/// most and least over all m, which repeat after `den`.
Delays delays(const TimeMap &map, std::int64_t input_step) {
  const std::int64_t output_step = input_step * map.num / map.den;
  Delays delays;
  for (std::int64_t m = 0; m < map.den; ++m) {
    delays.newest = std::max(delays.newest, input_step * map.last(m) - output_step * m);
    delays.oldest = std::min(delays.oldest, input_step * map.first(m) - output_step * m);
  }
  return delays;
}

std::string times(std::int64_t num, std::int64_t den) {
  return std::to_string(num) + (den == 1 ? "" : "/" + std::to_string(den));
}

class Calculus {
 public:
  Calculus(const Graph &graph, const TimeAxes &axes, StreamMode mode) : graph_(graph), axes_(axes) {
    rates_.mode = mode;
    rates_.tensors.resize(graph.tensors.size());
    rates_.ops.resize(graph.ops.size());
  }

  Result<Rates> run() {
    if (rates_.mode == StreamMode::soi && !repeats()) {
      return failure({graph_.file, kNone, "", "",
                      "repeats no elements of time, which scattered online inference does",
                      "thimble soi rewrites a network so"});
    }
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      if (auto ok = forward(o); !ok) return tl::unexpected(ok.error());
    }
    backward();
    return std::move(rates_);
  }

 private:
  bool repeats() const {
    for (const auto &maps : axes_.maps) {
      if (std::any_of(maps.begin(), maps.end(), [](const auto &map) { return map && map->den > 1; }))
        return true;
    }
    return false;
  }

  TensorRate &rate(TensorId id) { return rates_.tensors[static_cast<std::size_t>(id)]; }
  bool dense() const { return rates_.mode == StreamMode::dense; }

  Result<void> forward(std::size_t o) {
    const Op &op = graph_.ops[o];
    OpRate &fires = rates_.ops[o];
    TensorRate &made = rate(op.output());
    fires.maps = axes_.maps[o];
    bool joined = false;
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      if (!fires.maps[j]) continue;
      auto through = read(op, rate(op.inputs[j]), *fires.maps[j]);
      if (!through) return tl::unexpected(through.error());
      if (joined && (through->step != made.step || through->spread != made.spread)) {
        return refuse(op, op.inputs[j],
                      "comes every " + std::to_string(through->step * through->spread) +
                          " frames, and is joined with a tensor that comes every " +
                          std::to_string(made.step * made.spread));
      }
      if (joined) through->offset = std::max(through->offset, made.offset);
      if (joined) through->oldest = std::min(through->oldest, made.oldest);
      made = *through;
      joined = true;
    }
    if (!axes_.of(op.output()).over_time()) return {};
    const std::int64_t period = std::lcm(rates_.period, made.step);
    if (period > kMostPeriod) return too_long(op);
    if (std::max(std::abs(made.offset), std::abs(made.oldest)) > kMost) return too_long(op);
    rates_.period = period;
    fires.step = made.step;
    fires.phase = made.offset - floor_div(made.offset, made.step) * made.step;
    return {};
  }

  /// Rate of the output as far as one input tells; `map` becomes what is carried out.
  Result<TensorRate> read(const Op &op, const TensorRate &from, TimeMap &map) {
    TensorRate to;
    if (dense()) {
      if (map.den != 1) {
        return refuse(op, op.output(),
                      "repeats elements of time, so that they depend on their place in a window",
                      "stream it as scheduled");
      }
      const std::int64_t extent = std::int64_t{map.extent - 1} * from.spread + 1;
      const std::int64_t offset = std::int64_t{map.offset} * from.spread;
      const std::int64_t spread = std::int64_t{from.spread} * map.num;
      if (std::max({extent, std::abs(offset), spread}) > kMost) return too_long(op);
      to.spread = static_cast<std::int32_t>(spread);
      map = {1, 1, static_cast<std::int32_t>(offset), static_cast<std::int32_t>(extent), map.window};
    } else if (from.step * map.num % map.den != 0) {
      return refuse(op, op.output(),
                    "would come every " + times(from.step * map.num, map.den) +
                        " frames: there is no stride over time before it that it undoes",
                    "streams compute at most one element for each frame");
    }
    to.step = from.step * map.num / map.den;
    if (to.step > kMostPeriod) return too_long(op);
    const Delays through = delays(map, from.step);
    to.offset = from.offset + through.newest;
    to.oldest = from.oldest + through.oldest;
    return to;
  }

  /// The latest step in which element m may be computed is S*m + a deadline: against the operators' order,
  /// from outputs, which come as early as they can and no sooner than their last frame.
  void backward() {
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> deadline(graph_.tensors.size(), kNever);
    for (const TensorId output : graph_.outputs) {
      deadline[static_cast<std::size_t>(output)] = std::max<std::int64_t>(rate(output).offset, 0);
    }
    for (std::size_t o = graph_.ops.size(); o-- > 0;) {
      const Op &op = graph_.ops[o];
      const std::int64_t latest = deadline[static_cast<std::size_t>(op.output())];
      if (!axes_.of(op.output()).over_time() || latest == kNever) continue;
      rates_.ops[o].slack = latest - rate(op.output()).offset;
      for (std::size_t j = 0; j < op.inputs.size(); ++j) {
        if (!rates_.ops[o].maps[j]) continue;
        std::int64_t &of_input = deadline[static_cast<std::size_t>(op.inputs[j])];
        of_input = std::min(of_input, latest - newest_delay(*rates_.ops[o].maps[j], rate(op.inputs[j]).step));
      }
    }
  }

  tl::unexpected<Error> too_long(const Op &op) const {
    return refuse(op, op.output(), "comes too rarely, or depends on too many frames");
  }

  tl::unexpected<Error> refuse(const Op &op, TensorId tensor, std::string reason,
                               std::string hint = "") const {
    Diagnostic line = at_op(graph_, op, std::move(reason), std::move(hint));
    line.tensor = graph_.tensor(tensor).name;
    return failure(std::move(line));
  }

  const Graph &graph_;
  const TimeAxes &axes_;
  Rates rates_;
};

}  // namespace

std::int64_t newest_delay(const TimeMap &map, std::int64_t input_step) {
  return delays(map, input_step).newest;
}

const char *name_of(StreamMode mode) {
  return mode == StreamMode::dense ? "dense" : mode == StreamMode::soi ? "soi" : "scheduled";
}

Result<Rates> stream_rates(const Graph &graph, const TimeAxes &axes, StreamMode mode) {
  return Calculus(graph, axes, mode).run();
}

}  // namespace thimble::stream
