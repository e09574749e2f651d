#include "thimble/stream/plan_stream.h"

#include <algorithm>

#include "thimble/base/checked.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/offsets.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/measure.h"
#include "thimble/schedule/running_window.h"
#include "thimble/schedule/time_loop.h"
#include "thimble/schedule/variant.h"
#include "thimble/stream/timing.h"
#include "thimble/stream/work.h"

namespace thimble::stream {
namespace {

constexpr std::int32_t kArena = 0, kState = 1;
/// Longer recordings take too long to prove and to compile.
constexpr std::int64_t kMostCalls = std::int64_t{1} << 17;

/// The graph's order; those first that fire before the frame, and those that need nothing of it, but fire in
/// the step, ahead of what writes over what they read.
std::vector<OpId> order_of(const Recording &recording) {
  const Graph &graph = recording.graph;
  const std::vector<OpId> made_by = producers(graph);
  std::vector<OpId> order;
  std::vector<std::vector<OpId>> ahead(graph.ops.size());
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    const OpRate &rate = recording.rates.ops[o];
    if (!rate.before) continue;
    const OpId maker = made_by[static_cast<std::size_t>(graph.ops[o].inputs[0])];
    (rate.within ? ahead[static_cast<std::size_t>(maker)] : order).push_back(static_cast<OpId>(o));
  }
  for (std::size_t o = 0; o < graph.ops.size(); ++o) {
    order.insert(order.end(), ahead[o].begin(), ahead[o].end());
    if (!recording.rates.ops[o].before) order.push_back(static_cast<OpId>(o));
  }
  return order;
}

/// One operator per stage.
Schedule stages_of(const Recording &recording) {
  Schedule schedule;
  schedule.graph = std::make_shared<const Graph>(recording.graph);
  TimeLoop &time = schedule.time.emplace();
  for (const TimeAxis &axis : recording.axes.tensors) time.tensors.push_back({axis.axis, axis.grain});
  for (const OpId id : order_of(recording)) {
    const TensorRate &rate = recording.rates.of(recording.graph.op(id).output());
    const OpRate &fires = recording.rates.ops[static_cast<std::size_t>(id)];
    StageOp op{id};
    op.period = static_cast<std::int32_t>(rate.step);
    op.offset = static_cast<std::int32_t>(rate.offset);
    time.first = std::min(time.first, op.offset);
    time.before += fires.before && !fires.within ? 1 : 0;
    schedule.stages.push_back({{op}, {}, {}, 0});
  }
  schedule.regions = {{"step", RegionKind::arena}, {"state", RegionKind::state}};
  return schedule;
}

/// Rings survive the call where something of them is needed after it.
void add_tensors(Schedule &schedule, const Rings &rings, std::int32_t alignment) {
  const Graph &graph = *schedule.graph;
  for (const Ring &ring : rings.rings) {
    const TimeSpan &time = schedule.time->tensors[static_cast<std::size_t>(ring.tensor)];
    const Tensor &tensor = graph.tensor(ring.tensor);
    Buffer buffer;
    buffer.tensor = ring.tensor;
    buffer.layout = Layout::whole(tensor);
    std::int32_t &fold = buffer.layout.fold[static_cast<std::size_t>(time.axis)];
    fold = static_cast<std::int32_t>(std::min<std::int64_t>(fold, ring.length * time.grain));
    // So it does where it lives from what is done before the frame to the step: between the two other streams
    // may use what lives in a call only.
    const bool survives = ring.kept > 0 || ring.carried;
    buffer.kind = survives ? BufferKind::state : BufferKind::ring;
    buffer.region = survives ? kState : kArena;
    buffer.size = buffer.layout.bytes();
    buffer.alignment = std::max(alignment, buffer.layout.element_size);
    schedule.buffers.push_back(std::move(buffer));
  }
}

/// After so many calls all places have been gone through twice.
Result<std::int64_t> calls_to_prove(const Schedule &schedule) {
  std::int64_t calls = 1;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const auto places = repetition(schedule, static_cast<std::int32_t>(s));
    if (!places) return tl::unexpected(places.error());
    const StageOp &driver = schedule.stages[s].ops[0];
    const std::int64_t elements = std::int64_t{places->begin} + 2 * places->count;
    calls = std::max(calls, driver.offset + driver.period * elements);
  }
  if (calls > kMostCalls) {
    return failure({schedule.graph->file, kNone, "", "",
                    "has rings whose places repeat only after " + std::to_string(calls) + " frames", ""});
  }
  return calls;
}

