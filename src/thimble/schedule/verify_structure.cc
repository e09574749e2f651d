#include <algorithm>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/time_loop.h"
#include "thimble/schedule/variant.h"
#include "thimble/schedule/verify_buffers.h"

namespace thimble {
namespace {

bool in_range(std::int64_t index, std::size_t size) {
  return index >= 0 && index < static_cast<std::int64_t>(size);
}

std::string stage_text(std::size_t stage) {
  return "stage " + std::to_string(stage) + ": ";
}

/// The first axis of input 0 that is reduced, or kNone. Footprints reduce an axis only where sums over
/// ascending parts keep the order of additions: a float 3x3 convolution has no such axis, a 1x1 convolution
/// has.
int reduced_axis(const Graph &graph, const Op &op) {
  if (op.inputs.empty() || op.inputs[0] == kNone) return kNone;
  const Footprint reads = footprint(graph, op, 0);
  const auto found = std::find_if(reads.begin(), reads.end(),
                                  [](const AxisMap &map) { return map.kind == AxisMap::Kind::accumulate; });
  return found == reads.end() ? kNone : static_cast<int>(found - reads.begin());
}

/// Verifies one stage; the indices of its operators are known to be valid.
class StageVerifier {
 public:
  StageVerifier(const Schedule &schedule, std::size_t index, const std::vector<bool> &leaves)
      : graph_(*schedule.graph),
        stage_(schedule.stages[index]),
        is_stream_(schedule.time.has_value()),
        place_(stage_text(index)),
        leaves_(leaves) {}

  Result<void> verify() const {
    for (std::size_t i = 0; i < stage_.ops.size(); ++i) {
      if (Result<void> ok = verify_op(i); !ok) return ok;
    }
    for (std::size_t i = 0; i < stage_.loops.size(); ++i) {
      if (Result<void> ok = verify_loop(i); !ok) return ok;
    }
    for (std::size_t i = 0; i < stage_.inner.size(); ++i) {
      if (Result<void> ok = verify_inner(i); !ok) return ok;
    }
    return {};
  }

 private:
  const Op &op_at(std::size_t position) const { return graph_.op(stage_.ops[position].op); }
  const Op &driver() const { return op_at(stage_.ops.size() - 1); }

  tl::unexpected<Error> refuse(const Op &op, const std::string &reason) const {
    return failure(at_op(graph_, op, place_ + reason));
  }
  tl::unexpected<Error> refuse(TensorId tensor, const std::string &reason) const {
    Diagnostic line;
    line.file = graph_.file;
    line.tensor = graph_.tensor(tensor).name;
    line.reason = place_ + reason;
    return failure(std::move(line));
  }

  std::size_t position_of(TensorId tensor) const {
    std::size_t position = 0;
    while (position < stage_.ops.size() && op_at(position).output() != tensor) ++position;
    return position;
  }

  /// 0 for call, 1 for the outermost loop, ...; -1 for a level that the stage does not loop over.
  int depth_of(Level level) const {
    if (level == Level::call) return 0;
    for (std::size_t i = 0; i < stage_.loops.size(); ++i) {
      if (stage_.loops[i].level == level) return static_cast<int>(i) + 1;
    }
    return -1;
  }

  Result<void> verify_op(std::size_t position) const {
    const StageOp &stage_op = stage_.ops[position];
    const Op &op = op_at(position);
    if (!in_range(stage_op.variant, kernel_variants(op).size())) {
      return refuse(op, "kernel variant " + std::to_string(stage_op.variant) + " does not exist");
    }
    const KernelVariant &variant = kernel_variants(op)[static_cast<std::size_t>(stage_op.variant)];
    if (variant.applies != nullptr && !variant.applies(graph_, op))
      return refuse(op, std::string("kernel variant '") + variant.name + "' cannot compute it exactly");
    if (variant.remembers && !is_stream_)
      return refuse(op, std::string("kernel variant '") + variant.name + "' is for streams");
    if (!is_stream_ && (stage_op.period != 1 || stage_op.offset != 0)) {
      return refuse(op, "fires only in some calls, which only streams can do");
    }
    if (position_of(op.output()) != position) return refuse(op, "is twice in the stage");
    bool read_here = false;
    for (std::size_t other = 0; other < stage_.ops.size(); ++other) {
      const std::vector<TensorId> &inputs = op_at(other).inputs;
      if (std::find(inputs.begin(), inputs.end(), op.output()) == inputs.end()) continue;
      if (other <= position) return refuse(op, "comes after an operator that reads its output");
      read_here = true;
    }
    if (!read_here && !leaves_[position] && position + 1 < stage_.ops.size()) {
      return refuse(op, "would never fire: nobody in or after the stage needs its output");
    }
    return {};
  }

