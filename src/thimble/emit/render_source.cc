// NAME.c: offsets, one function per stage, the run.
#include <algorithm>

#include "thimble/emit/render.h"

namespace thimble {
namespace {

/// Named offsets of the tensors' buffers.
std::string offsets(const Schedule &schedule) {
  std::vector<const Buffer *> buffers;
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.tensor != kNone) buffers.push_back(&buffer);
  }
  std::stable_sort(buffers.begin(), buffers.end(),
                   [](const Buffer *a, const Buffer *b) { return a->first < b->first; });
  std::string out;
  for (const Buffer *buffer : buffers) {
    const Tensor &tensor = schedule.graph->tensor(buffer->tensor);
    out += "  " + offset_name(*schedule.graph, buffer->tensor) + " = " + c_text::number(buffer->offset) +
           ", /* " + name_of(tensor.type) + " " + c_text::shape(tensor.shape) + ", " +
           c_text::grouped(buffer->size) + " bytes */\n";
  }
  return out;
}

std::string block_comment(const std::string &lines) {
  std::string out = "/* ";
  for (char c : lines) {
    out += c;
    if (c == '\n') out += " * ";
  }
  return out + " */\n";
}

constexpr std::string_view kSource = R"(@BANNER@
#include "@NAME@.h"

#include "@NAME@_weights.h"
@INCLUDES@
/* Where tensors begin in the arena. */
enum {
@OFFSETS@};

#ifdef @UPPER@_TRACE
#define TRACE(op, reduction_begin, reduction_end, rank, ...) \
  @NAME@_trace(op, reduction_begin, reduction_end, rank, (const int32_t[]){__VA_ARGS__})
#else
#define TRACE(...) ((void)0)
#endif

@STAGES@int @NAME@_run(void *arena) {
  if (arena == 0 || (uintptr_t)arena % @UPPER@_ARENA_ALIGNMENT != 0) return -1;
@CALLS@  return 0;
}
)";

}  // namespace

std::string render_source(const Program &program, const std::vector<StageText> &stages) {
  std::string functions, calls, includes;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const StageText &stage = stages[i];
    if (stage.comment.empty()) continue;
    const std::string name = "stage_" + std::to_string(i);
    if (!stage.computes) {
      functions += block_comment(stage.comment + "\nThe same bytes: nothing to do.") + "\n";
      calls += stage.traces;
      continue;
    }
    functions += block_comment(stage.comment) + stage.definitions + (stage.definitions.empty() ? "" : "\n") +
                 "static void " + name + "(unsigned char *arena) {\n" + stage.body + "}\n\n";
    calls += "  " + name + "((unsigned char *)arena);\n";
  }
  for (const std::string &header : program.headers) includes += "#include \"" + header + "\"\n";
  return fill(kSource, {{"BANNER", banner(program)},
                        {"NAME", program.options.name},
                        {"UPPER", c_text::upper(program.options.name)},
                        {"INCLUDES", includes},
                        {"OFFSETS", offsets(program.schedule)},
                        {"STAGES", functions},
                        {"CALLS", calls}});
}

}  // namespace thimble
