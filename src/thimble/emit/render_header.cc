// NAME.h: the program's interface and documentation.
#include <algorithm>

#include "thimble/emit/render.h"
#include "thimble/emit/render_memory.h"
#include "thimble/schedule/cost.h"

namespace thimble {
namespace {

struct Port {
  std::string direction;  ///< "input" or "output"
  std::size_t index = 0;
  TensorId tensor = kNone;
};

std::vector<Port> ports(const Graph &graph) {
  std::vector<Port> all;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) all.push_back({"input", i, graph.inputs[i]});
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) all.push_back({"output", i, graph.outputs[i]});
  return all;
}

std::string port_macros(const Program &program, const Port &port) {
  const Schedule &schedule = program.schedule;
  const Tensor &tensor = schedule.graph->tensor(port.tensor);
  const bool by_rows = port.direction == "input" && is_row_fed(program.schedule, port.tensor);
  const std::string prefix = c_text::upper(program.options.name) + "_" + c_text::upper(port.direction) + "_" +
                             std::to_string(port.index);
  std::string out = "/* " + c_text::upper(port.direction).substr(0, 1) + port.direction.substr(1) + " " +
                    std::to_string(port.index) + ": " + name_of(tensor.type) + " " +
                    c_text::shape(tensor.shape) + " " + c_text::quoted(tensor.name) +
                    quantisation_text(tensor) + "." + (by_rows ? " Handed in row by row." : "");
  if (const auto note = program.options.notes.find(port.tensor); note != program.options.notes.end()) {
    out += "\n * " + c_text::comment_text(note->second);
  }
  out += " */\n";
  const auto define = [&](const std::string &name, const std::string &value) {
    out += "#define " + prefix + "_" + name + " " + value + "\n";
  };
  std::string shape = "{";
  for (std::int32_t length : tensor.shape) shape += (shape.size() == 1 ? "" : ", ") + c_text::number(length);
  define("RANK", c_text::number(tensor.rank()));
  if (tensor.rank() > 0) define("SHAPE", shape + "}");
  define("ELEMENTS", c_text::number(tensor.elements()));
  define("BYTES", c_text::number(tensor.bytes()));
  if (!by_rows) define("OFFSET", c_text::number(buffer_of(schedule, port.tensor, kNone)->offset));
  if (is_integer(tensor.type) && tensor.quantization.present()) {
    define("SCALE", c_text::decimal(tensor.quantization.scale()));
    define("ZERO_POINT", std::string("(").append(c_text::number(tensor.quantization.zero_point())) + ")");
  }
  return out + "\n";
}

std::string port_function(const Program &program, const Port &port) {
  if (port.direction == "input" && is_row_fed(program.schedule, port.tensor)) return "";
  const Tensor &tensor = program.schedule.graph->tensor(port.tensor);
  const std::string number = std::to_string(port.index);
  const std::string prefix =
      c_text::upper(program.options.name) + "_" + c_text::upper(port.direction) + "_" + number;
  const std::string type = c_text::type_of(tensor.type);
  return "static inline " + type + " *" + program.options.name + "_" + port.direction + "_" + number + "(" +
         arena_argument(program) + ") {\n  return (" + type + " *)(void *)(" +
         arena_base(program, buffer_of(program.schedule, port.tensor, kNone)->region) + " + " + prefix +
         "_OFFSET);\n}\n";
}

std::string port_check(const Program &program, const Port &port) {
  if (port.direction == "input" && is_row_fed(program.schedule, port.tensor)) return "";
  const Tensor &tensor = program.schedule.graph->tensor(port.tensor);
  const std::string upper = c_text::upper(program.options.name);
  const std::string prefix = upper + "_" + c_text::upper(port.direction) + "_" + std::to_string(port.index);
  const std::int32_t region = buffer_of(program.schedule, port.tensor, kNone)->region;
  return "typedef char " + program.options.name + "_check_" + port.direction + "_" +
         std::to_string(port.index) + "[(" + prefix + "_BYTES == " + prefix + "_ELEMENTS * sizeof(" +
         c_text::type_of(tensor.type) + ") &&\n    " + prefix + "_OFFSET + " + prefix +
         "_BYTES <= " + arena_bytes_macro(program, region) + ") ? 1 : -1];\n";
}

