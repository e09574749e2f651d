// NAME.c: offsets, one function per stage, the run.
#include <algorithm>

#include "thimble/emit/render.h"
#include "thimble/emit/render_memory.h"

namespace thimble {
namespace {

/// Named offsets of the buffers.
std::string offsets(const Schedule &schedule) {
  std::vector<const Buffer *> buffers;
  for (const Buffer &buffer : schedule.buffers) buffers.push_back(&buffer);
  std::stable_sort(buffers.begin(), buffers.end(),
                   [](const Buffer *a, const Buffer *b) { return a->first < b->first; });
  std::string out;
  for (const Buffer *buffer : buffers) {
    std::string what;
    if (buffer->tensor != kNone) {
      const Tensor &tensor = schedule.graph->tensor(buffer->tensor);
      const bool sums = buffer->kind == BufferKind::accumulator;
      what = std::string(sums ? "sums of " : "") + name_of(tensor.type) + " " + c_text::shape(tensor.shape);
      if (const std::string folds = layout_text(buffer->layout); folds != "whole") what += ", " + folds;
      what += ", ";
    }
    if (schedule.regions.size() > 1)
      what += schedule.regions[static_cast<std::size_t>(buffer->region)].name + ", ";
    out += "  " + offset_name(schedule, *buffer) + " = " + c_text::number(buffer->offset) + ", /* " + what +
           c_text::grouped(buffer->size) + " bytes */\n";
  }
  return out;
}

constexpr std::string_view kSource = R"(@BANNER@
#include "@NAME@.h"

#include "@NAME@_weights.h"
@INCLUDES@
#if defined(__GNUC__) && !defined(__clang__)
/* What follows walks over tiles and calls kernels, which do the work: a small stack matters more than its speed. */
#pragma GCC optimize("Os")
#endif

@MEMORY@/* Where tensors begin in @ARENAS@. */
enum {
@OFFSETS@};

#ifdef @UPPER@_MARKS
/* For tools that count: where operators begin, in a section that is not loaded. This is no instruction. */
#define MARK(op) __asm__ volatile("1: .pushsection .thimble_marks, \"\"; .4byte 1b, " #op "; .popsection")
#else
#define MARK(op) ((void)0)
#endif
#ifdef @UPPER@_TRACE
#define TRACE(op, reduction_begin, reduction_end, rank, ...) \
  @NAME@_trace(op, reduction_begin, reduction_end, rank, (const int32_t[]){__VA_ARGS__})
#else
#define TRACE(op, ...) MARK(op)
#endif

@STAGES@@ENTRIES@)";

constexpr std::string_view kRun = R"(@PUSH@int @NAME@_run(@ARENA_ARGUMENT@) {
  if (@ARENA_REFUSED@) return -1;
@CALLS@  return 0;
}
)";

constexpr std::string_view kPush =
    R"(int @NAME@_push_row(@ARENA_ARGUMENT@, int32_t number, const @TYPE@ row[@UPPER@_ROW_ELEMENTS]) {
  if (@ARENA_REFUSED@) return -1;
  if (number < 0 || number >= @UPPER@_ROWS) return -1;
@BEFORE@  (void)stage_@STAGE@(@ARENA_INWARD@, number, row);
  return 0;
}

)";

}  // namespace

namespace {

/// The entry points of a network that runs once.
std::string run_entries(const Program &program, const std::vector<StageText> &stages) {
  auto [before, calls] = stage_calls(program, stages);
  const std::string upper = c_text::upper(program.options.name);
  std::string push;
  if (program.row_fed_stage != kNone) {
    if (!before.empty()) before = "  if (number == 0) {\n" + before + "  }\n";
    const Graph &graph = *program.schedule.graph;
    push = c_text::fill(
        kPush, {{"NAME", program.options.name},
                {"UPPER", upper},
                {"TYPE", c_text::type_of(graph.tensor(graph.op(program.row_fed_input).output()).type)},
                {"ARENA_ARGUMENT", arena_argument(program)},
                {"ARENA_REFUSED", arena_refused(program)},
                {"ARENA_INWARD", arena_inward(program)},
                {"STAGE", std::to_string(program.row_fed_stage)},
                {"BEFORE", before}});
  }
  return c_text::fill(kRun, {{"NAME", program.options.name},
                             {"ARENA_ARGUMENT", arena_argument(program)},
                             {"ARENA_REFUSED", arena_refused(program)},
                             {"PUSH", push},
                             {"CALLS", calls}});
}

}  // namespace

StageCalls stage_calls(const Program &program, const std::vector<StageText> &stages) {
  StageCalls calls;
  const bool states = !program.schedule.graph->states.empty();
  const auto row_fed = static_cast<std::size_t>(program.row_fed_stage);
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const StageText &stage = stages[i];
    if (stage.name.empty()) continue;
    std::string call = stage.traces;
    if (stage.computes) call = "  " + stage.name + "(" + (states ? "arena" : arena_inward(program)) + ");\n";
    if (program.row_fed_stage == kNone || i > row_fed) calls.after += call;
    if (program.row_fed_stage != kNone && i < row_fed) calls.before += "  " + call;
  }
  return calls;
}

std::string render_source(const Program &program, const std::vector<StageText> &stages) {
  const bool time = program.schedule.time.has_value();
  const bool states = !program.schedule.graph->states.empty();
  std::string functions, includes;
  for (const StageText &stage : stages) {
    if (stage.name.empty()) continue;
    // In a stream a stage that has nothing to do still counts.
    if (stage.computes || time) {
      functions += stage.definitions + stage.functions;
    } else {
      functions += block_comment(stage.comment + "\nThe same bytes: nothing to do.") + "\n";
    }
  }
  for (const std::string &header : program.headers) includes += "#include \"" + header + "\"\n";
  return c_text::fill(kSource,
                      {{"BANNER", banner(program)},
                       {"NAME", program.options.name},
                       {"UPPER", c_text::upper(program.options.name)},
                       {"ARENAS", program.schedule.regions.size() == 1 ? "the arena" : "their arenas"},
                       {"INCLUDES", includes},
                       {"MEMORY", time || states ? render_stream_memory(program) : ""},
                       {"OFFSETS", offsets(program.schedule)},
                       {"STAGES", functions},
                       {"ENTRIES", states ? render_states_entries(program, stages)
                                   : time ? render_stream_entries(program, stages)
                                          : run_entries(program, stages)}});
}

}  // namespace thimble
