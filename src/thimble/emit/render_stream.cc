// What a stream has in place of a network's run: NAME_reset, NAME_step, and its state.
#include "thimble/emit/render.h"
#include "thimble/emit/render_flush.h"
#include "thimble/emit/render_memory.h"
#include "thimble/emit/stream_parts.h"
#include "thimble/schedule/cursors.h"
#include "thimble/schedule/time_loop.h"

namespace thimble {
namespace {

const StageOp &output_op(const Schedule &schedule) {
  return schedule.stages[output_stage(schedule)].ops[0];
}

std::string frame_type(const Program &program) {
  return c_text::type_of(program.schedule.graph->tensor(program.schedule.graph->inputs[0]).type);
}
std::string output_type(const Program &program) {
  return c_text::type_of(program.schedule.graph->tensor(program.schedule.graph->outputs[0]).type);
}

/// Outputs of one step.
std::int32_t most_outputs(const Program &program) {
  const std::int32_t period = output_op(program.schedule).period;
  return (program.options.frames_per_step + period - 1) / period;
}

StreamValues names(const Program &program) {
  StreamValues values = stream_values(program);
  values["FRAME_TYPE"] = frame_type(program);
  values["OUTPUT_TYPE"] = output_type(program);
  values["FRAMES"] = c_text::number(program.options.frames_per_step);
  values["MOST"] = c_text::number(most_outputs(program));
  return values;
}

constexpr std::string_view kIntroduction =
    R"( * A stream. The first output is due with frame @FIRST_CALL@ (they are numbered from 0), and from then on
 * @EVERY@.
 *
 * Use:
 *   @NAME@_reset(@NAME@_state);
 *   for (;;) {
 *     if (@NAME@_step(@NAME@_state, frames, outputs) > 0) ...
 *   }
)";

constexpr std::string_view kStepDeclaration =
    R"(/* Does what can be done before the next frame is there: @AHEAD@.
 * To be called at any time between two steps, or never: the step does what has not been done. Returns 1 when there was
 * something to do, 0 when there was nothing, and -1 when `state` is null or not aligned. */
int @NAME@_pre(void *state);

/* Takes the next frames, one behind the other. Returns how many outputs were due and have been written, one behind the
 * other, or -1 when `state` is null or not aligned (nothing has been done then). */
int @NAME@_step(void *state, const @FRAME_TYPE@ frames[@UPPER@_FRAMES_PER_STEP * @UPPER@_FRAME_ELEMENTS],
                @OUTPUT_TYPE@ outputs[@UPPER@_MOST_OUTPUTS * @UPPER@_OUTPUT_ELEMENTS]);
)";

std::string port_text(const Program &program, const std::string &what, TensorId id) {
  return stream_port_text(program,
                          {what, id, time_tile_bytes(program.schedule, id), "one element of time of"});
}

constexpr std::string_view kEntries =
    R"(@BEFORE@static int call(@ARENA@, const @FRAME_TYPE@ *frame, @OUTPUT_TYPE@ *output) {
  int due = 0;
@FIRST@@PHASE@@CALLS@@NEXT@  return due;
}

int @NAME@_reset(void *state) {
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
  for (int32_t i = 0; i < @UPPER@_STATE_BYTES; ++i) ((unsigned char *)state)[i] = 0;
@EARLY@  return 0;
}

int @NAME@_pre(void *state) {
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
@PRE@}

int @NAME@_step(void *state, const @FRAME_TYPE@ frames[@UPPER@_FRAMES_PER_STEP * @UPPER@_FRAME_ELEMENTS],
                @OUTPUT_TYPE@ outputs[@UPPER@_MOST_OUTPUTS * @UPPER@_OUTPUT_ELEMENTS]) {
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
@MEMORY@@STEP@}
)";

/// What is done before the frame of a call. The counter is 2 * phase, and 1 more when that is done.
constexpr std::string_view kBefore = R"(static int before_frame(@ARENA@) {
@PHASE@  if (*phase % 2 != 0) return 0;
@CALLS_BEFORE@  *phase = (@PHASE_TYPE@)(*phase + 1);
  return 1;
}

)";

constexpr std::string_view kOneCall = R"(  return call(@INWARD@, frames, outputs);
)";

constexpr std::string_view kCalls = R"(  int due = 0;
  for (int32_t f = 0; f < @UPPER@_FRAMES_PER_STEP; ++f)
    due += call(@INWARD@, frames + f * @UPPER@_FRAME_ELEMENTS, outputs + due * @UPPER@_OUTPUT_ELEMENTS);
  return due;
)";

constexpr std::string_view kExample = R"(@BANNER@
/* An example: a stream of frames of zeros, of which it prints the beginning of the first outputs. */
#include <stdio.h>

#include "@NAME@.h"

static const @FRAME_TYPE@ frames[@UPPER@_FRAMES_PER_STEP * @UPPER@_FRAME_ELEMENTS];
static @OUTPUT_TYPE@ outputs[@UPPER@_MOST_OUTPUTS * @UPPER@_OUTPUT_ELEMENTS];

