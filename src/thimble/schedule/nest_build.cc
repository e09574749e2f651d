#include "thimble/schedule/nest_build.h"

#include <algorithm>

#include "thimble/graph/footprint.h"

namespace thimble::nest {
namespace {

struct Span {
  Ref begin = -1, end = -1;
};
/// A region whose bounds are expressions. `some` is 0 where it is empty; the bounds mean nothing then.
struct Box {
  std::vector<Span> axis;
  Ref some = -1;
};

/// Mirrors StageWalk (firing.cc), statement by statement.
class Builder {
 public:
  Builder(const Schedule &schedule, std::int32_t stage, const std::vector<bool> &leaves)
      : graph_(*schedule.graph), stage_(schedule.stages[static_cast<std::size_t>(stage)]) {
    for (std::size_t i = 0; i < stage_.ops.size(); ++i) locals_.push_back(make_local(i, leaves[i]));
    for (Local &local : locals_) {
      if (local.owner != kNobody) locals_[local.owner].owns = true;
    }
  }

  Result<Stage> make() {
    const auto is_input = [&](const Local &local) { return local.op->is<Input>(); };
    out_.computes = !std::all_of(locals_.begin(), locals_.end(), is_input);
    for (std::size_t i = 0; i < locals_.size() && out_.computes; ++i) {
      if (!is_input(locals_[i])) continue;
      if (out_.row_fed != kNone) {
        return failure(at_op(graph_, *locals_[i].op, "is the second input that is fed by rows to one stage"));
      }
      out_.row_fed = static_cast<std::int32_t>(i);
    }
    out_.functions.resize(locals_.size());
    declare();
    for (std::size_t i = 0; i < locals_.size(); ++i) {
      if (locals_[i].owns) make_row_needs(i);
    }
    if (out_.row_fed != kNone) begun_ = variable(Role::state, "begun");
    for (std::size_t i = 0; i + 1 < locals_.size(); ++i) make_pull(i);
    make_main();
    return std::move(out_);
  }

 private:
  struct Edge {
    std::size_t producer = 0;
    Footprint footprint;
  };
  struct Local {
    OpId id = kNone;
    const Op *op = nullptr;
    const Shape *shape = nullptr;
    std::int32_t reduction = 1;
    std::vector<Edge> edges;
    bool leaves = false;
    std::size_t compute_depth = 0, store_depth = 0;
    int axis = kNone, row_axis = kNone;
    std::int32_t step = 1;
    std::size_t owner = kNobody;           ///< position of the FIFO whose rows begin this window anew
    bool owns = false;                     ///< begins windows anew with each of its rows
    Var rows_begun = -1;                   ///< of a FIFO that owns windows: one past the newest row
    std::vector<Box> row_needs;            ///< of a FIFO that owns windows: by local, for that row
    Var empty = -1;                        ///< 1: nothing is there
    std::vector<Var> begin, end;           ///< of what is there, per axis
    std::vector<std::vector<Span>> scope;  ///< [loops fixed][axis], as variables
    std::vector<Ref> scope_some;           ///< [loops fixed]
    std::vector<Span> need;                ///< parameters of its function
  };
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  // ---- expressions

  Ref add_expression(Expression e) {
    out_.expressions.push_back(e);
    return static_cast<Ref>(out_.expressions.size() - 1);
  }
  Ref number(std::int64_t value) {
    Expression e;
    e.value = value;
    return add_expression(e);
  }
  Ref get(Var variable) {
    Expression e;
    e.kind = Kind::variable;
    e.variable = variable;
    return add_expression(e);
  }
  Ref make(Kind kind, Ref a, Ref b, Ref c = -1) {
    Expression e;
    e.kind = kind;
    e.a = a;
    e.b = b;
    e.c = c;
    return add_expression(e);
  }
  Ref make_with(Kind kind, Ref a, std::int64_t value) {
    Expression e;
    e.kind = kind;
    e.a = a;
    e.value = value;
    return add_expression(e);
  }
  Ref least(Ref a, Ref b) { return make(Kind::min, a, b); }
  Ref most(Ref a, Ref b) { return make(Kind::max, a, b); }
  Ref less(Ref a, Ref b) { return make(Kind::less, a, b); }
  Ref select(Ref condition, Ref yes, Ref no) { return make(Kind::select, condition, yes, no); }
  Ref plus(Ref a, std::int64_t value) { return make(Kind::add, a, number(value)); }
  Var variable(Role role, std::string name) {
    out_.variables.push_back({role, std::move(name)});
    return static_cast<Var>(out_.variables.size() - 1);
  }

