#include <algorithm>
#include <limits>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"
#include "thimble/schedule/nest_build.h"
#include "thimble/schedule/time_loop.h"

namespace thimble::nest {
namespace {

bool same_work(const Firing &a, const Firing &b) {
  return a.op == b.op && a.tile == b.tile && a.reduction == b.reduction;
}

/// What a variable holds before it is assigned: nothing that the program ever computes.
constexpr std::int64_t kUnassigned = std::int64_t{-1} << 40;

class Runner {
 public:
  Runner(Stage &program, const Schedule &schedule, std::int32_t stage)
      : program_(program),
        schedule_(schedule),
        stage_(stage),
        graph_(*schedule.graph),
        ops_(schedule.stages[static_cast<std::size_t>(stage)].ops),
        values_(program.variables.size(), kUnassigned),
        known_(program.expressions.size()) {
    for_each_firing_of(schedule, stage, [&](const Firing &firing) { expected_.push_back(firing); });
    for (const StageTensor &inner : schedule.stages[static_cast<std::size_t>(stage)].inner) {
      windows_ = windows_ || inner.within != kNone || inner.store_at == Level::row;
    }
    program_.facts.assign(ops_.size(), {});
    for (std::size_t v = 0; v < program.variables.size(); ++v) {
      if (program.variables[v].name == "begun") begun_ = static_cast<Var>(v);
    }
  }

  Result<void> run() {
    if (program_.called) return run_calls();
    std::int32_t rows = 1;
    if (program_.row_fed != kNone) {
      const Tensor &input = graph_.tensor(op_at(program_.row_fed).output());
      row_axis_ = axis_with(AxisRole::row, input.rank());
      for (int a = 0; a < std::max(row_axis_, 0); ++a) {
        if (input.shape[static_cast<std::size_t>(a)] != 1) {
          return failure(at_op(graph_, op_at(program_.row_fed),
                               "is a batch of images, whose rows cannot be pushed in order"));
        }
      }
      if (row_axis_ != kNone) rows = input.shape[static_cast<std::size_t>(row_axis_)];
      values_[static_cast<std::size_t>(begun_)] = 0;
    }
    bool done = false;
    for (given_ = 0; given_ < rows; ++given_) done = run_block(program_.functions.back().body);
    if (!error_.empty()) return failure(at_op(graph_, op_at(program_.row_fed), error_));
    // A row of windows that is left for want of an input's row is begun anew.
    if (program_.row_fed != kNone && windows_ && (!done || next_ != expected_.size() || !same_)) {
      return failure(at_op(graph_, op_at(program_.row_fed),
                           "is read by windows of several branches, which want its rows at different times"));
    }
    if (!done || next_ != expected_.size()) return defect("ends early");
    if (!same_) return defect("fires something else than its schedule");
    if (program_.row_fed != kNone &&
        program_.facts[static_cast<std::size_t>(program_.row_fed)].firings == 0) {
      return failure(at_op(graph_, op_at(program_.row_fed),
                           "has no row that anything reads, so that none can be fed",
                           "hand the input in whole"));
    }
    for (const Expression &e : program_.expressions) {
      if (e.count > 0 && (e.least < INT32_MIN || e.most > INT32_MAX)) return defect("counts beyond 32 bits");
    }
    return {};
  }

 private:
  /// All calls of a stream in which an element of the stage may be due. The program fires what stands for the
  /// schedule's element.
  Result<void> run_calls() {
    const Result<Repetition> places = repetition(schedule_, stage_);
    if (!places) return tl::unexpected(places.error());
    const TensorId made = op_at(0).output();
    const TimeSpan time = schedule_.time->tensors[static_cast<std::size_t>(made)];
    std::vector<std::pair<TensorId, Footprint>> reads;
    for (std::size_t j = 0; j < op_at(0).inputs.size(); ++j) {
      const TensorId input = op_at(0).inputs[j];
      if (input != kNone && !graph_.tensor(input).constant())
        reads.emplace_back(input, footprint(graph_, op_at(0), static_cast<int>(j)));
    }
    for (Firing &firing : expected_) {
      const std::int32_t element = firing.tile.axis[time.axis].begin / time.grain;
      const Firing real = firing;
      firing.tile = time_tile(schedule_, ops_[0].op, places->of(element));
      if (!same_places(reads, real, firing)) return defect("uses other places than its schedule");
    }
    distinct_ = static_cast<std::size_t>(places->end());
    for (std::size_t v = 0; v < program_.variables.size(); ++v) {
      if (program_.variables[v].role == Role::state) values_[v] = 0;
    }
    for (std::int32_t call = schedule_.time->first; call < schedule_.time->end; ++call) {
      const std::int32_t since = call - ops_[0].offset;
      if (since % ops_[0].period == 0) run_block(program_.functions.back().body);
    }
    if (next_ != expected_.size() || !same_) return defect("fires something else than its schedule");
    return {};
  }