constexpr std::string_view kPush =
    R"(/* Hands in row `number` of @INPUT@ and does everything that it makes possible. Call it for
 * every row in order, 0 to @UPPER@_ROWS - 1, after all other inputs have been written; then @NAME@_run does the rest.
 * The row may be reused when the call returns. Row 0 begins a new image, whatever came before. Returns 0, or -1 as
 * @NAME@_run, or when there is no such row. */
#define @UPPER@_ROWS @ROWS@
#define @UPPER@_ROW_ELEMENTS @ELEMENTS@
int @NAME@_push_row(@ARENA_ARGUMENT@, int32_t number, const @TYPE@ row[@UPPER@_ROW_ELEMENTS]);

)";

std::string push_declaration(const Program &program) {
  const Graph &graph = *program.schedule.graph;
  const TensorId id = graph.op(program.row_fed_input).output();
  const Tensor &tensor = graph.tensor(id);
  std::size_t index = 0;
  while (graph.inputs[index] != id) ++index;
  const std::int64_t rows = rows_of(tensor);
  return c_text::fill(kPush, {{"INPUT", "input " + std::to_string(index)},
                              {"NAME", program.options.name},
                              {"UPPER", c_text::upper(program.options.name)},
                              {"ARENA_ARGUMENT", arena_argument(program)},
                              {"ROWS", c_text::number(rows)},
                              {"ELEMENTS", c_text::number(tensor.elements() / rows)},
                              {"TYPE", c_text::type_of(tensor.type)}});
}

std::int64_t port_bytes(const Graph &graph, const std::vector<TensorId> &tensors) {
  std::int64_t sum = 0;
  for (TensorId id : tensors) sum += graph.tensor(id).bytes();
  return sum;
}

constexpr std::string_view kHeader = R"(@BANNER@
/* A neural network as plain C: no heap, no operating system, no global state but what you pass in.
 *
 *   model       @FILE@
 *   SHA-256     @SHA@
 *   numerics    @NUMERICS@
 *   options     @OPTIONS@
 *   operators   @OPS@, @MACS@ multiply-accumulates per run
 *
 * Use:
@USE@ *   if (@NAME@_run(@NAME@_arena) != 0) ...
 *   result = @NAME@_output(@NAME@_arena, 0);
 *
@MEMORY@ */
#ifndef @UPPER@_H
#define @UPPER@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

@ARENA_SIZES@#define @UPPER@_INPUTS @INPUTS@
#define @UPPER@_OUTPUTS @OUTPUTS@

@PORTS@@ARENA_DECLARATION@/* Pointers to inputs and outputs inside an arena; the macros take the number as a literal:
 * @NAME@_input(arena, 0), @NAME@_output(arena, 0). */
@FUNCTIONS@
#define @NAME@_input(arena, i) @NAME@_input_##i(arena)
#define @NAME@_output(arena, i) @NAME@_output_##i(arena)

@PUSH@/* Runs the network once. Returns 0, or -1 when `arena` is null or not aligned (nothing has been done then). */
int @NAME@_run(@ARENA_ARGUMENT@);

/* The same with your own buffers, through the static arena: copies in, runs, copies out. Returns 0. Not to be called
 * from two threads. RAM with this wrapper: the arena and your buffers, @UPPER@_RUN_COPY_RAM_BYTES. */
#define @UPPER@_RUN_COPY_RAM_BYTES @RUN_COPY@
@RUN_COPY_PROTOTYPE@;
@SELFTEST@
#ifdef @UPPER@_TRACE
/* Build with -D@UPPER@_TRACE and define this function: it is called before every firing with the operator's number,
 * the range of the reduction, and the tile as `rank` pairs of first and last + 1 index. */
void @NAME@_trace(int32_t op, int32_t reduction_begin, int32_t reduction_end, int32_t rank, const int32_t *tile);
#endif