  // ---- regions

  Box whole(const Shape &shape) {
    Box box;
    for (std::int32_t length : shape) box.axis.push_back({number(0), number(length)});
    box.some = number(1);
    return box;
  }
  Box nothing(const Shape &shape) {
    Box box = whole(shape);
    box.some = number(0);
    return box;
  }
  bool surely_empty(const Box &box) const {
    return out_.at(box.some).constant() && out_.at(box.some).value == 0;
  }
  Box hull(const Box &a, const Box &b) {
    if (surely_empty(a)) return b;
    if (surely_empty(b)) return a;
    Box box;
    for (std::size_t i = 0; i < a.axis.size(); ++i) {
      const auto either = [&](Ref both, Ref x, Ref y) { return select(a.some, select(b.some, both, x), y); };
      box.axis.push_back({either(least(a.axis[i].begin, b.axis[i].begin), a.axis[i].begin, b.axis[i].begin),
                          either(most(a.axis[i].end, b.axis[i].end), a.axis[i].end, b.axis[i].end)});
    }
    box.some = most(a.some, b.some);
    return box;
  }

  Span followed(const AxisMap &map, const Span &output, std::int32_t length) {
    const auto start = [&](Ref index) {
      return make_with(Kind::floor_div, plus(make_with(Kind::scale, index, map.num), map.offset), map.den);
    };
    Ref one = start(output.begin);
    Ref other = start(plus(output.end, -1));
    if (map.num < 0) std::swap(one, other);
    // Clipped on one side each: where that crosses the bounds, the box is empty and they mean nothing.
    return {most(one, number(0)), least(plus(other, map.extent), number(length))};
  }

  Box input_box(const Footprint &footprint, const Shape &shape, const Box &output, const Span &reduction) {
    Box box = whole(shape);
    bool reduced = false;
    for (std::size_t a = 0; a < footprint.size(); ++a) {
      const AxisMap &map = footprint[a];
      if (map.kind == AxisMap::Kind::follow) {
        const Span from = map.output_axis == kNone ? Span{number(0), number(1)}
                                                   : output.axis[static_cast<std::size_t>(map.output_axis)];
        box.axis[a] = followed(map, from, shape[a]);
      } else if (map.kind == AxisMap::Kind::accumulate) {
        if (!reduced)
          box.axis[a] = {most(reduction.begin, number(0)), least(reduction.end, number(shape[a]))};
        reduced = true;
      }
    }
    box.some = output.some;
    for (const Span &span : box.axis) box.some = least(box.some, less(span.begin, span.end));
    return box;
  }

  // ---- the stage

  std::size_t depth_of(Level level) const {
    for (std::size_t i = 0; i < stage_.loops.size(); ++i) {
      if (stage_.loops[i].level == level) return i + 1;
    }
    return 0;
  }

