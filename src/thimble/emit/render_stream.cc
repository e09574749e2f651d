// What a stream has in place of a network's run: NAME_reset, NAME_step, and its state.
#include "thimble/emit/render.h"
#include "thimble/emit/render_memory.h"
#include "thimble/schedule/time_loop.h"

namespace thimble {
namespace {

/// Bytes of the memory that lives for one call only; 0: there is none.
std::int64_t scratch_bytes(const Schedule &schedule) {
  std::int64_t bytes = 0;
  for (const MemoryRegion &region : schedule.regions) {
    if (region.kind != RegionKind::state) bytes += region.size;
  }
  return bytes;
}

std::int64_t state_bytes(const Schedule &schedule) {
  return arena_bytes(schedule) - scratch_bytes(schedule);
}

const StageOp &output_op(const Schedule &schedule) {
  const TensorId output = schedule.graph->outputs[0];
  std::size_t s = 0;
  while (schedule.graph->op(schedule.stages[s].ops[0].op).output() != output) ++s;
  return schedule.stages[s].ops[0];
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

std::map<std::string, std::string> names(const Program &program) {
  const Schedule &schedule = program.schedule;
  return {{"BANNER", banner(program)},
          {"NAME", program.options.name},
          {"UPPER", c_text::upper(program.options.name)},
          {"FRAME_TYPE", frame_type(program)},
          {"OUTPUT_TYPE", output_type(program)},
          {"FRAMES", c_text::number(program.options.frames_per_step)},
          {"MOST", c_text::number(most_outputs(program))},
          {"ALIGNMENT", c_text::number(arena_alignment(schedule))},
          {"STATE_BYTES", c_text::number(state_bytes(schedule))},
          {"SCRATCH_BYTES", c_text::number(scratch_bytes(schedule))}};
}

constexpr std::string_view kHeader = R"(@BANNER@
/*
 *   model       @FILE@
 *   SHA-256     @SHA@
 *   numerics    @NUMERICS@
 *   options     @OPTIONS@
 *
 * A stream. The first output is due with frame @FIRST_CALL@ (they are numbered from 0), and from then on
 * @EVERY@.
 *
 * Use:
 *   @NAME@_reset(@NAME@_state);
 *   for (;;) {
 *     if (@NAME@_step(@NAME@_state, frames, outputs) > 0) ...
 *   }
 *
 * Memory. The state is all that lives from one call to the next: @UPPER@_STATE_BYTES bytes, aligned to
 * @UPPER@_STATE_ALIGNMENT. It holds no pointers: copied away and back it goes on where it was. Several streams need a state
 * each.@SCRATCH_TEXT@
 *
@MAPS@ */
#ifndef @UPPER@_H
#define @UPPER@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define @UPPER@_STATE_BYTES @STATE_BYTES@
#define @UPPER@_STATE_ALIGNMENT @ALIGNMENT@
#define @UPPER@_SCRATCH_BYTES @SCRATCH_BYTES@
/* All RAM of one stream: state and what a call needs besides. */
#define @UPPER@_ARENA_BYTES (@UPPER@_STATE_BYTES + @UPPER@_SCRATCH_BYTES)
/* Frames that a step takes, and outputs that it writes at most. */
#define @UPPER@_FRAMES_PER_STEP @FRAMES@
#define @UPPER@_MOST_OUTPUTS @MOST@
/* The frame with which the first output is due, and frames from one output to the next. */
#define @UPPER@_FIRST_OUTPUT @FIRST_CALL@
#define @UPPER@_PERIOD @PERIOD@

@PORTS@#ifndef @UPPER@_ALIGNED
#if defined(_MSC_VER)
#define @UPPER@_ALIGNED __declspec(align(@ALIGNMENT@))
#else
#define @UPPER@_ALIGNED __attribute__((aligned(@ALIGNMENT@)))
#endif
#endif

/* A static state, in @NAME@_arena.c. It takes no RAM unless the linker sees it used. */
extern @UPPER@_ALIGNED unsigned char @NAME@_state[@UPPER@_STATE_BYTES];

/* Begins a stream. Returns 0, or -1 when `state` is null or not aligned. */
int @NAME@_reset(void *state);

/* Does what can be done before the next frame is there: @AHEAD@.
 * To be called at any time between two steps, or never: the step does what has not been done. Returns 1 when there was
 * something to do, 0 when there was nothing, and -1 when `state` is null or not aligned. */
int @NAME@_pre(void *state);

/* Takes the next frames, one behind the other. Returns how many outputs were due and have been written, one behind the
 * other, or -1 when `state` is null or not aligned (nothing has been done then). */
int @NAME@_step(void *state, const @FRAME_TYPE@ frames[@UPPER@_FRAMES_PER_STEP * @UPPER@_FRAME_ELEMENTS],
                @OUTPUT_TYPE@ outputs[@UPPER@_MOST_OUTPUTS * @UPPER@_OUTPUT_ELEMENTS]);

#ifdef @UPPER@_TRACE
/* Build with -D@UPPER@_TRACE and define this function: it is called before every firing with the operator's number,
 * the range of the reduction, and the tile as `rank` pairs of first and last + 1 index. */
void @NAME@_trace(int32_t op, int32_t reduction_begin, int32_t reduction_end, int32_t rank, const int32_t *tile);
#endif

/* What the program relies on, checked by the compiler. */
typedef char @NAME@_check_byte[(sizeof(int32_t) == 4 && sizeof(float) == 4) ? 1 : -1];
#ifdef __cplusplus
}
#endif

#endif
)";

constexpr std::string_view kScratchText = R"( Within a call @UPPER@_SCRATCH_BYTES bytes are used
 * besides, by all streams: two calls must not happen at the same time.)";

