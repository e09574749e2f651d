#include "thimble/stream/timing.h"

#include <algorithm>
#include <tuple>

#include "thimble/base/checked.h"

namespace thimble::stream {
namespace {

/// Not levelled beyond: each trial goes through all operators and a period.
constexpr std::int64_t kMostTrialSteps = std::int64_t{1} << 24;

class Timing {
 public:
  Timing(const Graph &graph, const Rates &rates, const std::vector<std::int64_t> &macs,
         const std::vector<PartTime> &parts)
      : graph_(graph), rates_(rates), parts_(parts), macs_(macs), producers_(producers(graph)) {}

  std::vector<Firing> run() {
    put_off();
    const auto ops = static_cast<std::int64_t>(graph_.ops.size());
    if (rates_.period * ops <= kMostTrialSteps / ops / rates_.period) level();
    place_parts();
    return std::move(firings_);
  }

 private:
  Firing &of(OpId op) { return firings_[static_cast<std::size_t>(op)]; }
  const OpRate &rate(OpId op) const { return rates_.ops[static_cast<std::size_t>(op)]; }

  bool gives_output(std::size_t op) const { return contains(graph_.outputs, graph_.ops[op].output()); }

  /// Calls by which a reader's firing has to come after that of what it reads: one where that is made with
  /// the frame for which the reader does not wait.
  static std::int64_t apart(const Firing &made, const Firing &reader) {
    return reader.before && !made.before ? 1 : 0;
  }

  /// The earliest call for the operator's element 0 that its inputs allow.
  std::int64_t earliest(std::size_t o) {
    std::int64_t earliest = rates_.of(graph_.ops[o].output()).offset;
    for_each_input(o, [&](OpId by, std::int64_t delay) {
      earliest = std::max(earliest, of(by).offset + apart(of(by), firings_[o]) + delay);
    });
    return earliest;
  }

  /// Puts the operator off to `offset`, and everything behind it as far as that takes. False: something would
  /// come too late.
  bool push(std::size_t o, std::int64_t offset) {
    firings_[o].offset = offset;
    for (std::size_t later = o; later < firings_.size(); ++later) {
      const std::int64_t first = later == o ? offset : std::max(firings_[later].offset, earliest(later));
      const bool moved = first > firings_[later].offset || later == o;
      firings_[later].offset = first;
      if (moved && (!firings_[later].before || first > deadline(later))) return false;
    }
    return true;
  }

  std::int64_t deadline(std::size_t o) const {
    return rates_.of(graph_.ops[o].output()).offset + rates_.ops[o].slack;
  }

  template <class Visit>
  void for_each_input(std::size_t o, const Visit &visit) const {
    const Op &op = graph_.ops[o];
    for (std::size_t j = 0; j < op.inputs.size(); ++j) {
      const std::optional<TimeMap> &map = rates_.ops[o].maps[j];
      if (!map) continue;
      visit(producers_[static_cast<std::size_t>(op.inputs[j])],
            newest_delay(*map, rates_.of(op.inputs[j]).step));
    }
  }

  void put_off() {
    firings_.resize(graph_.ops.size());
    for (std::size_t o = 0; o < graph_.ops.size(); ++o) {
      firings_[o].before = !graph_.ops[o].is<Input>() && !gives_output(o) && rates_.ops[o].slack > 0;
      firings_[o].offset = earliest(o);
    }
    for (const TensorId output : graph_.outputs) {
      Firing &gives = of(producers_[static_cast<std::size_t>(output)]);
      gives.offset = std::max<std::int64_t>(gives.offset, 0);
    }
  }

  /// Multiply-accumulates of each call of a period.
  std::vector<std::int64_t> loads() const {
    std::vector<std::int64_t> loads(static_cast<std::size_t>(rates_.period), 0);
    for (std::size_t o = 0; o < firings_.size(); ++o) {
      const std::int64_t step = rates_.ops[o].step;
      if (macs_[o] == 0) continue;
      for (std::int64_t call = modulo(firings_[o].offset, step); call < rates_.period; call += step)
        loads[static_cast<std::size_t>(call)] += macs_[o];
    }
    return loads;
  }

  static std::int64_t modulo(std::int64_t a, std::int64_t b) { return a - floor_div(a, b) * b; }

  /// Most of a call, and how uneven calls are.
  std::tuple<std::int64_t, double> badness() const {
    std::int64_t peak = 0;
    double squares = 0.0;
    for (const std::int64_t load : loads()) {
      peak = std::max(peak, load);
      squares += static_cast<double>(load) * static_cast<double>(load);
    }
    return {peak, squares};
  }

  /// Puts operators off with all that waits for them, the last ones first to make room for those before them,
  /// as long as that lowers the peak or evens out the calls.
  void level() {
    auto best = badness();
    const std::int64_t early_peak = std::get<0>(best);
    const std::vector<Firing> early = firings_;
    for (bool better = true; better;) {
      better = false;
      for (std::size_t o = firings_.size(); o-- > 0;) {
        if (!firings_[o].before) continue;
        std::vector<Firing> chosen = firings_;
        const std::int64_t from = firings_[o].offset, to = std::min(deadline(o), from + rates_.period);
        for (std::int64_t offset = from + 1; offset <= to && push(o, offset); ++offset) {
          const auto trial = badness();
          if (!(trial < best)) continue;
          best = trial;
          chosen = firings_;
          better = true;
        }
        firings_ = std::move(chosen);
      }
    }
    // Memory is not spent on what only looks better.
    if (std::get<0>(best) == early_peak) firings_ = early;
  }

  /// Parts wait for nothing that they do not read, and read only what is there by then.
  void place_parts() {
    for (std::size_t o = 0; o < parts_.size(); ++o) {
      const PartTime &part = parts_[o];
      if (part.end != kNone)
        firings_[o] = {of(part.end).offset - part.ahead, part.before, part.within && !of(part.end).before};
    }
  }

  const Graph &graph_;
  const Rates &rates_;
  const std::vector<PartTime> &parts_;
  const std::vector<std::int64_t> &macs_;
  const std::vector<OpId> producers_;
  std::vector<Firing> firings_;
};

}  // namespace

std::vector<Firing> firing_times(const Graph &graph, const Rates &rates,
                                 const std::vector<std::int64_t> &macs, const std::vector<PartTime> &parts) {
  return Timing(graph, rates, macs, parts).run();
}

Rates at_times(const Graph &graph, Rates rates, const std::vector<Firing> &firings) {
  for (std::size_t o = 0; o < firings.size(); ++o) {
    OpRate &fires = rates.ops[o];
    const std::int64_t offset = firings[o].offset;
    rates.tensors[static_cast<std::size_t>(graph.ops[o].output())].offset = offset;
    fires.phase = offset - floor_div(offset, fires.step) * fires.step;
    fires.before = firings[o].before;
    fires.within = firings[o].within;
    fires.slack = 0;
  }
  return rates;
}

}  // namespace thimble::stream
