#include "thimble/plan/states.h"

#include <algorithm>

#include "thimble/graph/edit.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/state_buffers.h"
#include "thimble/schedule/check.h"

namespace thimble {
namespace {

constexpr std::int64_t kNodes = 50'000;

/// Whether the bytes are those of something that arrives, under whatever shape.
bool arrives(const Graph &graph, const std::vector<OpId> &producer, TensorId tensor) {
  const Op *op = &graph.op(producer[static_cast<std::size_t>(tensor)]);
  while (in_place(graph, *op, 0) == InPlace::alias)
    op = &graph.op(producer[static_cast<std::size_t>(op->inputs[0])]);
  return op->is<Input>();
}

/// A slice that takes everything: the same bytes at a place of their own.
Op copy_of(Graph &graph, TensorId tensor) {
  Tensor copy = graph.tensor(tensor);
  copy.name += " (kept)";
  const std::size_t rank = copy.shape.size();
  StridedSlice all;
  all.begin.assign(rank, 0);
  all.stride.assign(rank, 1);
  all.extent = copy.shape;
  all.shrink.assign(rank, false);
  return {std::move(all), {tensor}, {add_tensor(graph, std::move(copy))}, kNone};
}

Result<Schedule> place(Schedule schedule, std::shared_ptr<const Graph> graph, std::int32_t alignment) {
  schedule.graph = std::move(graph);
  const BufferOptions buffers{alignment, false, kNodes, true};
  if (auto ok = plan_state_buffers(schedule, buffers); !ok) return tl::unexpected(ok.error());
  return schedule;
}

/// Working memory of faster kernels may make what a call uses grow, by no more than a sixteenth of all memory
/// or 320 bytes.
void take_fast_kernels(Schedule &schedule, KernelSet kernels, const PlanOptions &options) {
  constexpr std::int64_t kPart = 16, kMost = 320;
  const std::int64_t all = total_bytes(schedule.regions);
  std::int64_t growth = std::min(all / kPart, kMost);
  if (options.ram_limit) growth = std::clamp<std::int64_t>(*options.ram_limit - all, 0, growth);
  choose_kernels(schedule, kernels, schedule.regions[kStepRegion].size + growth);
}

/// Memory that nothing lies in is none.
void drop_empty_region(Schedule &schedule) {
  if (schedule.regions[kStepRegion].size > 0) return;
  schedule.regions.erase(schedule.regions.begin());
  for (Buffer &buffer : schedule.buffers) buffer.region = 0;
}

}  // namespace

Result<Graph> separate_states(Graph graph) {
  const std::vector<OpId> producer = producers(graph);
  std::vector<bool> apart;
  for (const State &state : graph.states) apart.push_back(!arrives(graph, producer, state.written));
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    if (apart[s]) continue;
    Op copy = copy_of(graph, graph.states[s].written);
    graph.states[s].written = copy.output();
    graph.ops.push_back(std::move(copy));
  }
  if (auto ok = verify(graph); !ok) return tl::unexpected(ok.error());
  return graph;
}

Graph open_states(const Graph &graph) {
  Graph open = graph;
  open.states.clear();
  for (const State &state : graph.states) {
    open.inputs.push_back(state.read);
    if (!contains(open.outputs, state.written)) open.outputs.push_back(state.written);
  }
  return open;
}

Result<Plan> plan_states(const Graph &graph, const PlanOptions &options, KernelSet kernels) {
  auto apart = separate_states(graph);
  if (!apart) return tl::unexpected(apart.error());
  const auto kept = std::make_shared<const Graph>(std::move(*apart));
  const auto open = std::make_shared<const Graph>(open_states(*kept));
  PlanOptions stages = options;
  stages.memories.clear();
  std::optional<Plan> best;
  // Which stages are best in one arena need not be best beside states: those of each space are placed.
  for (const PlanSpace space : {PlanSpace::whole, PlanSpace::lines, PlanSpace::all}) {
    if (space > options.space) break;
    stages.space = space;
    auto plan = search_plan(open, stages);
    if (!plan) return plan;
    auto placed = place(std::move(plan->schedule), kept, options.alignment);
    if (!placed) return tl::unexpected(placed.error());
    plan->schedule = std::move(*placed);
    const bool less = !best || total_bytes(plan->schedule.regions) < total_bytes(best->schedule.regions);
    // A larger space has a lower bound that is lower, and its stages more firings.
    const std::int64_t bound = plan->lower_bound_bytes;
    if (less) best = std::move(*plan);
    best->lower_bound_bytes = bound;
  }
  best->lower_bound_bytes = std::max(best->lower_bound_bytes, state_bytes(*kept));
  take_fast_kernels(best->schedule, kernels, options);
  drop_empty_region(best->schedule);
  if (auto proof = check(best->schedule); !proof) return tl::unexpected(proof.error());
  best->fits = !options.ram_limit || total_bytes(best->schedule.regions) <= *options.ram_limit;
  return std::move(*best);
}

}  // namespace thimble
