// NAME_flush: what a stream still gives when no more frames come. Operators go on for the elements that the
// batch of all frames has; behind those there is padding in place of elements.
#include "thimble/emit/render_flush.h"

#include <algorithm>

#include "thimble/emit/render_memory.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/time_loop.h"

namespace thimble {
namespace {

constexpr std::string_view kDeclaration = R"(
/* Ends the stream: writes the outputs that wait for frames which do not come any more, at most
 * @UPPER@_MOST_FLUSHED, and returns how many they are, or -1 when `state` is null or not aligned. They are those of the
 * network run on all frames at once. The next stream begins with @NAME@_reset. */
#define @UPPER@_MOST_FLUSHED @MOST_FLUSHED@
int @NAME@_flush(void *state, @OUTPUT_TYPE@ outputs[(@UPPER@_MOST_FLUSHED + 1) * @UPPER@_OUTPUT_ELEMENTS]);
)";

constexpr std::string_view kNothing = R"(
int @NAME@_flush(void *state, @OUTPUT_TYPE@ outputs[(@UPPER@_MOST_FLUSHED + 1) * @UPPER@_OUTPUT_ELEMENTS]) {
  (void)outputs; /* every output is there with its frame */
  return state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0 ? -1 : 0;
}
)";

constexpr std::string_view kFlush = R"(
@PADS@int @NAME@_flush(void *state, @OUTPUT_TYPE@ outputs[(@UPPER@_MOST_FLUSHED + 1) * @UPPER@_OUTPUT_ELEMENTS]) {
  /* By frames modulo the period: calls that are left, and elements that each stage still makes in them. */
  static const uint16_t left[@PERIOD@][@COLUMNS@] = {
@ROWS@  };
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
@MEMORY@@PHASE@  const uint16_t *const still = left[@NOW@];
  uint8_t made[@COLUMNS@] = {0};
  int due = 0;
  for (int32_t c = still[0]; c > 0; --c) {
@CALLS@@NEXT@  }
  return due;
}
)";

/// Writes padding in place of the element of a stage that is due, and counts it.
constexpr std::string_view kPad = R"(static void pad_@STAGE@(@ARENA@) {
@CURSORS@  unsigned char *const element = (unsigned char *)(@BASE@)@PLACE@;
  for (int32_t i = 0; i < @BYTES@; ++i) element[i] = @ZERO@;
@ADVANCE@}

)";

std::int32_t left_of(const Program &program, std::size_t phase, std::size_t stage) {
  const auto op = static_cast<std::size_t>(program.schedule.stages[stage].ops[0].op);
  return program.options.ending.left[phase][op];
}

/// Calls until the last output that is left, by frames modulo the period.
std::int32_t calls_left(const Program &program, std::size_t phase) {
  const std::size_t gives = output_stage(program.schedule);
  const StageOp &driver = program.schedule.stages[gives].ops[0];
  const std::int32_t outputs = left_of(program, phase, gives);
  if (outputs == 0) return 0;
  // Calls go on with the number `phase`, modulo the period.
  std::int32_t first = (driver.offset - static_cast<std::int32_t>(phase)) % driver.period;
  if (first < 0) first += driver.period;
  return first + (outputs - 1) * driver.period + 1;
}

std::int32_t most_flushed(const Program &program) {
  const Schedule &schedule = program.schedule;
  return program.options.ending.most(schedule.stages[output_stage(schedule)].ops[0].op);
}