  Local make_local(std::size_t position, bool leaves) const {
    Local local;
    local.id = stage_.ops[position].op;
    local.op = &graph_.op(local.id);
    const TensorId tensor = local.op->output();
    local.shape = &graph_.tensor(tensor).shape;
    local.reduction = reduction_extent(graph_, *local.op);
    local.leaves = leaves;
    for (std::size_t j = 0; j < local.op->inputs.size(); ++j) {
      const TensorId input = local.op->inputs[j];
      for (std::size_t producer = 0; producer < position && input != kNone; ++producer) {
        if (locals_[producer].op->output() != input) continue;
        local.edges.push_back({producer, footprint(graph_, *local.op, static_cast<int>(j))});
      }
    }
    const int rank = static_cast<int>(local.shape->size());
    for (const StageTensor &inner : stage_.inner) {
      if (inner.tensor != tensor) continue;
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

  static std::string axis_text(std::size_t axis, std::size_t rank) {
    const int a = static_cast<int>(axis);
    const int r = static_cast<int>(rank);
    if (a == axis_with(AxisRole::row, r)) return "row";
    if (a == axis_with(AxisRole::column, r)) return "column";
    if (a == axis_with(AxisRole::channel, r)) return "channel";
    return "axis" + std::to_string(axis);
  }

  void declare() {
    for (std::size_t i = 0; i < locals_.size(); ++i) {
      Local &local = locals_[i];
      const std::string number_text = std::to_string(local.id);
      const std::size_t rank = local.shape->size();
      local.empty = variable(Role::state, "empty_" + number_text);
      for (std::size_t a = 0; a < rank; ++a) {
        const std::string axis = axis_text(a, rank);
        local.begin.push_back(variable(Role::state, axis + "_begin_" + number_text));
        local.end.push_back(variable(Role::state, axis + "_" + number_text));
        if (i + 1 == locals_.size()) continue;
        Span parameter{get(variable(Role::parameter, axis)), get(variable(Role::parameter, axis + "_end"))};
        local.need.push_back(parameter);
        out_.functions[i].parameters.push_back(out_.at(parameter.begin).variable);
        out_.functions[i].parameters.push_back(out_.at(parameter.end).variable);
      }
      for (std::size_t depth = 0; depth <= stage_.loops.size(); ++depth) {
        const std::string level = depth == 0 ? "call" : name_of(stage_.loops[depth - 1].level);
        std::vector<Span> spans;
        for (std::size_t a = 0; a < rank; ++a) {
          const std::string name = level + "_" + axis_text(a, rank) + "_" + number_text;
          spans.push_back(
              {get(variable(Role::scope, name + "_begin")), get(variable(Role::scope, name + "_end"))});
        }
        local.scope.push_back(spans);
        local.scope_some.push_back(get(variable(Role::scope, level + "_some_" + number_text)));
      }
    }
  }

  Box scope_of(std::size_t depth, std::size_t i) const {
    return {locals_[i].scope[depth], locals_[i].scope_some[depth]};
  }
  /// What is needed of a local tensor while it is stored.
  Box stored_scope(std::size_t i) const {
    const Local &local = locals_[i];
    return local.owner == kNobody ? scope_of(local.store_depth, i) : locals_[local.owner].row_needs[i];
  }

  /// What the newest row of a FIFO needs of the tensors before it.
  void make_row_needs(std::size_t owner) {
    Local &local = locals_[owner];
    local.rows_begun = variable(Role::state, "rows_begun_" + std::to_string(local.id));
    for (const Local &other : locals_) local.row_needs.push_back(nothing(*other.shape));
    Box row = scope_of(local.store_depth, owner);
    const Ref end = get(local.rows_begun);
    row.axis[static_cast<std::size_t>(local.row_axis)] = {plus(end, -1), end};
    row.some = number(1);
    local.row_needs[owner] = row;
    for (std::size_t i = owner + 1; i-- > 0;) {
      if (surely_empty(local.row_needs[i])) continue;
      for (const Edge &edge : locals_[i].edges) {
        Box &needs = local.row_needs[edge.producer];
        const Box read = input_box(edge.footprint, *locals_[edge.producer].shape, local.row_needs[i],
                                   {number(0), number(locals_[i].reduction)});
        needs = hull(needs, read);
      }
    }
  }

  /// A row of a FIFO begins: its windows start empty. Not again when the stage is entered again in it.
  Statement begin_row(std::size_t owner, Ref row) {
    Block body{assign(locals_[owner].rows_begun, plus(row, 1))};
    for (std::size_t i = 0; i < owner; ++i) {
      const Local &window = locals_[i];
      if (window.owner != owner) continue;
      body.push_back(assign(window.empty, number(1)));
      const auto axis = static_cast<std::size_t>(window.axis);
      set_start(body, window, stored_scope(i).axis[axis].begin, -1);
    }
    return branch(less(get(locals_[owner].rows_begun), plus(row, 1)), std::move(body));
  }

  // ---- statements

  using Block = std::vector<Statement>;
  static Statement assign(Var variable, Ref value) {
    Statement s;
    s.variable = variable;
    s.value = value;
    return s;
  }
  static Statement branch(Ref condition, Block body) {
    Statement s;
    s.kind = Statement::Kind::branch;
    s.condition = condition;
    s.body = std::move(body);
    return s;
  }
  /// The condition has a reading of the variable for itself: it sees the value after the last round too.
  static Statement loop(Var variable, Ref first, Ref condition, Block body, Ref next) {
    Statement s;
    s.kind = Statement::Kind::loop;
    s.variable = variable;
    s.value = first;
    s.condition = condition;
    s.body = std::move(body);
    s.next = next;
    return s;
  }

  void compute_scopes(Block &block, std::size_t depth, std::size_t root, const Box &region,
                      const Span &reduction) {
    std::vector<Box> scope;
    for (const Local &local : locals_) {
      scope.push_back(depth == 0 && local.leaves ? whole(*local.shape) : nothing(*local.shape));
    }
    scope[root] = region;
    for (std::size_t i = locals_.size(); i-- > 0;) {
      const Box target = scope_of(depth, i);
      for (std::size_t a = 0; a < target.axis.size(); ++a) {
        block.push_back(assign(out_.at(target.axis[a].begin).variable, scope[i].axis[a].begin));
        block.push_back(assign(out_.at(target.axis[a].end).variable, scope[i].axis[a].end));
      }
      block.push_back(assign(out_.at(target.some).variable, scope[i].some));
      if (surely_empty(scope[i])) continue;
      const Span all{number(0), number(locals_[i].reduction)};
      for (const Edge &edge : locals_[i].edges) {
        const Box read =
            input_box(edge.footprint, *locals_[edge.producer].shape, target, i == root ? reduction : all);
        scope[edge.producer] = hull(scope[edge.producer], read);
      }
    }
  }

  /// Where a tensor begins to grow: a pixel FIFO has begun its first row.
  void set_start(Block &block, const Local &local, Ref begin, Ref column_begin) {
    if (local.owns) block.push_back(assign(local.rows_begun, begin));
    if (local.row_axis != kNone) {
      block.push_back(assign(local.end[static_cast<std::size_t>(local.row_axis)], plus(begin, 1)));
      block.push_back(assign(local.end[static_cast<std::size_t>(local.axis)], column_begin));
    } else if (local.axis != kNone) {
      block.push_back(assign(local.end[static_cast<std::size_t>(local.axis)], begin));
    }
  }

  void forget_stored_at(Block &block, std::size_t depth) {
    for (std::size_t i = 0; i + 1 < locals_.size(); ++i) {
      const Local &local = locals_[i];
      if (local.store_depth != depth || local.owner != kNobody) continue;
      block.push_back(assign(local.empty, number(1)));
      if (local.axis == kNone) continue;
      const std::vector<Span> &scope = local.scope[depth];
      const std::size_t grows =
          static_cast<std::size_t>(local.row_axis != kNone ? local.row_axis : local.axis);
      set_start(block, local, scope[grows].begin, scope[static_cast<std::size_t>(local.axis)].begin);
    }
  }

  void fire(Block &block, std::size_t i, const Box &tile, const Span &reduction) {
    for (const Edge &edge : locals_[i].edges) {
      const Local &producer = locals_[edge.producer];
      const Box need = input_box(edge.footprint, *producer.shape, tile, reduction);
      block.push_back(branch(need.some, {pull(edge.producer, need)}));
    }
    Statement s;
    s.kind = Statement::Kind::fire;
    s.local = static_cast<std::int32_t>(i);
    for (const Span &span : tile.axis) {
      s.tile.push_back(span.begin);
      s.tile.push_back(span.end);
    }
    s.part_begin = reduction.begin;
    s.part_end = reduction.end;
    block.push_back(std::move(s));
  }

  static Statement pull(std::size_t i, const Box &need) {
    Statement s;
    s.kind = Statement::Kind::call;
    s.local = static_cast<std::int32_t>(i);
    for (const Span &span : need.axis) {
      s.arguments.push_back(span.begin);
      s.arguments.push_back(span.end);
    }
    return s;
  }

  void make_pull(std::size_t i) {
    const Local &local = locals_[i];
    Block &body = out_.functions[i].body;
    const Box need{local.need, number(1)};
    const Span all{number(0), number(local.reduction)};
    if (local.axis == kNone) {
      Block once;
      fire(once, i, scope_of(0, i), all);
      once.push_back(assign(local.empty, number(0)));
      body.push_back(branch(get(local.empty), std::move(once)));
      return;
    }
    const std::size_t axis = static_cast<std::size_t>(local.axis);
    const Box stored = hull(stored_scope(i), need);
    const std::size_t grows = static_cast<std::size_t>(local.row_axis != kNone ? local.row_axis : local.axis);
    Block start;
    set_start(start, local, stored.axis[grows].begin, stored.axis[axis].begin);
    body.push_back(branch(get(local.empty), std::move(start)));
    if (local.row_axis != kNone) {
      make_raster(i, stored, need);
      return;
    }
    const bool inside = local.owner != kNobody || local.store_depth >= local.compute_depth;
    Box piece = hull(inside ? stored_scope(i) : scope_of(local.compute_depth - 1, i), need);
    const Ref at = get(local.end[axis]);
    piece.axis[axis] = {at, least(plus(at, local.step), stored.axis[axis].end)};
    piece.some = number(1);
    Block round;
    fire(round, i, piece, all);
    round.push_back(assign(local.empty, number(0)));
    body.push_back(loop(local.end[axis], -1, less(get(local.end[axis]), need.axis[axis].end),
                        std::move(round), piece.axis[axis].end));
  }

  void make_raster(std::size_t i, const Box &scope, const Box &need) {
    const Local &local = locals_[i];
    Block &body = out_.functions[i].body;
    const std::size_t rows = static_cast<std::size_t>(local.row_axis);
    const std::size_t columns = static_cast<std::size_t>(local.axis);
    const Var row = variable(Role::local, "row_at");
    const Var column = variable(Role::local, "column_at");
    const Ref r = get(row);
    const Ref c = get(column);
    const Ref last_row = plus(need.axis[rows].end, -1);
    const Ref end = local.owns ? scope.axis[columns].end
                               : select(less(r, last_row), scope.axis[columns].end, need.axis[columns].end);
    Box piece = scope;
    piece.axis[rows] = {r, plus(r, 1)};
    piece.axis[columns] = {c, least(plus(c, local.step), end)};
    piece.some = number(1);
    Block pixel;
    if (local.owns) pixel.push_back(begin_row(i, r));
    fire(pixel, i, piece, {number(0), number(local.reduction)});
    pixel.push_back(assign(local.empty, number(0)));
    pixel.push_back(assign(local.end[rows], plus(r, 1)));
    pixel.push_back(assign(local.end[columns], piece.axis[columns].end));
    Block line;
    line.push_back(loop(column, -1, less(get(column), end), std::move(pixel), piece.axis[columns].end));
    line.push_back(assign(column, scope.axis[columns].begin));
    body.push_back(assign(column, get(local.end[columns])));
    body.push_back(loop(row, plus(get(local.end[rows]), -1), less(get(row), need.axis[rows].end),
                        std::move(line), plus(r, 1)));
  }

  /// A row-fed stage is left and entered again: what must happen once only is guarded by how far it has
  /// begun.
  Statement once(std::int64_t progress, Block body) {
    body.push_back(assign(begun_, number(progress)));
    return branch(less(get(begun_), number(progress)), std::move(body));
  }
  bool resumable() const { return out_.row_fed != kNone; }

  void enter(Block &block, std::size_t depth, const Box &region, const Span &reduction) {
    compute_scopes(block, depth, locals_.size() - 1, region, reduction);
    Block prologue;
    forget_stored_at(prologue, depth);
    const bool innermost = depth == stage_.loops.size();
    Var index = -1;
    Span all;
    int axis = kNone;
    if (!innermost) {
      const Loop &loop = stage_.loops[depth];
      axis = loop.reduction ? kNone : axis_of(loop.level, static_cast<int>(region.axis.size()));
      // A level that the driver's output has no axis for runs once.
      const bool once_only = !loop.reduction && axis == kNone;
      all = loop.reduction ? reduction
            : once_only    ? Span{number(0), number(1)}
                           : region.axis[static_cast<std::size_t>(axis)];
      index =
          variable(resumable() ? Role::state : Role::local, loop.reduction ? "part" : name_of(loop.level));
      if (resumable()) prologue.push_back(assign(index, all.begin));
    }
    if (resumable()) {
      block.push_back(once(static_cast<std::int64_t>(depth) + 1, std::move(prologue)));
    } else {
      std::move(prologue.begin(), prologue.end(), std::back_inserter(block));
    }
    if (innermost) return fire(block, locals_.size() - 1, region, reduction);
    const Loop &nest = stage_.loops[depth];
    const Ref at = get(index);
    const Span part{at, least(plus(at, nest.step), all.end)};
    Box inner = region;
    Span inner_reduction = reduction;
    if (nest.reduction) inner_reduction = part;
    if (!nest.reduction && axis != kNone) inner.axis[static_cast<std::size_t>(axis)] = part;
    Block round;
    enter(round, depth + 1, inner, inner_reduction);
    if (resumable()) round.push_back(assign(begun_, number(static_cast<std::int64_t>(depth) + 1)));
    block.push_back(
        loop(index, resumable() ? -1 : all.begin, less(get(index), all.end), std::move(round), part.end));
  }

  void make_main() {
    Block &body = out_.functions.back().body;
    const Local &driver = locals_.back();
    Block work;
    enter(work, 0, whole(*driver.shape), {number(0), number(driver.reduction)});
    std::int64_t progress = static_cast<std::int64_t>(stage_.loops.size()) + 2;
    if (resumable()) {
      work.push_back(assign(begun_, number(progress)));
      body.push_back(branch(less(get(begun_), number(progress)), std::move(work)));
    } else {
      body = std::move(work);
    }
    for (std::size_t i = 0; i + 1 < locals_.size(); ++i) {
      if (locals_[i].leaves) drain(body, i, progress);
    }
  }

  void drain(Block &block, std::size_t i, std::int64_t &progress) {
    const Local &local = locals_[i];
    const Box all = whole(*local.shape);
    const int grows = local.row_axis != kNone ? local.row_axis : local.axis;
    if (grows == kNone) {
      block.push_back(pull(i, all));
      return;
    }
    const std::size_t axis = static_cast<std::size_t>(grows);
    const Var index =
        variable(resumable() ? Role::state : Role::local, "drained_" + std::to_string(local.id));
    const Ref reached = plus(get(local.end[axis]), local.row_axis != kNone ? -1 : 0);
    const Ref begin = select(get(local.empty), number(0), reached);
    const Ref at = get(index);
    const Ref limit = number((*local.shape)[axis]);
    Box need = all;
    need.axis[axis] = {at, least(plus(at, local.step), limit)};
    Block round;
    for (std::size_t depth = 1; depth <= stage_.loops.size(); ++depth) {
      compute_scopes(round, depth, i, need, {number(0), number(local.reduction)});
      if (!resumable()) forget_stored_at(round, depth);
    }
    if (resumable()) {
      block.push_back(once(progress + 1, {assign(index, begin)}));
      Block forget;
      for (std::size_t depth = 1; depth <= stage_.loops.size(); ++depth) forget_stored_at(forget, depth);
      round.push_back(once(progress + 2, std::move(forget)));
    }
    round.push_back(pull(i, need));
    if (resumable()) round.push_back(assign(begun_, number(progress + 1)));
    Statement rounds =
        loop(index, resumable() ? -1 : begin, less(get(index), limit), std::move(round), need.axis[axis].end);
    if (resumable()) {
      progress += 3;
      block.push_back(branch(less(get(begun_), number(progress)), {std::move(rounds)}));
      block.push_back(once(progress, {}));
    } else {
      block.push_back(std::move(rounds));
    }
  }

  const Graph &graph_;
  const thimble::Stage &stage_;
  std::vector<Local> locals_;
  Stage out_;
  Var begun_ = -1;
};

}  // namespace

Result<Stage> build(const Schedule &schedule, std::int32_t stage, const std::vector<bool> &leaves) {
  return Builder(schedule, stage, leaves).make();
}

}  // namespace thimble::nest