int main(void) {
  if (@NAME@_reset(@NAME@_state) != 0) return 1;
  for (int t = 0; t < @UPPER@_FIRST_OUTPUT + 3 * @UPPER@_PERIOD; t += @UPPER@_FRAMES_PER_STEP) {
    if (@NAME@_step(@NAME@_state, frames, outputs) < 1) continue;
    for (int i = 0; i < @UPPER@_OUTPUT_ELEMENTS && i < 10; ++i) printf("frame %d, output [%d]: %@FORMAT@\n", t, i, @CAST@outputs[i]);
  }
  return 0;
}
)";

/// The operators that fire before the frame.
std::string ahead_text(const Schedule &schedule) {
  const std::int32_t before = schedule.time->before;
  if (before == 0) return "nothing here, since every operator needs the frame";
  return c_text::number(before) + (before == 1 ? " operator that needs" : " operators that need") +
         " nothing of it";
}

}  // namespace

std::string render_stream_header(const Program &program) {
  const Graph &graph = *program.schedule.graph;
  const StageOp &output = output_op(program.schedule);
  StreamValues values = names(program);
  values["FIRST_CALL"] = c_text::number(output.offset);
  values["PERIOD"] = c_text::number(output.period);
  values["EVERY"] = output.period == 1
                        ? "with each frame"
                        : "with each that is a multiple of " + c_text::number(output.period) + " later";
  values["PORTS"] =
      port_text(program, "frame", graph.inputs[0]) + port_text(program, "output", graph.outputs[0]);
  values["AHEAD"] = ahead_text(program.schedule);
  values["INTRODUCTION"] = c_text::fill(kIntroduction, values);
  values["STEP_DECLARATION"] = c_text::fill(kStepDeclaration, values) + flush_declaration(program, values);
  return stream_header(program, std::move(values));
}

std::string render_stream_entries(const Program &program, const std::vector<StageText> &stages) {
  const Schedule &schedule = program.schedule;
  const bool apart = schedule.regions.size() > 1;
  auto values = names(program);
  values["ARENA"] = inner_arena_argument(program);
  values["INWARD"] = apart ? "arena" : "(unsigned char *)state";
  if (apart) {
    values["MEMORY"] = "  " + stream_arenas(program) + "\n";
  }
  const bool ahead = schedule.time->before > 0;
  const Buffer *phase = cursors_of(schedule, kNone);
  if (phase != nullptr) {
    const std::string type = phase->size == 2 ? "int16_t" : "int32_t";
    values["PHASE_TYPE"] = type;
    values["PHASE"] = "  " + type + " *const phase = (" + type + " *)(" +
                      inner_arena_base(schedule, phase->region) + " + " + offset_name(schedule, *phase) +
                      ");\n";
    values["NEXT"] = "  *phase = (" + type +
                     ")(*phase + 1 == " + c_text::number(period_of(schedule) * (ahead ? 2 : 1)) +
                     " ? 0 : *phase + 1);\n";
  }
  const std::string now = ahead ? "*phase / 2" : "*phase";
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const StageOp &driver = schedule.stages[s].ops[0];
    const Op &op = schedule.graph->op(driver.op);
    const bool gives = contains(schedule.graph->outputs, op.output());
    std::string call = stages[s].name + "(arena" +
                       (op.is<Input>() ? ", frame"
                        : gives        ? ", output"
                                       : "") +
                       ");\n";
    if (gives) call = "due = " + call;
    if (const std::string due = due_condition(schedule, s, now); !due.empty())
      call = "if (" + due + ") " + call;
    const bool before = s < static_cast<std::size_t>(schedule.time->before);
    values[before ? "CALLS_BEFORE" : "CALLS"] += "  " + call;
  }
  values["PRE"] = "  return 0;\n";
  if (ahead) {
    values["BEFORE"] = c_text::fill(kBefore, values);
    values["FIRST"] = "  (void)before_frame(arena);\n";
    values["PRE"] = values["MEMORY"] + "  return before_frame(" + values["INWARD"] + ");\n";
  }
  if (const std::int32_t early = -schedule.time->first; early > 0) {
    values["EARLY"] = values["MEMORY"] + "  /* What is made ahead of the frames it has none of. */\n" +
                      "  for (int32_t t = 0; t < " + c_text::number(early) + "; ++t) (void)call(" +
                      values["INWARD"] + ", 0, 0);\n";
  }
  values["STEP"] = c_text::fill(program.options.frames_per_step == 1 ? kOneCall : kCalls, values);
  for (const char *part : {"MEMORY", "PHASE", "NEXT", "EARLY", "CALLS", "BEFORE", "FIRST"})
    values.emplace(part, "");
  return c_text::fill(kEntries, values) + render_flush(program, stages, values);
}

std::string render_stream_example(const Program &program) {
  const bool real = output_type(program) == "float";
  auto values = names(program);
  values["FORMAT"] = real ? "g" : "ld";
  values["CAST"] = real ? "(double)" : "(long)";
  return c_text::fill(kExample, values);
}

}  // namespace thimble