/* What the program relies on, checked by the compiler. */
typedef char @NAME@_check_byte[(sizeof(int32_t) == 4 && sizeof(float) == 4) ? 1 : -1];
@CHECKS@
#ifdef __cplusplus
}
#endif

#endif
)";

}  // namespace

std::string quantisation_text(const Tensor &tensor) {
  if (!is_integer(tensor.type) || !tensor.quantization.present()) return "";
  return ", real = " + c_text::decimal(tensor.quantization.scale()) + " * (stored - " +
         c_text::number(tensor.quantization.zero_point()) + ")";
}

std::string run_copy_prototype(const Program &program) {
  const Graph &graph = *program.schedule.graph;
  std::string arguments;
  for (const Port &port : ports(graph)) {
    const std::string prefix = c_text::upper(program.options.name) + "_" + c_text::upper(port.direction) +
                               "_" + std::to_string(port.index);
    arguments += (arguments.empty() ? "" : ", ") + std::string(port.direction == "input" ? "const " : "") +
                 c_text::type_of(graph.tensor(port.tensor).type) + " " + port.direction + "_" +
                 std::to_string(port.index) + "[" + prefix + "_ELEMENTS]";
  }
  return "int " + program.options.name + "_run_copy(" + arguments + ")";
}

std::string render_header(const Program &program) {
  const Schedule &schedule = program.schedule;
  const Graph &graph = *schedule.graph;
  std::string port_text, functions, checks;
  for (const Port &port : ports(graph)) {
    port_text += port_macros(program, port);
    functions += port_function(program, port);
    checks += port_check(program, port);
  }
  const std::string upper = c_text::upper(program.options.name);
  const std::string &name = program.options.name;
  std::string use =
      " *   memcpy(" + name + "_input(" + name + "_arena, 0), data, " + upper + "_INPUT_0_BYTES);\n";
  std::string push;
  if (program.row_fed_stage != kNone) {
    use = " *   for (r = 0; r < " + upper + "_ROWS; ++r) " + name + "_push_row(" + name +
          "_arena, r, row of the image);\n";
    push = push_declaration(program);
  }
  std::string selftest;
  if (program.options.selftest) {
    selftest =
        "\n/* Runs the golden vector that the compiler computed with its interpreter. Returns the number of "
        "output\n"
        " * bytes that differ: 0 proves that this build is bit-exact. -1 as for " +
        program.options.name + "_run. */\nint " + program.options.name + "_selftest(" +
        arena_argument(program) + ");\n";
  }
  const std::int64_t arena = arena_bytes(schedule);
  return c_text::fill(
      kHeader,
      {{"BANNER", banner(program)},
       {"FILE", c_text::base_name(graph.file)},
       {"SHA", c_text::comment_text(graph.sha256)},
       {"NUMERICS", name_of(graph.numerics)},
       {"OPTIONS", c_text::comment_text(program.options.options.empty() ? "none" : program.options.options)},
       {"OPS", std::to_string(graph.ops.size() - graph.inputs.size())},
       {"MACS", c_text::grouped(compute_cost(schedule).macs)},
       {"NAME", program.options.name},
       {"UPPER", upper},
       {"MEMORY", memory_documentation(program)},
       {"ARENA_SIZES", arena_sizes(program)},
       {"ARENA_DECLARATION", arena_declaration(program)},
       {"ARENA_ARGUMENT", arena_argument(program)},
       {"INPUTS", std::to_string(graph.inputs.size())},
       {"OUTPUTS", std::to_string(graph.outputs.size())},
       {"PORTS", port_text},
       {"FUNCTIONS", functions},
       {"RUN_COPY",
        c_text::number(arena + port_bytes(graph, graph.inputs) + port_bytes(graph, graph.outputs))},
       {"RUN_COPY_PROTOTYPE", run_copy_prototype(program)},
       {"USE", use},
       {"PUSH", push},
       {"SELFTEST", selftest},
       {"CHECKS", checks}});
}

}  // namespace thimble
