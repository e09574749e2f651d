#include "thimble/soi/cost.h"

#include "thimble/stream/rings.h"
#include "thimble/stream/timing.h"
#include "thimble/stream/work.h"

namespace thimble::soi {

Result<Cost> stream_cost(const Graph &graph, int input_axis) {
  const auto axes = stream::find_time(graph, input_axis);
  if (!axes) return tl::unexpected(axes.error());
  auto rates = stream::stream_rates(graph, *axes);
  if (!rates) return tl::unexpected(rates.error());
  const std::vector<std::int64_t> macs = stream::stream_work(graph, *axes, *rates).firing;
  rates = stream::at_times(graph, *rates, stream::firing_times(graph, *rates, macs));
  const stream::StreamWork work = stream::stream_work(graph, *axes, *rates);
  return Cost{work.average(),
              work.peak(),
              work.critical_peak(),
              stream::stream_rings(graph, *axes, *rates).state_bytes,
              rates->of(graph.outputs[0]).offset,
              rates->period};
}

}  // namespace thimble::soi