  Result<void> verify_loop(std::size_t position) const {
    const Loop &loop = stage_.loops[position];
    const std::string name = std::string(name_of(loop.level)) + " loop";
    if (loop.level == Level::call) return refuse(driver(), "loops over calls, which only streams can do");
    if (depth_of(loop.level) != static_cast<int>(position) + 1)
      return refuse(driver(), "has two loops at one level");
    if (loop.step <= 0) return refuse(driver(), name + " has a step of " + std::to_string(loop.step));
    // A level that the driver's output has no axis for runs once: only what is computed inside has one.
    if (!loop.reduction) return {};
    const int axis = reduced_axis(graph_, driver());
    const int walked = axis == kNone ? kNone : axis_of(loop.level, graph_.tensor(driver().inputs[0]).rank());
    if (axis == kNone || axis != walked)
      return refuse(driver(), name + " cuts a reduction that there is not");
    if (!kernel_variants(driver())[static_cast<std::size_t>(stage_.ops.back().variant)].partial_reduction) {
      return refuse(driver(), "the kernel variant cannot sum in parts");
    }
    const auto reductions = std::count_if(stage_.loops.begin(), stage_.loops.end(),
                                          [](const Loop &other) { return other.reduction; });
    if (reductions > 1) return refuse(driver(), "has two loops over the reduction");
    return {};
  }

  Result<void> verify_inner(std::size_t index) const {
    const StageTensor &inner = stage_.inner[index];
    if (!in_range(inner.tensor, graph_.tensors.size())) {
      return failure(place_ + "tensor " + std::to_string(inner.tensor) + " does not exist");
    }
    const std::size_t position = position_of(inner.tensor);
    if (position == stage_.ops.size()) return refuse(inner.tensor, "is not made in the stage");
    if (position + 1 == stage_.ops.size())
      return refuse(inner.tensor, "is the driver's, which the loops place");
    for (std::size_t other = 0; other < index; ++other) {
      if (stage_.inner[other].tensor == inner.tensor) return refuse(inner.tensor, "is listed twice");
    }
    const int compute_depth = depth_of(inner.compute_at);
    const int store_depth = depth_of(inner.store_at);
    if (compute_depth < 0) return refuse(inner.tensor, "is computed at a level that is no loop of the stage");
    if (store_depth < 0) return refuse(inner.tensor, "is stored at a level that is no loop of the stage");
    if (store_depth > compute_depth)
      return refuse(inner.tensor, "is stored inside the loop that computes it");
    if (inner.step <= 0) return refuse(inner.tensor, "has a step of " + std::to_string(inner.step));
    if (compute_depth > 0 && axis_of(inner.compute_at, graph_.tensor(inner.tensor).rank()) == kNone) {
      return refuse(inner.tensor, std::string("has no axis for the level ") + name_of(inner.compute_at));
    }
    if (leaves_[position] && store_depth > 0) {
      return refuse(inner.tensor, "leaves the stage and must be stored at call");
    }
    return inner.within == kNone ? Result<void>{} : verify_within(inner, position);
  }

  const StageTensor *find_inner(TensorId tensor) const {
    const auto found = std::find_if(stage_.inner.begin(), stage_.inner.end(),
                                    [&](const StageTensor &other) { return other.tensor == tensor; });
    return found == stage_.inner.end() ? nullptr : &*found;
  }

