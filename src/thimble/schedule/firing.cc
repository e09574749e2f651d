#include "thimble/schedule/firing.h"

#include <algorithm>

#include "thimble/graph/footprint.h"
#include "thimble/schedule/time_loop.h"

namespace thimble {
namespace {

/// A box of an operator's output and a part of its reduction.
struct Work {
  Region region;
  Range reduction;
};

/// begin .. begin + step, not beyond `limit`.
Range piece_of(std::int32_t begin, std::int32_t step, std::int32_t limit) {
  return {begin, step < limit - begin ? begin + step : limit};
}

/// Walks one stage. The driver's loop nest runs outermost; before the driver fires, it *pulls* the parts of
/// its inputs that are not there yet, and so on recursively, row by row. So a ring never needs to hold more
/// rows than its readers' footprint spans:
///
///   conv 3x3 after conv 3x3, one driver row per iteration:   a0 a1 | b0 . a2 | b1 | c0 . a3 | b2 | c1 . ...
class StageWalk {
 public:
  StageWalk(const Schedule &schedule, std::int32_t stage, const std::vector<bool> &leaves,
            std::int64_t &next_index, const std::function<void(const Firing &)> &visit)
      : graph_(*schedule.graph),
        stage_(schedule.stages[static_cast<std::size_t>(stage)]),
        stage_index_(stage),
        next_index_(next_index),
        visit_(visit) {
    for (std::size_t i = 0; i < stage_.ops.size(); ++i) locals_.push_back(make_local(i, leaves[i]));
    for (Local &local : locals_) {
      if (local.owner != kNobody) locals_[local.owner].owns = true;
    }
    scopes_.assign(stage_.loops.size() + 1, std::vector<Region>(locals_.size()));
    row_scopes_.resize(locals_.size());
    scope_used_.assign(scopes_.size(), false);
    for (const Local &local : locals_) {
      scope_used_[0] = true;
      scope_used_[local.store_depth] = true;
      scope_used_[std::max<std::size_t>(local.compute_depth, 1) - 1] = true;
    }
    const auto is_input = [&](const Local &local) { return local.op->is<Input>(); };
    const bool only_inputs = std::all_of(locals_.begin(), locals_.end(), is_input);
    const bool fed = std::any_of(locals_.begin(), locals_.end(), is_input);
    entry_ = only_inputs ? Entry::frame : fed ? Entry::push : Entry::run;
  }

  void walk() {
    const Local &driver = locals_.back();
    enter(0, {Region::whole(graph_.tensor(driver.tensor).shape), {0, driver.reduction}});
    for (std::size_t i = 0; i + 1 < locals_.size(); ++i) {
      if (locals_[i].leaves) drain(i);
    }
  }

 private:
  /// An input of an operator that is made in the same stage.
  struct Edge {
    std::size_t producer = 0;  ///< position in the stage
    Footprint footprint;
  };

  /// An operator of the stage, and how much of its output is there.
  struct Local {
    OpId id = kNone;
    const Op *op = nullptr;
    std::int32_t variant = 0;
    TensorId tensor = kNone;     ///< the output
    std::int32_t reduction = 1;  ///< extent
    std::vector<Edge> edges;
    bool leaves = false;
    std::size_t compute_depth = 0;  ///< loops that are fixed where it is computed
    std::size_t store_depth = 0;    ///< loops that are fixed where it is stored
    int axis = kNone;               ///< along which it grows; kNone: whole in one firing
    int row_axis = kNone;           ///< of a pixel FIFO, which grows in raster order; else kNone
    std::int32_t step = 1;
    std::size_t owner = kNobody;  ///< position of the FIFO whose rows begin this window anew
    bool owns = false;            ///< begins windows anew with each of its rows
    Region present;
  };
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  std::size_t depth_of(Level level) const {
    for (std::size_t i = 0; i < stage_.loops.size(); ++i) {
      if (stage_.loops[i].level == level) return i + 1;
    }
    return 0;
  }