  /// Whether two firings of the stage's operator read and write the same bytes, as far as folds tell.
  bool same_places(const std::vector<std::pair<TensorId, Footprint>> &reads, const Firing &a,
                   const Firing &b) const {
    if (a.tile == b.tile) return true;
    const auto same = [&](TensorId tensor, const Region &x, const Region &y) {
      const Buffer *buffer = buffer_of(schedule_, tensor, stage_);
      return buffer != nullptr && same_bytes(buffer->layout, x, y);
    };
    return same(op_at(0).output(), a.tile, b.tile) &&
           std::all_of(reads.begin(), reads.end(), [&](const auto &input) {
             const Shape &shape = graph_.tensor(input.first).shape;
             return same(input.first, input_region(input.second, shape, a.tile, a.reduction),
                         input_region(input.second, shape, b.tile, b.reduction));
           });
  }

  static bool same_bytes(const Layout &layout, const Region &a, const Region &b) {
    std::array<std::int32_t, kMaxRank> first{}, second{};
    for (int axis = 0; axis < a.rank; ++axis) {
      if (a.axis[axis].size() != b.axis[axis].size()) return false;
      first[static_cast<std::size_t>(axis)] = a.axis[axis].begin;
      second[static_cast<std::size_t>(axis)] = b.axis[axis].begin;
    }
    return layout.offset(first) == layout.offset(second);
  }

  const Op &op_at(std::int32_t local) const { return graph_.op(ops_[static_cast<std::size_t>(local)].op); }

  static tl::unexpected<Error> defect(const std::string &what) {
    return failure("the lowered loop nest " + what, "this is a defect of Thimble: please report it");
  }

  std::int64_t value_of(Ref ref) {
    // By index: an expression is not moved while the program runs.
    Expression &e = program_.expressions[static_cast<std::size_t>(ref)];
    if (e.kind == Kind::constant) return e.value;
    // Expressions share parts: as trees they can be exponentially large.
    if (known_[static_cast<std::size_t>(ref)].at == assignments_)
      return known_[static_cast<std::size_t>(ref)].value;
    std::int64_t value = 0;
    switch (e.kind) {
      case Kind::constant:
        break;
      case Kind::variable:
        value = values_[static_cast<std::size_t>(e.variable)];
        break;
      case Kind::add:
        value = value_of(e.a) + value_of(e.b);
        break;
      case Kind::subtract:
        value = value_of(e.a) - value_of(e.b);
        break;
      case Kind::scale:
        value = value_of(e.a) * e.value;
        break;
      case Kind::floor_div:
        value = floor_div(value_of(e.a), e.value);
        break;
      case Kind::select:
        value = value_of(e.a) != 0 ? value_of(e.b) : value_of(e.c);
        break;
      case Kind::min:
      case Kind::max:
      case Kind::less: {
        const std::int64_t a = value_of(e.a);
        const std::int64_t b = value_of(e.b);
        e.a_below = e.a_below && a <= b;
        e.b_below = e.b_below && b <= a;
        value = e.kind == Kind::less  ? (a < b ? 1 : 0)
                : e.kind == Kind::min ? std::min(a, b)
                                      : std::max(a, b);
        break;
      }
    }
    e.least = e.count == 0 ? value : std::min(e.least, value);
    e.most = e.count == 0 ? value : std::max(e.most, value);
    ++e.count;
    known_[static_cast<std::size_t>(ref)] = {assignments_, value};
    return value;
  }

  /// Whether the value is another one than before.
  bool assign(Var variable, std::int64_t value) {
    Variable &v = program_.variables[static_cast<std::size_t>(variable)];
    v.least = v.count == 0 ? value : std::min(v.least, value);
    v.most = v.count == 0 ? value : std::max(v.most, value);
    ++v.count;
    std::int64_t &slot = values_[static_cast<std::size_t>(variable)];
    const bool changes = slot != value;
    slot = value;
    if (changes) ++assignments_;
    return changes;
  }

  /// False: left, for want of a row.
  bool run_block(std::vector<Statement> &block) {
    for (Statement &statement : block) {
      if (!run_statement(statement)) return false;
    }
    return true;
  }