  /// A window inside the rows of a pixel FIFO is read by the FIFO's operator and by windows inside the same
  /// rows only: others would find it in whatever state the FIFO has left it.
  Result<void> verify_within(const StageTensor &inner, std::size_t position) const {
    if (inner.store_at != Level::row || inner.compute_at != Level::column)
      return refuse(inner.tensor, "is inside the rows of another tensor, and no window");
    const StageTensor *owner = find_inner(inner.within);
    const int row = depth_of(Level::row);
    const bool raster = owner != nullptr && owner->compute_at == Level::column && owner->within == kNone &&
                        depth_of(owner->store_at) < row && row < depth_of(Level::column) &&
                        axis_of(Level::row, graph_.tensor(inner.within).rank()) != kNone;
    if (!raster) return refuse(inner.tensor, "is inside the rows of a tensor that is no pixel FIFO");
    for (std::size_t other = position + 1; other < stage_.ops.size(); ++other) {
      const std::vector<TensorId> &inputs = op_at(other).inputs;
      if (std::find(inputs.begin(), inputs.end(), inner.tensor) == inputs.end()) continue;
      const TensorId output = op_at(other).output();
      const StageTensor *reader = find_inner(output);
      if (output == inner.within || (reader != nullptr && reader->within == inner.within)) continue;
      return refuse(inner.tensor, "is a window that is read outside of its rows");
    }
    return {};
  }

  const Graph &graph_;
  const Stage &stage_;
  bool is_stream_;
  std::string place_;
  const std::vector<bool> &leaves_;
};

Result<void> verify_indices(const Schedule &schedule) {
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    if (schedule.stages[s].ops.empty()) return failure(stage_text(s) + "has no operator");
    for (const StageOp &op : schedule.stages[s].ops) {
      if (in_range(op.op, schedule.graph->ops.size())) continue;
      return failure(stage_text(s) + "operator " + std::to_string(op.op) + " does not exist");
    }
  }
  return {};
}

/// Stages in an order in which they can be executed; every operator somewhere; whole inputs before everything
/// else, since the caller puts them in place before the run. A stage of a stream may read what calls before
/// have made: `check` knows what is there.
Result<void> verify_order(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const std::vector<OpId> producer = producers(graph);
  std::vector<bool> made(graph.ops.size(), false);
  bool computing = false;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const std::vector<StageOp> &ops = schedule.stages[s].ops;
    for (const StageOp &op : ops) made[static_cast<std::size_t>(op.op)] = true;
    for (const StageOp &op : ops) {
      for (TensorId input : graph.op(op.op).inputs) {
        const OpId by = input == kNone ? kNone : producer[static_cast<std::size_t>(input)];
        if (by == kNone || made[static_cast<std::size_t>(by)] || schedule.time) continue;
        return failure(
            at_op(graph, graph.op(op.op),
                  stage_text(s) + "reads '" + graph.tensor(input).name + "' before any stage makes it"));
      }
    }
    const bool arrivals =
        std::all_of(ops.begin(), ops.end(), [&](const StageOp &op) { return graph.op(op.op).is<Input>(); });
    if (arrivals && computing && !schedule.time) {
      return failure(
          at_op(graph, graph.op(ops[0].op), stage_text(s) + "whole inputs must come before computation"));
    }
    computing = computing || !arrivals;
  }
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    if (!made[id]) return failure(at_op(graph, graph.ops[id], "is in no stage of the schedule"));
  }
  return {};
}

}  // namespace

Result<void> verify_structure(const Schedule &schedule) {
  if (schedule.graph == nullptr) return failure("the schedule has no graph");
  if (schedule.time) {
    if (Result<void> none = expect_no_states(*schedule.graph, "a loop over time"); !none) return none;
  }
  if (Result<void> ok = verify_indices(schedule); !ok) return ok;
  if (Result<void> ok = verify_order(schedule); !ok) return ok;
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    if (Result<void> ok = StageVerifier(schedule, s, leaves[s]).verify(); !ok) return ok;
  }
  if (schedule.time) {
    if (Result<void> ok = verify_time(schedule); !ok) return ok;
  }
  return verify_buffers(schedule);
}

}  // namespace thimble