  Local make_local(std::size_t position, bool leaves) const {
    const StageOp &stage_op = stage_.ops[position];
    Local local;
    local.id = stage_op.op;
    local.op = &graph_.op(stage_op.op);
    local.variant = stage_op.variant;
    local.tensor = local.op->output();
    local.reduction = reduction_extent(graph_, *local.op);
    local.leaves = leaves;
    for (std::size_t j = 0; j < local.op->inputs.size(); ++j) {
      const TensorId input = local.op->inputs[j];
      for (std::size_t producer = 0; producer < position && input != kNone; ++producer) {
        if (locals_[producer].tensor != input) continue;
        local.edges.push_back({producer, footprint(graph_, *local.op, static_cast<int>(j))});
      }
    }
    const int rank = graph_.tensor(local.tensor).rank();
    local.present = Region::nothing(rank);
    for (const StageTensor &inner : stage_.inner) {
      if (inner.tensor != local.tensor) continue;
      local.compute_depth = depth_of(inner.compute_at);
      local.store_depth = depth_of(inner.store_at);
      local.axis = axis_of(inner.compute_at, rank);
      local.step = inner.step;
      const std::size_t row_depth = depth_of(Level::row);
      if (inner.compute_at == Level::column && local.store_depth < row_depth &&
          row_depth < local.compute_depth) {
        local.row_axis = axis_of(Level::row, rank);
      }
      for (std::size_t owner = position + 1; owner < stage_.ops.size() && inner.within != kNone; ++owner) {
        if (graph_.op(stage_.ops[owner].op).output() == inner.within) local.owner = owner;
      }
    }
    return local;
  }

  /// Calls `visit(producer, region)` for what a firing reads of tensors made in this stage.
  template <class Visit>
  void for_each_need(std::size_t local, const Region &tile, const Range &reduction, Visit &&visit) const {
    for (const Edge &edge : locals_[local].edges) {
      const Shape &shape = graph_.tensor(locals_[edge.producer].tensor).shape;
      const Region region = input_region(edge.footprint, shape, tile, reduction);
      if (!region.empty()) visit(edge.producer, region);
    }
  }

  /// Regions of every local tensor that `root` needs for `work`: while the outer `depth` loops stay where
  /// they are.
  void compute_scopes(std::size_t depth, std::size_t root, const Work &work) {
    if (!scope_used_[depth]) return;
    std::vector<Region> &scope = scopes_[depth];
    for (std::size_t i = 0; i < locals_.size(); ++i) {
      const Tensor &tensor = graph_.tensor(locals_[i].tensor);
      const bool needed_whole = depth == 0 && locals_[i].leaves;
      scope[i] = needed_whole ? Region::whole(tensor.shape) : Region::nothing(tensor.rank());
    }
    add_needs(scope, root, work);
  }

  void add_needs(std::vector<Region> &scope, std::size_t root, const Work &work) const {
    scope[root] = work.region;
    for (std::size_t i = locals_.size(); i-- > 0;) {
      if (scope[i].empty()) continue;
      const Range reduction = i == root ? work.reduction : Range{0, locals_[i].reduction};
      for_each_need(i, scope[i], reduction, [&](std::size_t producer, const Region &region) {
        scope[producer] = hull(scope[producer], region);
      });
    }
  }

  /// A row of a pixel FIFO begins: its windows start empty.
  void begin_row(std::size_t owner, const Region &row) {
    std::vector<Region> &scope = row_scopes_[owner];
    scope.clear();
    for (const Local &local : locals_) scope.push_back(Region::nothing(local.present.rank));
    add_needs(scope, owner, {row, {0, locals_[owner].reduction}});
    for (Local &local : locals_) {
      if (local.owner == owner) local.present = Region::nothing(local.present.rank);
    }
  }

  /// What is needed of a local tensor while it is stored.
  const Region &stored_scope(std::size_t index) const {
    const Local &local = locals_[index];
    return local.owner == kNobody ? scopes_[local.store_depth][index] : row_scopes_[local.owner][index];
  }

  /// What is stored inside `depth` loops starts empty in each of their iterations.
  void forget_stored_at(std::size_t depth) {
    for (Local &local : locals_) {
      if (local.store_depth != depth || local.owner != kNobody) continue;
      local.present = Region::nothing(local.present.rank);
    }
  }

