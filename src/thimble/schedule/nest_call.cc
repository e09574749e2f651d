// What one call of a stream does in a stage, as a small program.
#include "thimble/graph/footprint.h"
#include "thimble/schedule/nest_build.h"
#include "thimble/schedule/time_loop.h"

namespace thimble::nest {
namespace {

class CallBuilder {
 public:
  CallBuilder(const Schedule &schedule, std::int32_t stage)
      : schedule_(schedule),
        stage_(stage),
        driver_(schedule.stages[static_cast<std::size_t>(stage)].ops.back()) {}

  /// `places`: elements that are told apart. The counter is 0 before the first call, so that a stream begins
  /// with a state of zeros; calls before element 0 is due are counted, too.
  Stage make(const Repetition &places) {
    out_.called = true;
    out_.computes = true;
    const std::int32_t early = calls_before_first(schedule_, stage_);
    const Ref count = variable("count");
    const Ref element = make(Kind::subtract, count, number(early));
    const Ref next = make(Kind::add, count, number(1));
    const Ref more = make(Kind::less, count, number(early + places.end() - 1));
    Statement due;
    due.kind = Statement::Kind::branch;
    due.condition = make(Kind::less, number(early - 1), count);
    due.body = {fire(element)};
    Statement step;
    step.variable = 0;
    step.value = make(Kind::select, more, next, number(early + places.begin));
    out_.functions.push_back({{}, {due, step}});
    return std::move(out_);
  }

 private:
  Statement fire(Ref element) {
    const TensorId made = schedule_.graph->op(driver_.op).output();
    const TimeSpan &time = schedule_.time->tensors[static_cast<std::size_t>(made)];
    const Region first = time_tile(schedule_, driver_.op, 0);
    Statement statement;
    statement.kind = Statement::Kind::fire;
    statement.local = 0;
    for (int a = 0; a < first.rank; ++a) {
      Ref begin = number(first.axis[a].begin), end = number(first.axis[a].end);
      if (a == time.axis) {
        begin = scaled(element, time.grain);
        end = make(Kind::add, begin, number(time.grain));
      }
      statement.tile.push_back(begin);
      statement.tile.push_back(end);
    }
    statement.part_begin = number(0);
    statement.part_end = number(reduction_extent(*schedule_.graph, schedule_.graph->op(driver_.op)));
    return statement;
  }

  Ref add(Expression e) {
    out_.expressions.push_back(e);
    return static_cast<Ref>(out_.expressions.size() - 1);
  }
  Ref number(std::int64_t value) {
    Expression e;
    e.value = value;
    return add(e);
  }
  Ref make(Kind kind, Ref a, Ref b, Ref c = -1) {
    Expression e;
    e.kind = kind;
    e.a = a;
    e.b = b;
    e.c = c;
    return add(e);
  }
  Ref scaled(Ref a, std::int64_t factor) {
    Expression e;
    e.kind = Kind::scale;
    e.a = a;
    e.value = factor;
    return add(e);
  }
  Ref variable(const std::string &name) {
    out_.variables.push_back({Role::state, name});
    Expression e;
    e.kind = Kind::variable;
    e.variable = static_cast<Var>(out_.variables.size() - 1);
    return add(e);
  }

  const Schedule &schedule_;
  std::int32_t stage_;
  const StageOp &driver_;
  Stage out_;
};

}  // namespace

Result<Stage> build_call(const Schedule &schedule, std::int32_t stage) {
  const Result<Repetition> places = repetition(schedule, stage);
  if (!places) return tl::unexpected(places.error());
  return CallBuilder(schedule, stage).make(*places);
}

}  // namespace thimble::nest
