// What a network that keeps states has in place of its run: NAME_reset puts their first bytes in place,
// NAME_step is one inference.
#include <algorithm>

#include "thimble/emit/render_memory.h"
#include "thimble/emit/stream_parts.h"

namespace thimble {
namespace {

struct Port {
  std::string name;  ///< "frame", or "frame_0" where there are several
  TensorId tensor = kNone;
};

std::vector<Port> ports(const std::vector<TensorId> &tensors, const std::string &what) {
  std::vector<Port> all;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    all.push_back({tensors.size() == 1 ? what : what + "_" + std::to_string(i), tensors[i]});
  return all;
}
std::vector<Port> frames(const Program &program) {
  return ports(program.schedule.graph->inputs, "frame");
}
std::vector<Port> outputs(const Program &program) {
  return ports(program.schedule.graph->outputs, "output");
}

std::string elements_macro(const Program &program, const Port &port) {
  return c_text::upper(program.options.name) + "_" + c_text::upper(port.name) + "_ELEMENTS";
}

std::string type_of(const Program &program, const Port &port) {
  return c_text::type_of(program.schedule.graph->tensor(port.tensor).type);
}

/// "const int8_t frame[NAME_FRAME_ELEMENTS], uint8_t output[...]"
std::string step_parameters(const Program &program) {
  std::string text;
  for (const Port &port : frames(program))
    text += ", const " + type_of(program, port) + " " + port.name + "[" + elements_macro(program, port) + "]";
  for (const Port &port : outputs(program))
    text += ", " + type_of(program, port) + " " + port.name + "[" + elements_macro(program, port) + "]";
  return text;
}

std::string step_arguments(const Program &program) {
  std::string text;
  for (const Port &port : frames(program)) text += ", " + port.name;
  for (const Port &port : outputs(program)) text += ", " + port.name;
  return text;
}

StreamValues names(const Program &program) {
  StreamValues values = stream_values(program);
  values["PARAMETERS"] = step_parameters(program);
  values["ARGUMENTS"] = step_arguments(program);
  return values;
}

constexpr std::string_view kIntroduction =
    R"( * A network that keeps states from one inference to the next. A step is one inference: it takes a frame, which is all
 * of the network's input, and gives an output.
 *
 * Use:
 *   @NAME@_reset(@NAME@_state);
 *   for (;;) {
 *     if (@NAME@_step(@NAME@_state@ARGUMENTS@) == 1) ...
 *   }
)";

constexpr std::string_view kStepDeclaration =
    R"(/* Here for those who call it for every stream: there is nothing to do before the next frame. Returns 0, or -1 when
 * `state` is null or not aligned. */
int @NAME@_pre(void *state);

/* One inference. Returns 1, or -1 when `state` is null or not aligned (nothing has been done then). */
int @NAME@_step(void *state@PARAMETERS@);
)";

constexpr std::string_view kEntries =
    R"(int @NAME@_reset(void *state) {
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
  unsigned char *const bytes = (unsigned char *)state;
  for (int32_t i = 0; i < @UPPER@_STATE_BYTES; ++i) bytes[i] = 0;
@BEGIN@  return 0;
}

int @NAME@_pre(void *state) {
  return state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0 ? -1 : 0;
}

int @NAME@_step(void *state@PARAMETERS@) {
  if (state == 0 || (uintptr_t)state % @UPPER@_STATE_ALIGNMENT != 0) return -1;
  @ARENA@
@FRAMES_IN@@CALLS@@OUTPUTS_OUT@@KEEP@  return 1;
}
)";

constexpr std::string_view kExample = R"(@BANNER@
/* An example: steps over frames of zeros, of which it prints the beginning of the first outputs. */
#include <stdio.h>

#include "@NAME@.h"

@ARRAYS@
int main(void) {
  if (@NAME@_reset(@NAME@_state) != 0) return 1;
  for (int t = 0; t < 3; ++t) {
    if (@NAME@_step(@NAME@_state@ARGUMENTS@) != 1) return 1;
@PRINT@  }
  return 0;
}
)";

std::string copy_text(std::int64_t bytes, const std::string &from, const std::string &to) {
  return "  thimble_copy_8(" + c_text::number(bytes) + ", " + from + ", 1, " + to + ");\n";
}

std::string place_of(const Schedule &schedule, TensorId tensor) {
  const Buffer &buffer = *buffer_of(schedule, tensor, kNone);
  return inner_arena_base(schedule, buffer.region) + " + " + offset_name(schedule, buffer);
}

std::string symbol_of(const Program &program, std::size_t state) {
  return program.options.name + "_state_" + std::to_string(state);
}

