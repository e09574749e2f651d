#include "thimble/report/stream_batch.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/report/stream_elements.h"

namespace thimble::report {
namespace {

std::int64_t window_of(const StreamNetwork &stream) {
  return stream.plan.axes.of(stream.network.graph->inputs[0]).length;
}

/// All steps' frames as the batch's input, zeros behind them.
Bytes recording_of(const StreamNetwork &stream, const stream::Recording &batch,
                   const std::vector<Inference> &steps) {
  const Tensor &x = batch.graph.tensor(batch.graph.inputs[0]);
  const stream::TimeAxis &time = batch.axes.of(batch.graph.inputs[0]);
  const Layout whole = Layout::whole(x);
  Bytes all(static_cast<std::size_t>(x.bytes()), 0);
  const std::int32_t indices = time.grain * stream.request.hop;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    Region part = Region::whole(x.shape);
    const std::int32_t begin = static_cast<std::int32_t>(s) * indices;
    part.axis[static_cast<std::size_t>(time.axis)] = {begin, begin + indices};
    auto from = steps[s][0].begin();
    for_each_run(part, [&](const auto &place, std::int32_t count) {
      const auto bytes = std::ptrdiff_t{count} * whole.element_size;
      std::copy(from, from + bytes, all.begin() + static_cast<std::ptrdiff_t>(whole.offset(place)));
      from += bytes;
    });
  }
  return all;
}

}  // namespace

Result<std::vector<Bytes>> batch_outputs(const StreamNetwork &stream, const std::vector<Inference> &steps,
                                         bool ended) {
  const std::int64_t frames = static_cast<std::int64_t>(steps.size()) * stream.request.hop;
  const stream::StreamPlan &plan = stream.plan;
  const std::int64_t window = window_of(stream);
  const std::int64_t more = align_up(std::max<std::int64_t>(frames - window, 0), plan.rates.period);
  const auto batch = stream::lengthen(*stream.network.graph, plan.axes, plan.rates,
                                      static_cast<std::int32_t>(window + more));
  if (!batch) return tl::unexpected(batch.error());
  const auto result = interpret_outputs(batch->graph, {recording_of(stream, *batch, steps)});
  if (!result) return tl::unexpected(result.error());
  const Tensor &y = batch->graph.tensor(batch->graph.outputs[0]);
  const stream::TimeAxis &made = batch->axes.of(batch->graph.outputs[0]);
  std::vector<Bytes> found;
  const std::int64_t count = ended ? made.length : outputs_within(stream, frames);
  for (std::int64_t m = 0; m < count; ++m)
    found.push_back(element_of(y, {made.axis, made.grain}, m, (*result)[0]));
  return found;
}

std::int64_t steps_of_a_batch(const StreamNetwork &stream) {
  const std::int64_t hop = stream.request.hop, window = window_of(stream);
  const std::int64_t first = (window + 2 * stream.plan.rates.period + hop - 1) / hop;
  for (std::int64_t found = first; found < first + stream.plan.rates.period; ++found) {
    if ((found * hop - window) % stream.plan.rates.period == 0) return found;
  }
  return 0;
}

}  // namespace thimble::report