std::string pad_text(const Program &program, std::size_t s, StreamValues values) {
  const Schedule &schedule = program.schedule;
  const StageOp &driver = schedule.stages[s].ops[0];
  const TensorId made = schedule.graph->op(driver.op).output();
  const Tensor &tensor = schedule.graph->tensor(made);
  const auto stage = static_cast<std::int32_t>(s);
  const Buffer &buffer = *buffer_of(schedule, made, stage);
  const TimeSpan &time = schedule.time->tensors[static_cast<std::size_t>(made)];
  const std::int64_t bytes = time_tile_bytes(schedule, made);
  const std::int32_t elements = buffer.layout.fold[static_cast<std::size_t>(time.axis)] / time.grain;
  const bool byte = tensor.type == ElementType::int8 || tensor.type == ElementType::uint8;
  values["STAGE"] = c_text::number(stage);
  values["BASE"] = inner_arena_base(schedule, buffer.region) + " + " + offset_name(schedule, buffer);
  values["BYTES"] = c_text::number(bytes);
  values["ZERO"] = byte && tensor.quantization.present()
                       ? "(unsigned char)" + c_text::number(tensor.quantization.zero_point())
                       : "0";
  values["CURSORS"] = values["PLACE"] = values["ADVANCE"] = "";
  const Buffer *cursors = cursors_of(schedule, stage);
  if (cursors != nullptr) {
    const Repetition places = *repetition(schedule, stage);
    const std::int32_t early = calls_before_first(schedule, stage);
    const std::string name = "stage_" + c_text::number(stage) + "_cursors";
    const std::string type = early + places.end() > INT16_MAX ? "int32_t" : "int16_t";
    values["CURSORS"] = "  " + name + " *const at = (" + name + " *)(" +
                        inner_arena_base(schedule, cursors->region) + " + " +
                        offset_name(schedule, *cursors) + ");\n";
    if (elements > 1)
      values["PLACE"] = " + (at->count - " + c_text::number(early) + ") % " + c_text::number(elements) +
                        " * " + c_text::number(bytes);
    values["ADVANCE"] = "  at->count = (" + type + ")(at->count < " +
                        c_text::number(early + places.end() - 1) +
                        " ? at->count + 1 : " + c_text::number(early + places.begin) + ");\n";
    // What is due ahead of its first element is counted only.
    if (early > 0)
      values["CURSORS"] +=
          "  if (at->count < " + c_text::number(early) + ") {\n    ++at->count;\n    return;\n  }\n";
  }
  return c_text::fill(kPad, values);
}

std::string call_text(const Program &program, std::size_t s, const std::string &stage) {
  const Schedule &schedule = program.schedule;
  const StageOp &driver = schedule.stages[s].ops[0];
  const std::string column = c_text::number(static_cast<std::int64_t>(s) + 1);
  const bool gives = s == output_stage(schedule);
  const bool input = schedule.graph->op(driver.op).is<Input>();
  const std::string fire = gives ? "due += " + stage + "(arena, outputs + due * " +
                                       c_text::upper(program.options.name) + "_OUTPUT_ELEMENTS)"
                                 : stage + "(arena)";
  std::string call = "if (made[" + column + "] < still[" + column + "]) {\n        ++made[" + column +
                     "];\n        " + fire + ";\n      }";
  if (!gives)
    call += " else {\n        pad_" + c_text::number(static_cast<std::int64_t>(s)) + "(arena);\n      }";
  if (input) call = "pad_" + c_text::number(static_cast<std::int64_t>(s)) + "(arena);";
  if (const std::string due = due_condition(schedule, s, "*phase"); !due.empty())
    call = "if (" + due + ") {\n      " + call + "\n    }";
  return "    " + call + "\n";
}

}  // namespace

std::string flush_declaration(const Program &program, StreamValues values) {
  const EmitOptions &options = program.options;
  if (!options.no_flush.empty())
    return "\n/* There is no flush: " + c_text::comment_text(options.no_flush) + ". */\n";
  if (options.ending.left.empty()) return "";
  values["MOST_FLUSHED"] = c_text::number(most_flushed(program));
  return c_text::fill(kDeclaration, values);
}

std::string render_flush(const Program &program, const std::vector<StageText> &stages, StreamValues values) {
  const Ending &ending = program.options.ending;
  if (ending.left.empty()) return "";
  if (most_flushed(program) == 0) return c_text::fill(kNothing, values);
  const Schedule &schedule = program.schedule;
  const auto period = static_cast<std::int32_t>(ending.left.size());
  std::string rows;
  for (std::int32_t p = 0; p < period; ++p) {
    // The counter begins with the reset's calls.
    const auto frames = static_cast<std::size_t>((p + schedule.time->first % period + period) % period);
    std::string row = c_text::number(calls_left(program, frames));
    for (std::size_t s = 0; s < stages.size(); ++s) row += ", " + c_text::number(left_of(program, frames, s));
    rows += "      {" + row + "},\n";
  }
  values["ROWS"] = rows;
  values["PERIOD"] = c_text::number(period);
  values["COLUMNS"] = c_text::number(static_cast<std::int64_t>(stages.size()) + 1);
  values["NOW"] = period > 1 ? "*phase" : "0";
  values["PADS"] = values["CALLS"] = "";
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (s != output_stage(schedule)) values["PADS"] += pad_text(program, s, values);
    values["CALLS"] += call_text(program, s, stages[s].name);
  }
  if (!values["NEXT"].empty()) values["NEXT"] = "  " + values["NEXT"];
  return c_text::fill(kFlush, values);
}

}  // namespace thimble