/// The one byte that all of a state begins with, if there is one.
std::optional<std::uint8_t> only_byte(const Bytes &bytes) {
  const bool one = std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t b) { return b == bytes[0]; });
  return one ? std::optional(bytes[0]) : std::nullopt;
}

/// Statements that put the first bytes of all states in place, where they are not zeros.
std::string begin_text(const Program &program) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  std::string text;
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const Bytes initial = initial_bytes(graph, graph.states[s]);
    const std::string at = offset_name(schedule, *buffer_of(schedule, graph.states[s].read, kNone));
    const std::string count = c_text::number(static_cast<std::int64_t>(initial.size()));
    const auto byte = only_byte(initial);
    if (!byte) {
      text += copy_text(static_cast<std::int64_t>(initial.size()), symbol_of(program, s), "bytes + " + at);
    } else if (*byte != 0) {
      text += "  for (int32_t i = 0; i < " + count + "; ++i) bytes[" + at +
              " + i] = " + c_text::number(*byte) + ";\n";
    }
  }
  return text;
}

/// What is not made where the next step reads it goes there now.
std::string keep_text(const Program &program) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  std::string text;
  for (const State &state : graph.states) {
    if (is_in_place(schedule, state)) continue;
    text += copy_text(graph.tensor(state.read).bytes(), place_of(schedule, state.written),
                      place_of(schedule, state.read));
  }
  return text.empty() ? "" : "  /* What the next step reads. */\n" + text;
}

}  // namespace

void add_state_parts(Program &program) {
  program.headers.insert("thimble_movement.h");
  program.kernels.insert("thimble_copy_8");
  const Graph &graph = *program.schedule.graph;
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const Bytes initial = initial_bytes(graph, graph.states[s]);
    if (only_byte(initial)) continue;
    const auto bytes = static_cast<std::int64_t>(initial.size());
    program.tables.push_back({symbol_of(program, s), "uint8_t",
                              "what state " + c_text::quoted(graph.states[s].name) + " begins with",
                              c_text::values<std::uint8_t>(initial), bytes, bytes});
  }
}

std::string render_states_header(const Program &program) {
  const Graph &graph = *program.schedule.graph;
  StreamValues values = names(program);
  values["FRAMES"] = values["MOST"] = values["PERIOD"] = "1";
  values["FIRST_CALL"] = "0";
  for (const std::vector<Port> &all : {frames(program), outputs(program)}) {
    for (const Port &port : all)
      values["PORTS"] +=
          stream_port_text(program, {port.name, port.tensor, graph.tensor(port.tensor).bytes(),
                                     "all of " + c_text::shape(graph.tensor(port.tensor).shape)});
  }
  values["INTRODUCTION"] = c_text::fill(kIntroduction, values);
  values["STEP_DECLARATION"] = c_text::fill(kStepDeclaration, values);
  return stream_header(program, std::move(values));
}

std::string render_states_entries(const Program &program, const std::vector<StageText> &stages) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  StreamValues values = names(program);
  values["ARENA"] = schedule.regions.size() > 1 ? stream_arenas(program)
                                                : "unsigned char *const arena = (unsigned char *)state;";
  values["BEGIN"] = begin_text(program);
  values["FRAMES_IN"] = values["OUTPUTS_OUT"] = "";
  for (const Port &port : frames(program)) {
    values["FRAMES_IN"] +=
        copy_text(graph.tensor(port.tensor).bytes(), port.name, place_of(schedule, port.tensor));
  }
  for (const Port &port : outputs(program)) {
    values["OUTPUTS_OUT"] +=
        copy_text(graph.tensor(port.tensor).bytes(), place_of(schedule, port.tensor), port.name);
  }
  values["CALLS"] = stage_calls(program, stages).after;
  values["KEEP"] = keep_text(program);
  return c_text::fill(kEntries, values);
}

std::string render_states_example(const Program &program) {
  StreamValues values = names(program);
  for (const Port &port : frames(program)) {
    values["ARRAYS"] += "static const " + type_of(program, port) + " " + port.name + "[" +
                        elements_macro(program, port) + "];\n";
  }
  for (const Port &port : outputs(program)) {
    const bool real = type_of(program, port) == "float";
    values["ARRAYS"] +=
        "static " + type_of(program, port) + " " + port.name + "[" + elements_macro(program, port) + "];\n";
    values["PRINT"] += "    for (int i = 0; i < " + elements_macro(program, port) +
                       " && i < 10; ++i) printf(\"frame %d, " + port.name + " [%d]: %" + (real ? "g" : "ld") +
                       "\\n\", t, i, " + (real ? "(double)" : "(long)") + port.name + "[i]);\n";
  }
  return c_text::fill(kExample, values);
}

}  // namespace thimble