/// Means over much more than their sums take are made of sums that run along.
void choose_running_sums(Schedule &schedule) {
  constexpr std::int64_t kElementsPerSum = 32;
  const Graph &graph = *schedule.graph;
  for (Stage &stage : schedule.stages) {
    const Op &op = graph.op(stage.ops[0].op);
    const auto window = running_window(graph, op);
    if (!window) continue;
    const TimeSpan &time = schedule.time->tensors[static_cast<std::size_t>(op.output())];
    if (window->axis != time.axis || time.grain != 1) continue;
    if (std::int64_t{window->length} * window->rows < kElementsPerSum) continue;
    const std::span<const KernelVariant> variants = kernel_variants(op);
    const auto running = std::find_if(variants.begin(), variants.end(),
                                      [](const KernelVariant &variant) { return variant.remembers; });
    stage.ops[0].variant = static_cast<std::int32_t>(running - variants.begin());
  }
}

void add_scratch(Schedule &schedule, std::int32_t alignment) {
  const Graph &graph = *schedule.graph;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const StageOp &driver = schedule.stages[s].ops[0];
    const Op &op = graph.op(driver.op);
    const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(driver.variant)];
    Buffer buffer;
    buffer.kind = BufferKind::scratch;
    buffer.op = driver.op;
    buffer.stage = static_cast<std::int32_t>(s);
    buffer.region = variant.remembers ? kState : kArena;
    buffer.size = variant.scratch_bytes(graph, op, time_tile(schedule, driver.op, 0));
    buffer.alignment = std::max(alignment, variant.remembers ? 4 : 8);
    if (buffer.size > 0) schedule.buffers.push_back(std::move(buffer));
  }
}

/// What stages count, and the stream its calls where some stage is not for all of them.
Result<void> add_cursors(Schedule &schedule, std::int32_t alignment) {
  const auto add = [&](std::int32_t stage, std::int64_t bytes, std::int32_t own) {
    Buffer buffer;
    buffer.kind = BufferKind::cursors;
    buffer.stage = stage;
    buffer.region = kState;
    buffer.size = bytes;
    // Counters lie side by side: nothing but their own alignment matters to them.
    buffer.alignment = std::min(own, alignment);
    schedule.buffers.push_back(std::move(buffer));
  };
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const auto need = cursor_need(schedule, static_cast<std::int32_t>(s));
    if (!need) return tl::unexpected(need.error());
    if (need->bytes > 0) add(static_cast<std::int32_t>(s), need->bytes, need->alignment);
  }
  if (phase_counter_bytes(schedule) > 0)
    add(kNone, phase_counter_bytes(schedule), static_cast<std::int32_t>(phase_counter_bytes(schedule)));
  return {};
}

/// State one behind the other, wide alignments first; what lives in a call only where it is smallest.
void place_buffers(Schedule &schedule, std::int32_t alignment) {
  const std::vector<Lifetime> lifetimes = measure_buffer_lifetimes(schedule);
  std::vector<Block> blocks;
  std::vector<std::size_t> in_call, survivors;
  for (std::size_t b = 0; b < schedule.buffers.size(); ++b) {
    Buffer &buffer = schedule.buffers[b];
    const bool survives = survives_calls(schedule, buffer);
    buffer.first = survives ? 0 : lifetimes[b].first;
    buffer.last = survives ? static_cast<std::int64_t>(schedule.stages.size()) - 1 : lifetimes[b].last;
    (survives ? survivors : in_call).push_back(b);
  }
  for (const std::size_t b : in_call) {
    const Buffer &buffer = schedule.buffers[b];
    blocks.push_back({buffer.size, buffer.alignment, buffer.first, buffer.last});
  }
  const ExactPlacement placement = place_exact(blocks);
  for (std::size_t i = 0; i < in_call.size(); ++i) schedule.buffers[in_call[i]].offset = placement.offsets[i];
  schedule.regions[kArena].size = align_up(placement.size, alignment);
  std::stable_sort(survivors.begin(), survivors.end(), [&](std::size_t a, std::size_t b) {
    return schedule.buffers[a].alignment > schedule.buffers[b].alignment;
  });
  std::int64_t end = 0;
  for (const std::size_t b : survivors) {
    Buffer &buffer = schedule.buffers[b];
    buffer.offset = align_up(end, buffer.alignment);
    end = buffer.offset + buffer.size;
  }
  // Where nothing is kept there is still something that a caller can hand over as the state.
  schedule.regions[kState].size = align_up(std::max<std::int64_t>(end, 1), alignment);
}

/// Working memory of faster kernels may make what a call uses grow, by no more than a sixteenth of all memory
/// or 320 bytes.
void take_fast_kernels(Schedule &schedule, KernelSet kernels) {
  constexpr std::int64_t kPart = 16, kMost = 320;
  const std::int64_t growth = std::min(total_bytes(schedule.regions) / kPart, kMost);
  choose_kernels(schedule, kernels, schedule.regions[kArena].size + growth);
}

