#include "thimble/schedule/time_loop.h"

#include <algorithm>
#include <numeric>

#include "thimble/base/checked.h"
#include "thimble/graph/footprint.h"

namespace thimble {
namespace {

/// Places that repeat later make long recordings to prove and to compile.
constexpr std::int64_t kMostElements = std::int64_t{1} << 14;

const TimeSpan &span_of(const Schedule &schedule, TensorId tensor) {
  return schedule.time->tensors[static_cast<std::size_t>(tensor)];
}

/// Elements after which `step` indices each have gone around a fold.
std::int64_t turns(std::int64_t step, std::int64_t fold) {
  return fold / std::gcd(step, fold);
}

tl::unexpected<Error> refuse(const Schedule &schedule, OpId op, TensorId tensor, std::string reason) {
  Diagnostic line = at_op(*schedule.graph, schedule.graph->op(op), std::move(reason));
  line.tensor = schedule.graph->tensor(tensor).name;
  return failure(std::move(line));
}

std::int32_t fold_of(const Schedule &schedule, TensorId tensor, std::int32_t stage) {
  const Buffer *buffer = buffer_of(schedule, tensor, stage);
  const auto axis = static_cast<std::size_t>(span_of(schedule, tensor).axis);
  return buffer == nullptr ? schedule.graph->tensor(tensor).shape[axis] : buffer->layout.fold[axis];
}

}  // namespace

std::int32_t element_due(const StageOp &driver, std::int32_t call) {
  const std::int32_t since = call - driver.offset;
  return since < 0 || since % driver.period != 0 ? kNone : since / driver.period;
}

Region time_tile(const Schedule &schedule, OpId op, std::int32_t element) {
  const TensorId made = schedule.graph->op(op).output();
  Region tile = Region::whole(schedule.graph->tensor(made).shape);
  const TimeSpan &time = span_of(schedule, made);
  tile.axis[static_cast<std::size_t>(time.axis)] = {element * time.grain, (element + 1) * time.grain};
  return tile;
}

std::int64_t time_tile_bytes(const Schedule &schedule, TensorId tensor) {
  const Tensor &of = schedule.graph->tensor(tensor);
  const TimeSpan &time = span_of(schedule, tensor);
  return of.bytes() / of.shape[static_cast<std::size_t>(time.axis)] * time.grain;
}

Result<Repetition> repetition(const Schedule &schedule, std::int32_t stage) {
  const Graph &graph = *schedule.graph;
  const OpId id = schedule.stages[static_cast<std::size_t>(stage)].ops.back().op;
  const Op &op = graph.op(id);
  const TimeSpan &made = span_of(schedule, op.output());
  std::int64_t begin = 0, count = turns(made.grain, fold_of(schedule, op.output(), stage));
  for (std::size_t j = 0; j < op.inputs.size(); ++j) {
    const TensorId input = op.inputs[j];
    if (input == kNone || graph.tensor(input).constant()) continue;
    const AxisMap map =
        footprint(graph, op, static_cast<int>(j))[static_cast<std::size_t>(span_of(schedule, input).axis)];
    if (map.kind != AxisMap::Kind::follow || map.output_axis != made.axis || map.num < 1)
      return refuse(schedule, id, input, "does not read time element by element");
    const std::int64_t step = std::int64_t{map.num} * made.grain;
    // The first element whose indices floor((step * m + offset) / den) .. begin within the tensor.
    if (map.offset < 0) begin = std::max(begin, (-std::int64_t{map.offset} + step - 1) / step);
    count = std::lcm(count, turns(step, std::int64_t{map.den} * fold_of(schedule, input, stage)));
    if (begin > kMostElements || count > kMostElements)
      return refuse(
          schedule, id, input,
          "has places in rings that repeat only after " + std::to_string(count) + " elements of time");
  }
  return Repetition{static_cast<std::int32_t>(begin), static_cast<std::int32_t>(count)};
}

std::int32_t calls_before_first(const Schedule &schedule, std::int32_t stage) {
  const StageOp &driver = schedule.stages[static_cast<std::size_t>(stage)].ops.back();
  return (driver.offset - schedule.time->first) / driver.period;
}

std::int32_t period_of(const Schedule &schedule) {
  std::int32_t period = 1;
  for (const Stage &stage : schedule.stages) period = std::lcm(period, stage.ops.back().period);
  return period;
}

std::int32_t phase_counter_bytes(const Schedule &schedule) {
  const std::int32_t period = period_of(schedule);
  if (period == 1 && schedule.time->before == 0) return 0;
  return period <= INT16_MAX / 2 ? 2 : 4;
}

Result<void> verify_time(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  const TimeLoop &time = *schedule.time;
  if (time.tensors.size() != graph.tensors.size()) return failure("time does not run through all tensors");
  if (time.first > 0 || time.end <= 0) return failure("the stream has no call");
  if (time.before < 0 || static_cast<std::size_t>(time.before) > schedule.stages.size())
    return failure("the stream has stages before its frames that do not exist");
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    const Stage &stage = schedule.stages[s];
    const std::string place = "stage " + std::to_string(s) + ": ";
    if (stage.ops.size() != 1 || !stage.loops.empty())
      return failure(place + "has a loop nest, which streams do not have");
    const StageOp &driver = stage.ops[0];
    const TensorId made = graph.op(driver.op).output();
    const TimeSpan &span = span_of(schedule, made);
    if (driver.period < 1) return refuse(schedule, driver.op, made, place + "fires in no call");
    if (span.axis < 0 || span.axis >= graph.tensor(made).rank() || span.grain < 1)
      return refuse(schedule, driver.op, made, place + "has no time");
    const std::int64_t last = floor_div(std::int64_t{time.end} - 1 - driver.offset, driver.period);
    if ((last + 1) * span.grain > graph.tensor(made).shape[static_cast<std::size_t>(span.axis)])
      return refuse(schedule, driver.op, made, place + "makes elements of time behind its output's end");
    if (driver.offset < time.first)
      return refuse(schedule, driver.op, made, place + "fires before the first call");
    if (s < static_cast<std::size_t>(time.before) &&
        (graph.op(driver.op).is<Input>() || contains(graph.outputs, made)))
      return refuse(schedule, driver.op, made, place + "takes or gives what there is with a frame only");
    if (graph.op(driver.op).is<Input>() && (driver.offset != 0 || driver.period != 1))
      return refuse(schedule, driver.op, made, place + "does not arrive once per call");
  }
  return {};
}

}  // namespace thimble