  /// Runs the loops from `depth` inwards on `work` of the driver.
  void enter(std::size_t depth, const Work &work) {
    compute_scopes(depth, locals_.size() - 1, work);
    forget_stored_at(depth);
    if (depth == stage_.loops.size()) {
      fire(locals_.size() - 1, work.region, work.reduction);
      return;
    }
    const Loop &loop = stage_.loops[depth];
    const int axis = loop.reduction ? kNone : axis_of(loop.level, work.region.rank);
    if (!loop.reduction && axis == kNone) return enter(depth + 1, work);
    const Range all = loop.reduction ? work.reduction : work.region.axis[axis];
    for (Range part = piece_of(all.begin, loop.step, all.end); !part.empty();
         part = piece_of(part.end, loop.step, all.end)) {
      Work inner = work;
      (loop.reduction ? inner.reduction : inner.region.axis[axis]) = part;
      enter(depth + 1, inner);
    }
  }

  void fire(std::size_t index, const Region &tile, const Range &reduction) {
    for_each_need(index, tile, reduction,
                  [&](std::size_t producer, const Region &region) { pull(producer, region); });
    const Local &local = locals_[index];
    Firing firing;
    firing.index = next_index_++;
    firing.stage = stage_index_;
    firing.op = local.id;
    firing.variant = local.variant;
    firing.tile = tile;
    firing.reduction = reduction;
    firing.first = reduction.begin == 0;
    firing.last = reduction.end == local.reduction;
    firing.entry = entry_;
    visit_(firing);
  }

  void fire_whole_reduction(std::size_t index, const Region &tile) {
    fire(index, tile, {0, locals_[index].reduction});
  }

  /// Makes sure that `need` of a local tensor is there.
  void pull(std::size_t index, const Region &need) {
    Local &local = locals_[index];
    if (!local.present.empty() && local.present.contains(need)) return;
    if (local.axis == kNone) {
      local.present = scopes_[0][index];
      fire_whole_reduction(index, local.present);
    } else if (local.row_axis != kNone) {
      pull_raster(index, need);
    } else {
      pull_along_axis(index, need);
    }
  }

  /// The next steps along the axis, up to the last index of `need`. The other axes are those of the scope of
  /// the loops around the one at which it is computed: a whole row of the map, or of the strip.
  void pull_along_axis(std::size_t index, const Region &need) {
    Local &local = locals_[index];
    // A reader that catches up on rows that it skipped needs more than what this iteration needs by itself.
    const bool inside = local.owner != kNobody || local.store_depth >= local.compute_depth;
    const Region scope = hull(inside ? stored_scope(index) : scopes_[local.compute_depth - 1][index], need);
    const Range stored = hull(stored_scope(index), need).axis[local.axis];
    const std::int32_t end = need.axis[local.axis].end;
    const bool fresh = local.present.empty();
    Range grown = fresh ? Range{stored.begin, stored.begin} : local.present.axis[local.axis];
    while (grown.end < end) {
      Region piece = scope;
      piece.axis[local.axis] = piece_of(grown.end, local.step, stored.end);
      grown.end = piece.axis[local.axis].end;
      // Recorded before the firing: pulling the piece's own inputs never asks for this tensor again.
      local.present = fresh ? scope : hull(local.present, scope);
      local.present.axis[local.axis] = grown;
      fire_whole_reduction(index, piece);
    }
  }

  /// Pixels in reading order, up to the last one of `need` and at most `step` columns in one firing: the rest
  /// of a row that was begun, whole rows, and the beginning of the last row; all of it where windows live for
  /// as long as the row is being made, so that windows of different owners need not be there at the same
  /// time. `present` holds whole rows in its row range and, in its column range, how far the newest of them
  /// has come.
  void pull_raster(std::size_t index, const Region &need) {
    Local &local = locals_[index];
    const Region scope = hull(scopes_[local.store_depth][index], need);
    const int rows = local.row_axis;
    const int columns = local.axis;
    const std::int32_t last_row = need.axis[rows].end - 1;
    const bool fresh = local.present.empty();
    std::int32_t row = fresh ? scope.axis[rows].begin : local.present.axis[rows].end - 1;
    std::int32_t column = fresh ? scope.axis[columns].begin : local.present.axis[columns].end;
    for (; row <= last_row; ++row, column = scope.axis[columns].begin) {
      const bool all = row < last_row || local.owns;
      const std::int32_t end = all ? scope.axis[columns].end : need.axis[columns].end;
      for (Range part = piece_of(column, local.step, end); !part.empty();
           part = piece_of(part.end, local.step, end)) {
        Region piece = scope;
        piece.axis[rows] = {row, row + 1};
        piece.axis[columns] = part;
        local.present = scope;
        local.present.axis[rows].end = row + 1;
        local.present.axis[columns].end = part.end;
        if (local.owns && part.begin == scope.axis[columns].begin) {
          Region whole_row = piece;
          whole_row.axis[columns] = scope.axis[columns];
          begin_row(index, whole_row);
        }
        fire_whole_reduction(index, piece);
      }
    }
  }