  bool run_statement(Statement &s) {
    ++s.entries;
    switch (s.kind) {
      case Statement::Kind::assign:
        s.changes = assign(s.variable, value_of(s.value)) || s.changes;
        return true;
      case Statement::Kind::branch:
        if (value_of(s.condition) == 0) return true;
        ++s.rounds;
        return run_block(s.body);
      case Statement::Kind::loop: {
        if (s.value >= 0) s.changes = assign(s.variable, value_of(s.value)) || s.changes;
        std::int64_t rounds = 0;
        while (value_of(s.condition) != 0) {
          ++rounds;
          if (!run_block(s.body)) {
            s.most_rounds = 2;  // what is left and entered again stays a loop
            return false;
          }
          assign(s.variable, value_of(s.next));
        }
        s.rounds += rounds;
        s.most_rounds = std::max(s.most_rounds, rounds);
        s.least_rounds = std::min(s.least_rounds, rounds);
        return true;
      }
      case Statement::Kind::call: {
        Function &function = program_.functions[static_cast<std::size_t>(s.local)];
        for (std::size_t i = 0; i < s.arguments.size(); ++i)
          assign(function.parameters[i], value_of(s.arguments[i]));
        return run_block(function.body);
      }
      case Statement::Kind::fire:
        return fire(s);
    }
    return true;
  }

  bool fire(Statement &s) {
    Firing firing;
    firing.op = ops_[static_cast<std::size_t>(s.local)].op;
    firing.tile.rank = static_cast<int>(s.tile.size() / 2);
    for (int a = 0; a < firing.tile.rank; ++a) {
      const auto at = static_cast<std::size_t>(2 * a);
      firing.tile.axis[a] = {static_cast<std::int32_t>(value_of(s.tile[at])),
                             static_cast<std::int32_t>(value_of(s.tile[at + 1]))};
    }
    firing.reduction = {static_cast<std::int32_t>(value_of(s.part_begin)),
                        static_cast<std::int32_t>(value_of(s.part_end))};
    if (s.local == program_.row_fed && row_axis_ != kNone) {
      const Range rows = firing.tile.axis[row_axis_];
      if (given_ >= rows.end) error_ = "is asked for a row again after the next one has been pushed";
      if (given_ < rows.end - 1) return false;
    }
    if (next_ < expected_.size()) same_ = same_ && same_work(firing, expected_[next_]);
    // Elements of a stream that come again are known.
    if (next_ < std::min(expected_.size(), distinct_))
      record(program_.facts[static_cast<std::size_t>(s.local)], firing, expected_[next_]);
    ++next_;
    return true;
  }

  static void widen(AxisFacts &facts, const Range &range, bool first) {
    if (first) facts = {range.begin, range.begin, range.end, range.end, range.size(), range.size()};
    facts.least_begin = std::min(facts.least_begin, range.begin);
    facts.most_begin = std::max(facts.most_begin, range.begin);
    facts.least_end = std::min(facts.least_end, range.end);
    facts.most_end = std::max(facts.most_end, range.end);
    facts.least_size = std::min(facts.least_size, range.size());
    facts.most_size = std::max(facts.most_size, range.size());
  }

  static void record(FireFacts &facts, const Firing &firing, const Firing &expected) {
    facts.tile.resize(static_cast<std::size_t>(firing.tile.rank));
    for (int a = 0; a < firing.tile.rank; ++a)
      widen(facts.tile[static_cast<std::size_t>(a)], firing.tile.axis[a], facts.firings == 0);
    widen(facts.part, firing.reduction, facts.firings == 0);
    facts.always_first = facts.always_first && expected.first;
    facts.always_last = facts.always_last && expected.last;
    facts.tiles.push_back(firing.tile);
    facts.parts.push_back(firing.reduction);
    ++facts.firings;
  }

  /// The value of an expression when so many assignments had been made.
  struct Known {
    std::int64_t at = -1, value = 0;
  };

  Stage &program_;
  bool windows_ = false;
  const Schedule &schedule_;
  std::int32_t stage_;
  const Graph &graph_;
  const std::vector<StageOp> &ops_;
  std::vector<std::int64_t> values_;
  std::vector<Known> known_;  ///< by expression
  std::int64_t assignments_ = 0;
  std::vector<Firing> expected_;
  std::size_t distinct_ =
      std::numeric_limits<std::size_t>::max();  ///< firings of a stream that are told apart
  std::size_t next_ = 0;
  bool same_ = true;
  Var begun_ = -1;
  int row_axis_ = kNone;
  std::int32_t given_ = 0;
  std::string error_;
};

}  // namespace

Result<void> observe(Stage &program, const Schedule &schedule, std::int32_t stage) {
  return Runner(program, schedule, stage).run();
}

}  // namespace thimble::nest
