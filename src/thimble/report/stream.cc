#include "thimble/report/stream.h"

#include <algorithm>
#include <numeric>

#include "thimble/stream/causal.h"
#include "thimble/stream/without_states.h"

namespace thimble::report {
namespace {

/// How to call the tool again for the same bytes.
std::string canonical_options(const StreamNetwork &stream) {
  const StreamRequest &request = stream.request;
  std::string text = "--target " + stream.network.profile.name + " --name " + stream.network.options.name +
                     " --axis " + std::to_string(stream.plan.axes.input_axis) + " --mode " +
                     name_of(request.mode) + " --hop " + std::to_string(request.hop);
  if (request.causal) text += " --causal";
  for (const auto &[name, extra] : stream::kExtras) {
    if (request.extras.*extra) text += std::string(" --extra ") + name;
  }
  if (request.compile.float_io) text += " --float-io";
  if (request.compile.fold_floats) text += " --fold-floats";
  for (const std::string &pass : request.compile.without) text += " --no-pass " + pass;
  return text;
}

/// Sums over the frames of each step, until everything repeats.
std::vector<std::int64_t> by_step(const std::vector<std::int64_t> &phases, std::int32_t hop) {
  const auto period = static_cast<std::int64_t>(phases.size());
  std::vector<std::int64_t> steps;
  for (std::int64_t frame = 0; frame < std::lcm(period, std::int64_t{hop}); ++frame) {
    if (frame % hop == 0) steps.push_back(0);
    steps.back() += phases[static_cast<std::size_t>(frame % period)];
  }
  return steps;
}

StepMacs macs_of(const stream::StreamPlan &plan, std::int32_t hop) {
  const stream::Recording &recording = plan.recording;
  const stream::StreamWork work = stream::stream_work(recording.graph, recording.axes, recording.rates);
  const std::vector<std::int64_t> critical = by_step(work.critical_phases, hop);
  return {by_step(work.phases, hop), *std::max_element(critical.begin(), critical.end())};
}

Result<WithoutExtras> plan_without_extras(const Graph &graph, stream::StreamOptions options,
                                          std::int32_t hop) {
  options.extras = {};
  const auto plan = stream::plan_stream(graph, options);
  if (!plan) return tl::unexpected(plan.error());
  return WithoutExtras{macs_of(*plan, hop), region_bytes(plan->schedule, true),
                       region_bytes(plan->schedule, false)};
}

}  // namespace

double StepMacs::average() const {
  const std::int64_t sum = std::accumulate(steps.begin(), steps.end(), std::int64_t{0});
  return static_cast<double>(sum) / static_cast<double>(steps.size());
}

std::int64_t StepMacs::peak() const {
  return *std::max_element(steps.begin(), steps.end());
}

Result<StreamNetwork> plan_without_states(Graph file, const StreamRequest &request) {
  auto batch = stream::without_states(file, request.axis);
  if (!batch) return tl::unexpected(batch.error());
  auto network = network_of(std::move(batch->graph), request.compile);
  if (!network) return tl::unexpected(network.error());
  StreamRequest known = request;
  known.axis = batch->axis;
  if (known.hop == 0) known.hop = batch->frames;
  auto stream = plan_stream_network(std::move(*network), known);
  if (stream) stream->stateful = std::make_shared<const Graph>(std::move(file));
  return stream;
}

Result<StreamNetwork> plan_stream_network(const StreamRequest &request) {
  auto network = read_network(request.compile);
  if (!network) return tl::unexpected(network.error());
  return plan_stream_network(std::move(*network), request);
}

Result<StreamNetwork> plan_stream_network(Network network, const StreamRequest &request) {
  std::size_t moved = 0;
  if (request.causal) {
    const auto axes = stream::find_time(*network.graph, request.axis);
    if (!axes) return tl::unexpected(axes.error());
    stream::Causal causal = stream::make_causal(*network.graph, *axes);
    moved = causal.moved.size();
    network.graph = std::make_shared<const Graph>(std::move(causal.graph));
  }
  stream::StreamOptions options;
  options.axis = request.axis;
  options.mode = request.mode;
  options.kernels = network.profile.kernels;
  options.extras = request.extras;
  auto plan = stream::plan_stream(*network.graph, options);
  if (!plan) return tl::unexpected(plan.error());
  StreamNetwork stream{request, std::move(network), {}, std::move(*plan), {}, {}, {}, {}, {}, {}};
  stream.request.hop = std::max(request.hop, 1);
  stream.made_causal = moved;
  auto ending = stream::stream_ending(stream.plan.recording);
  if (ending) stream.ending = std::move(*ending);
  if (!ending) stream.no_flush = ending.error().lines[0].reason;
  stream.macs = macs_of(stream.plan, stream.request.hop);
  if (request.extras.any()) {
    auto without = plan_without_extras(*stream.network.graph, options, stream.request.hop);
    if (!without) return tl::unexpected(without.error());
    stream.without_extras = std::move(*without);
  }
  stream.agreement = stream::window_agreement(*stream.network.graph, stream.plan.axes, stream.plan.rates);
  if (auto ok = check_ram_limit(request.compile, total_bytes(stream.schedule().regions)); !ok)
    return tl::unexpected(ok.error());
  return stream;
}

Result<EmittedProgram> emit_stream(const StreamNetwork &stream) {
  EmitOptions options = emit_options(stream.network, canonical_options(stream));
  options.frames_per_step = stream.request.hop;
  options.ending = stream.ending;
  options.no_flush = stream.no_flush;
  return emit(stream.schedule(), options);
}

std::int64_t region_bytes(const Schedule &schedule, bool state) {
  std::int64_t bytes = 0;
  for (const MemoryRegion &region : schedule.regions) {
    if ((region.kind == RegionKind::state) == state) bytes += region.size;
  }
  return bytes;
}

std::int64_t state_bytes(const StreamNetwork &stream) {
  return region_bytes(stream.schedule(), true);
}

std::int64_t call_bytes(const StreamNetwork &stream) {
  return region_bytes(stream.schedule(), false);
}

std::int64_t sum_bytes(const StreamNetwork &stream) {
  const Schedule &schedule = stream.schedule();
  std::int64_t bytes = 0;
  for (const Buffer &buffer : schedule.buffers) {
    if (!stream.without_extras || buffer.tensor == kNone) continue;
    const bool sums = schedule.graph->tensor(buffer.tensor).type == ElementType::int32;
    if (sums && survives_calls(schedule, buffer)) bytes += buffer.size;
  }
  return bytes;
}

std::int64_t counter_bytes(const StreamNetwork &stream) {
  std::int64_t bytes = 0;
  for (const Buffer &buffer : stream.schedule().buffers) {
    if (buffer.kind == BufferKind::cursors) bytes += buffer.size;
  }
  return bytes;
}

std::int64_t most_flushed(const StreamNetwork &stream) {
  const Graph &graph = stream.plan.recording.graph;
  return stream.ending.most(producers(graph)[static_cast<std::size_t>(graph.outputs[0])]);
}

std::int64_t outputs_within(const StreamNetwork &stream, std::int64_t calls) {
  const std::int64_t since = calls - 1 - stream.plan.first_output;
  return since < 0 ? 0 : since / stream.plan.output_period + 1;
}

}  // namespace thimble::report