std::string port_text(const Program &program, const std::string &what, TensorId id) {
  const Tensor &tensor = program.schedule.graph->tensor(id);
  const std::string prefix =
      "#define " + c_text::upper(program.options.name) + "_" + c_text::upper(what) + "_";
  const std::int64_t bytes = time_tile_bytes(program.schedule, id);
  std::string out = "/* " + c_text::upper(what).substr(0, 1) + what.substr(1) + ": " + name_of(tensor.type) +
                    ", one element of time of " + c_text::quoted(tensor.name) + quantisation_text(tensor) +
                    ".";
  if (const auto note = program.options.notes.find(id); note != program.options.notes.end())
    out += "\n * " + c_text::comment_text(note->second);
  out += " */\n" + prefix + "ELEMENTS " + c_text::number(bytes / size_of(tensor.type)) + "\n" + prefix +
         "BYTES " + c_text::number(bytes) + "\n";
  if (is_integer(tensor.type) && tensor.quantization.present()) {
    out += prefix + "SCALE " + c_text::decimal(tensor.quantization.scale()) + "\n" + prefix + "ZERO_POINT (" +
           c_text::number(tensor.quantization.zero_point()) + ")\n";
  }
  return out + "\n";
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

constexpr std::string_view kArenas = R"(/* What lives for one call only, and where all memory of a call is. */
static @UPPER@_ALIGNED unsigned char scratch[@UPPER@_SCRATCH_BYTES];
typedef struct {
@POINTERS@} @NAME@_arenas;

)";

constexpr std::string_view kArenaFile = R"(@BANNER@
#include "@NAME@.h"

@UPPER@_ALIGNED unsigned char @NAME@_state[@UPPER@_STATE_BYTES];
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

const Buffer *phase_buffer(const Schedule &schedule) {
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.kind == BufferKind::cursors && buffer.stage == kNone) return &buffer;
  }
  return nullptr;
}

/// The operators that fire before the frame.
std::string ahead_text(const Schedule &schedule) {
  const std::int32_t before = schedule.time->before;
  if (before == 0) return "nothing here, since every operator needs the frame";
  return c_text::number(before) + (before == 1 ? " operator that needs" : " operators that need") +
         " nothing of it";
}

}  // namespace

std::string render_stream_header(const Program &program) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  const StageOp &output = output_op(schedule);
  auto values = names(program);
  values["FILE"] = c_text::base_name(graph.file);
  values["SHA"] = c_text::comment_text(graph.sha256);
  values["NUMERICS"] = name_of(graph.numerics);
  values["OPTIONS"] =
      c_text::comment_text(program.options.options.empty() ? "none" : program.options.options);
  values["FIRST_CALL"] = c_text::number(output.offset);
  values["PERIOD"] = c_text::number(output.period);
  values["EVERY"] = output.period == 1
                        ? "with each frame"
                        : "with each that is a multiple of " + c_text::number(output.period) + " later";
  values["PORTS"] =
      port_text(program, "frame", graph.inputs[0]) + port_text(program, "output", graph.outputs[0]);
  values["AHEAD"] = ahead_text(schedule);
  if (scratch_bytes(schedule) > 0) values["SCRATCH_TEXT"] = c_text::fill(kScratchText, values);
  values.emplace("SCRATCH_TEXT", "");
  for (std::size_t r = 0; r < schedule.regions.size(); ++r) {
    const bool state = schedule.regions[r].kind == RegionKind::state;
    values["MAPS"] += std::string(r > 0 ? " *\n" : "") + " * " + (state ? "State" : "Scratch") + ", " +
                      c_text::grouped(schedule.regions[r].size) + " bytes\n" +
                      memory_map(schedule, static_cast<std::int32_t>(r));
  }
  return c_text::fill(kHeader, values);
}

std::string render_stream_memory(const Program &program) {
  if (program.schedule.regions.size() == 1) return "";
  auto values = names(program);
  for (const MemoryRegion &region : program.schedule.regions)
    values["POINTERS"] += "  unsigned char *" + region.name + ";\n";
  return c_text::fill(kArenas, values);
}

std::string render_stream_entries(const Program &program, const std::vector<StageText> &stages) {
  const Schedule &schedule = program.schedule;
  const bool apart = schedule.regions.size() > 1;
  auto values = names(program);
  values["ARENA"] = inner_arena_argument(program);
  values["INWARD"] = apart ? "arena" : "(unsigned char *)state";
  if (apart) {
    std::string addresses;
    for (const MemoryRegion &region : schedule.regions) {
      const bool state = region.kind == RegionKind::state;
      addresses +=
          std::string(addresses.empty() ? "" : ", ") + (state ? "(unsigned char *)state" : "scratch");
    }
    values["MEMORY"] = "  const " + program.options.name + "_arenas arena[1] = {{" + addresses + "}};\n";
  }
  const bool ahead = schedule.time->before > 0;
  const Buffer *phase = phase_buffer(schedule);
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
    if (driver.period > 1) {
      const std::int32_t early = driver.offset - schedule.time->first;
      call = "if (" + now + " % " + c_text::number(driver.period) +
             " == " + c_text::number(early % driver.period) + ") " + call;
    }
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
  return c_text::fill(kEntries, values);
}

std::string render_stream_arena(const Program &program) {
  return c_text::fill(kArenaFile, names(program));
}

std::string render_stream_example(const Program &program) {
  const bool real = output_type(program) == "float";
  auto values = names(program);
  values["FORMAT"] = real ? "g" : "ld";
  values["CAST"] = real ? "(double)" : "(long)";
  return c_text::fill(kExample, values);
}

}  // namespace thimble
