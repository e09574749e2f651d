#include "thimble/emit/stream_parts.h"

#include "thimble/emit/render_memory.h"

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

constexpr std::string_view kHeader = R"(@BANNER@
/*
 *   model       @FILE@
 *   SHA-256     @SHA@
 *   numerics    @NUMERICS@
 *   options     @OPTIONS@
 *
@INTRODUCTION@ *
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

@PORTS@@ALIGNED_MACRO@
/* A static state, in @NAME@_arena.c. It takes no RAM unless the linker sees it used. */
extern @UPPER@_ALIGNED unsigned char @NAME@_state[@UPPER@_STATE_BYTES];

/* Begins a stream. Returns 0, or -1 when `state` is null or not aligned. */
int @NAME@_reset(void *state);

@STEP_DECLARATION@
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

constexpr std::string_view kArenas = R"(/* What lives for one call only, and where all memory of a call is. */
static @UPPER@_ALIGNED unsigned char scratch[@UPPER@_SCRATCH_BYTES];
typedef struct {
@POINTERS@} @NAME@_arenas;

)";

constexpr std::string_view kArenaFile = R"(@BANNER@
#include "@NAME@.h"

@UPPER@_ALIGNED unsigned char @NAME@_state[@UPPER@_STATE_BYTES];
)";

}  // namespace

StreamValues stream_values(const Program &program) {
  const Schedule &schedule = program.schedule;
  const std::int64_t scratch = scratch_bytes(schedule);
  return {{"BANNER", banner(program)},
          {"NAME", program.options.name},
          {"UPPER", c_text::upper(program.options.name)},
          {"ALIGNMENT", c_text::number(arena_alignment(schedule))},
          {"STATE_BYTES", c_text::number(arena_bytes(schedule) - scratch)},
          {"SCRATCH_BYTES", c_text::number(scratch)}};
}

std::string stream_header(const Program &program, StreamValues values) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  values["FILE"] = c_text::base_name(graph.file);
  values["SHA"] = c_text::comment_text(graph.sha256);
  values["NUMERICS"] = name_of(graph.numerics);
  values["OPTIONS"] =
      c_text::comment_text(program.options.options.empty() ? "none" : program.options.options);
  if (scratch_bytes(schedule) > 0) values["SCRATCH_TEXT"] = c_text::fill(kScratchText, values);
  values.emplace("SCRATCH_TEXT", "");
  for (std::size_t r = 0; r < schedule.regions.size(); ++r) {
    const bool state = schedule.regions[r].kind == RegionKind::state;
    values["MAPS"] += std::string(r > 0 ? " *\n" : "") + " * " + (state ? "State" : "Scratch") + ", " +
                      c_text::grouped(schedule.regions[r].size) + " bytes\n" +
                      memory_map(schedule, static_cast<std::int32_t>(r));
  }
  values["ALIGNED_MACRO"] = c_text::fill(kAlignedMacro, values);
  return c_text::fill(kHeader, values);
}

std::string stream_port_text(const Program &program, const StreamPort &port) {
  const Tensor &tensor = program.schedule.graph->tensor(port.tensor);
  const std::string prefix =
      "#define " + c_text::upper(program.options.name) + "_" + c_text::upper(port.what) + "_";
  std::string out = "/* " + c_text::upper(port.what).substr(0, 1) + port.what.substr(1) + ": " +
                    name_of(tensor.type) + ", " + port.part + " " + c_text::quoted(tensor.name) +
                    quantisation_text(tensor) + ".";
  if (const auto note = program.options.notes.find(port.tensor); note != program.options.notes.end())
    out += "\n * " + c_text::comment_text(note->second);
  out += " */\n" + prefix + "ELEMENTS " + c_text::number(port.bytes / size_of(tensor.type)) + "\n" + prefix +
         "BYTES " + c_text::number(port.bytes) + "\n";
  if (is_integer(tensor.type) && tensor.quantization.present()) {
    out += prefix + "SCALE " + c_text::decimal(tensor.quantization.scale()) + "\n" + prefix + "ZERO_POINT (" +
           c_text::number(tensor.quantization.zero_point()) + ")\n";
  }
  return out + "\n";
}

std::size_t output_stage(const Schedule &schedule) {
  std::size_t s = 0;
  while (schedule.graph->op(schedule.stages[s].ops[0].op).output() != schedule.graph->outputs[0]) ++s;
  return s;
}

std::string due_condition(const Schedule &schedule, std::size_t stage, const std::string &phase) {
  const StageOp &driver = schedule.stages[stage].ops[0];
  if (driver.period == 1) return "";
  return phase + " % " + c_text::number(driver.period) +
         " == " + c_text::number((driver.offset - schedule.time->first) % driver.period);
}

std::string stream_arenas(const Program &program) {
  std::string addresses;
  for (const MemoryRegion &region : program.schedule.regions) {
    const bool state = region.kind == RegionKind::state;
    addresses += std::string(addresses.empty() ? "" : ", ") + (state ? "(unsigned char *)state" : "scratch");
  }
  return "const " + program.options.name + "_arenas arena[1] = {{" + addresses + "}};";
}

std::string render_stream_memory(const Program &program) {
  if (program.schedule.regions.size() == 1) return "";
  StreamValues values = stream_values(program);
  for (const MemoryRegion &region : program.schedule.regions)
    values["POINTERS"] += "  unsigned char *" + region.name + ";\n";
  return c_text::fill(kArenas, values);
}

std::string render_stream_arena(const Program &program) {
  return c_text::fill(kArenaFile, stream_values(program));
}

}  // namespace thimble
