#include "thimble/stream/work.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/rules.h"

namespace thimble::stream {
namespace {

/// Of one element of the output.
std::int64_t firing_macs(const Graph &graph, const Op &op, const TimeAxis &time) {
  Region tile = Region::whole(graph.tensor(op.output()).shape);
  if (time.axis != kNone) tile.axis[static_cast<std::size_t>(time.axis)] = {0, time.grain};
  return macs(graph, op, tile, {0, reduction_extent(graph, op)});
}

}  // namespace

std::int64_t StreamWork::total() const {
  return std::accumulate(phases.begin(), phases.end(), std::int64_t{0});
}

std::int64_t StreamWork::peak() const {
  return *std::max_element(phases.begin(), phases.end());
}

std::int64_t StreamWork::critical_peak() const {
  return *std::max_element(critical_phases.begin(), critical_phases.end());
}

StreamWork stream_work(const Graph &graph, const TimeAxes &axes, const Rates &rates) {
  StreamWork work;
  work.firing.assign(graph.ops.size(), 0);
  work.phases.assign(static_cast<std::size_t>(rates.period), 0);
  work.critical_phases = work.phases;
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    const TimeAxis &time = axes.of(graph.ops[o].output());
    if (!time.over_time()) continue;
    work.firing[o] = firing_macs(graph, graph.ops[o], time);
    const OpRate &fires = rates.ops[o];
    for (std::int64_t phase = fires.phase; phase < rates.period; phase += fires.step) {
      work.phases[static_cast<std::size_t>(phase)] += work.firing[o];
      if (fires.slack == 0 && (!fires.before || fires.within))
        work.critical_phases[static_cast<std::size_t>(phase)] += work.firing[o];
    }
  }
  return work;
}

}  // namespace thimble::stream