  /// One output drives a stage; what another is still owed is made at its end, step by step as before, each
  /// step an iteration of its own for what is stored inside loops.
  void drain(std::size_t index) {
    const Local &local = locals_[index];
    const Region whole = Region::whole(graph_.tensor(local.tensor).shape);
    const int grows = local.row_axis != kNone ? local.row_axis : local.axis;
    if (grows == kNone) return pull(index, whole);
    std::int32_t begin = local.present.empty() ? 0 : local.present.axis[grows].end;
    // The newest row of a pixel FIFO may have been begun only.
    if (local.row_axis != kNone && begin > 0) --begin;
    for (Range part = piece_of(begin, local.step, whole.axis[grows].end); !part.empty();
         part = piece_of(part.end, local.step, whole.axis[grows].end)) {
      Region need = whole;
      need.axis[grows] = part;
      for (std::size_t depth = 1; depth < scopes_.size(); ++depth) {
        compute_scopes(depth, index, {need, {0, local.reduction}});
        forget_stored_at(depth);
      }
      pull(index, need);
    }
  }

  const Graph &graph_;
  const Stage &stage_;
  std::int32_t stage_index_;
  std::int64_t &next_index_;
  const std::function<void(const Firing &)> &visit_;
  Entry entry_ = Entry::run;
  std::vector<Local> locals_;                    ///< by position in the stage; the last one is the driver
  std::vector<std::vector<Region>> scopes_;      ///< [loops fixed][local]
  std::vector<std::vector<Region>> row_scopes_;  ///< [FIFO that owns windows][local]: for its current row
  std::vector<bool> scope_used_;                 ///< by loops fixed: whether anyone looks at these scopes
};

/// Calls of a stream: each stage makes the element of time that is due.
void walk_calls(const Schedule &schedule, std::int32_t first_stage, std::int32_t end_stage,
                const std::function<void(const Firing &)> &visit) {
  std::int64_t next_index = 0;
  for (std::int32_t call = schedule.time->first; call < schedule.time->end; ++call) {
    for (std::int32_t stage = first_stage; stage < end_stage; ++stage) {
      const StageOp &driver = schedule.stages[static_cast<std::size_t>(stage)].ops.back();
      const std::int32_t element = element_due(driver, call);
      if (element == kNone) continue;
      Firing firing;
      firing.index = next_index++;
      firing.stage = stage;
      firing.op = driver.op;
      firing.variant = driver.variant;
      firing.tile = time_tile(schedule, driver.op, element);
      firing.reduction = {0, reduction_extent(*schedule.graph, schedule.graph->op(driver.op))};
      firing.entry = call < 0 ? Entry::reset : Entry::step;
      firing.call = call;
      visit(firing);
    }
  }
}

}  // namespace

const char *name_of(Entry entry) {
  switch (entry) {
    case Entry::reset:
      return "reset";
    case Entry::frame:
      return "frame";
    case Entry::push:
      return "push";
    case Entry::step:
      return "step";
    case Entry::run:
      return "run";
  }
  return "?";
}

void for_each_firing(const Schedule &schedule, const std::function<void(const Firing &)> &visit) {
  if (schedule.time) return walk_calls(schedule, 0, static_cast<std::int32_t>(schedule.stages.size()), visit);
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  std::int64_t next_index = 0;
  for (std::size_t stage = 0; stage < schedule.stages.size(); ++stage) {
    StageWalk(schedule, static_cast<std::int32_t>(stage), leaves[stage], next_index, visit).walk();
  }
}

void for_each_firing_of(const Schedule &schedule, std::int32_t stage,
                        const std::function<void(const Firing &)> &visit) {
  if (schedule.time) return walk_calls(schedule, stage, stage + 1, visit);
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  std::int64_t next_index = 0;
  StageWalk(schedule, stage, leaves[static_cast<std::size_t>(stage)], next_index, visit).walk();
}

std::int64_t count_firings(const Schedule &schedule) {
  std::int64_t count = 0;
  for_each_firing(schedule, [&](const Firing &) { ++count; });
  return count;
}

}  // namespace thimble