/// Memory that nothing lies in is none.
void drop_empty_regions(Schedule &schedule) {
  if (schedule.regions[kArena].size > 0) return;
  schedule.regions.erase(schedule.regions.begin());
  for (Buffer &buffer : schedule.buffers) buffer.region = 0;
}

void choose_times(Recording &recording) {
  const StreamWork work = stream_work(recording.graph, recording.axes, recording.rates);
  const std::vector<Firing> firings =
      firing_times(recording.graph, recording.rates, work.firing, recording.parts);
  recording.rates = at_times(recording.graph, std::move(recording.rates), firings);
}

std::int32_t frames_of(const Graph &graph, const TimeAxes &axes) {
  return axes.of(graph.inputs[0]).length;
}

/// The schedule of a recording that is long enough for what it has to be proved by. Places in rings do not
/// depend on how long it is.
Result<void> make_schedule(const Graph &graph, StreamPlan &plan, const StreamOptions &options) {
  // Some more than a window, for what is one element there has its place among others here.
  const std::int64_t window = frames_of(graph, plan.axes);
  std::int64_t first = 0, last = window;
  for (const TensorRate &rate : plan.rates.tensors) {
    first = std::min(first, rate.offset);
    last = std::max(last, rate.offset);
  }
  std::int64_t frames = last - first + 4 * plan.rates.period;
  for (bool long_enough = false; !long_enough;) {
    // Whole periods more than a window, so that tensors that can be joined there can be joined here.
    frames = window + align_up(frames - window, plan.rates.period);
    auto recording = lengthen(graph, plan.axes, plan.rates, static_cast<std::int32_t>(frames));
    if (!recording) return tl::unexpected(recording.error());
    auto parts = in_parts(*recording, options.extras);
    if (!parts) return tl::unexpected(parts.error());
    plan.recording = std::move(parts->recording);
    plan.cut = parts->cut;
    plan.whole = std::move(parts->whole);
    choose_times(plan.recording);
    const TensorRate &due = plan.recording.rates.of(plan.recording.graph.outputs[0]);
    plan.first_output = due.offset;
    plan.output_period = due.step;
    plan.schedule = stages_of(plan.recording);
    const Rings rings = stream_rings(plan.recording.graph, plan.recording.axes, plan.recording.rates,
                                     std::vector<bool>(plan.recording.graph.ops.size(), false));
    add_tensors(plan.schedule, rings, options.alignment);
    const auto calls = calls_to_prove(plan.schedule);
    if (!calls) return tl::unexpected(calls.error());
    plan.schedule.time->end = static_cast<std::int32_t>(*calls);
    // What fires ahead of the frames needs their places.
    const std::int64_t needed = *calls - plan.schedule.time->first;
    long_enough = needed <= frames;
    frames = std::max(frames, needed);
  }
  choose_running_sums(plan.schedule);
  add_scratch(plan.schedule, options.alignment);
  if (auto ok = add_cursors(plan.schedule, options.alignment); !ok) return ok;
  place_buffers(plan.schedule, options.alignment);
  take_fast_kernels(plan.schedule, options.kernels);
  drop_empty_regions(plan.schedule);
  const auto proof = check(plan.schedule);
  if (!proof) return tl::unexpected(proof.error());
  return {};
}

Result<void> expect_one_output(const Graph &graph) {
  if (graph.outputs.size() == 1) return {};
  return failure({graph.file, kNone, "", "",
                  "has " + std::to_string(graph.outputs.size()) + " outputs, but a step hands out one",
                  "stream a network with one output"});
}

}  // namespace

Result<StreamPlan> plan_stream(const Graph &graph, const StreamOptions &options) {
  if (auto ok = expect_one_output(graph); !ok) return tl::unexpected(ok.error());
  if (auto ok = expect_no_states(graph, "a loop over time"); !ok) return tl::unexpected(ok.error());
  auto axes = find_time(graph, options.axis);
  if (!axes) return tl::unexpected(axes.error());
  StreamPlan plan;
  plan.axes = std::move(*axes);
  auto rates = stream_rates(graph, plan.axes, options.mode);
  if (!rates) return tl::unexpected(rates.error());
  plan.rates = std::move(*rates);
  plan.rings = stream_rings(graph, plan.axes, plan.rates);
  if (auto ok = make_schedule(graph, plan, options); !ok) return tl::unexpected(ok.error());
  return plan;
}

}  // namespace thimble::stream
