#include "thimble/emit/emit.h"

#include <algorithm>
#include <limits>

#include "thimble/emit/render.h"
#include "thimble/graph/rules.h"

namespace thimble {
namespace {

tl::unexpected<Error> refuse(const Schedule &schedule, std::string reason, std::string hint = "") {
  Diagnostic line;
  line.file = schedule.graph->file;
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return failure(std::move(line));
}

Result<void> check_options(const Schedule &schedule, const EmitOptions &options) {
  if (!c_text::is_identifier(options.name) || options.name.rfind("thimble", 0) == 0) {
    return failure(
        "'" + options.name + "' cannot be the prefix of a C program's symbols",
        "give a name of letters, digits and underscores that begins with a letter and is no keyword");
  }
  if (!options.selftest) return {};
  const auto sizes_match = [&](const std::vector<TensorId> &tensors, const std::vector<Bytes> &bytes) {
    if (tensors.size() != bytes.size()) return false;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      if (schedule.graph->tensor(tensors[i]).bytes() != static_cast<std::int64_t>(bytes[i].size()))
        return false;
    }
    return true;
  };
  if (!sizes_match(schedule.graph->inputs, options.selftest->inputs) ||
      !sizes_match(schedule.graph->outputs, options.selftest->outputs)) {
    return refuse(schedule,
                  "the self-test's vector does not have the sizes of the network's inputs and outputs");
  }
  return {};
}

/// What the emitter can carry out so far: whole tensors in one arena.
Result<void> check_schedule(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  constexpr const char *kHint = "emit a plan of whole tensors";
  if (schedule.regions.size() != 1 || schedule.regions[0].kind != RegionKind::arena) {
    return refuse(schedule, "the schedule uses other memory than one arena", kHint);
  }
  // Offsets are enumerators and sizes int32 in the emitted C.
  if (arena_bytes(schedule) < 1 || arena_bytes(schedule) > std::numeric_limits<std::int32_t>::max()) {
    return refuse(schedule, "the arena takes " + std::to_string(arena_bytes(schedule)) +
                                " bytes, at most 2^31 - 1 can be addressed");
  }
  for (std::size_t i = 0; i < schedule.stages.size(); ++i) {
    if (!schedule.stages[i].loops.empty()) {
      return refuse(schedule, "stage " + std::to_string(i) + " is a loop nest, which cannot be emitted yet",
                    kHint);
    }
  }
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.tensor == kNone) continue;
    const bool folded = buffer.layout.fold != buffer.layout.shape || buffer.layout.fifo_pixels != 0;
    if (folded || buffer.kind == BufferKind::accumulator || buffer.stage != kNone) {
      return refuse(schedule,
                    "tensor '" + graph.tensor(buffer.tensor).name + "' is kept in a " + name_of(buffer.kind) +
                        ", which cannot be emitted yet",
                    kHint);
    }
  }
  const auto placed = [&](const std::vector<TensorId> &tensors) {
    return std::all_of(tensors.begin(), tensors.end(),
                       [&](TensorId id) { return buffer_of(schedule, id, kNone) != nullptr; });
  };
  if (!placed(graph.inputs) || !placed(graph.outputs))
    return refuse(schedule, "a network input or output has no buffer");
  return {};
}

std::string describe(const Tensor &tensor) {
  return std::string(name_of(tensor.type)) + " " + c_text::shape(tensor.shape);
}

/// "CONV_2D 'name': int8 [1,96,96,3] (0..27647) -> int8 [1,48,48,8] (27648..46079), 497,664 MACs"
std::string stage_comment(const Schedule &schedule, std::size_t stage, const Firing &firing) {
  const Graph &graph = *schedule.graph;
  const Op &op = graph.op(firing.op);
  const auto place = [&](TensorId id) {
    const Buffer *buffer = buffer_of(schedule, id, firing.stage);
    if (buffer == nullptr) return std::string(" constant");
    return " at " + c_text::number(buffer->offset) + ".." + c_text::number(buffer->offset + buffer->size - 1);
  };
  std::string out =
      "Stage " + std::to_string(stage) + ", operator " + std::to_string(firing.op) + ": " + name_of(op);
  if (const std::int64_t count = macs(graph, op, firing.tile, firing.reduction); count > 0) {
    out += ", " + c_text::grouped(count) + " multiply-accumulates";
  }
  for (TensorId id : op.inputs) {
    if (id == kNone || graph.tensor(id).constant()) continue;
    out += "\n  reads  " + describe(graph.tensor(id)) + place(id);
  }
  return out + "\n  writes " + describe(graph.tensor(op.output())) + place(op.output()) + " " +
         c_text::quoted(graph.tensor(op.output()).name);
}

std::string trace_line(const Firing &firing) {
  std::string line = "  TRACE(" + std::to_string(firing.op) + ", " + std::to_string(firing.reduction.begin) +
                     ", " + std::to_string(firing.reduction.end) + ", " + std::to_string(firing.tile.rank);
  for (int a = 0; a < firing.tile.rank; ++a) {
    line += ", " + std::to_string(firing.tile.axis[a].begin) + ", " + std::to_string(firing.tile.axis[a].end);
  }
  if (firing.tile.rank == 0) line += ", 0";
  return line + ");\n";
}

/// Adds one firing to the text of its stage. Firings of a stage without loops are its statements, in order.
Result<void> add_firing(Program &program, const Firing &firing, StageText &text) {
  const Op &op = program.schedule.graph->op(firing.op);
  if (op.is<Input>()) return {};  // the caller's doing
  OpEmission emission(program, firing, "op_" + std::to_string(firing.op));
  const auto emitted =
      std::visit([&](const auto &kind) { return emitters::emit_op(kind, emission); }, op.attributes);
  if (!emitted) return emitted;
  if (!text.comment.empty()) text.comment += "\n";
  text.comment += stage_comment(program.schedule, static_cast<std::size_t>(firing.stage), firing);
  text.definitions += emission.definitions();
  text.body += trace_line(firing);
  text.body += emission.body();
  text.traces += trace_line(firing);
  text.computes = text.computes || emission.computes();
  return {};
}

}  // namespace

Result<EmittedProgram> emit(const Schedule &schedule, const EmitOptions &options) {
  if (auto ok = check_options(schedule, options); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_schedule(schedule); !ok) return tl::unexpected(ok.error());
  Program program{schedule, options, {}, {}, {}, {}};
  std::vector<StageText> stages(schedule.stages.size());
  Result<void> result;
  for_each_firing(schedule, [&](const Firing &firing) {
    if (!result) return;
    result = add_firing(program, firing, stages[static_cast<std::size_t>(firing.stage)]);
  });
  if (!result) return tl::unexpected(result.error());

  auto runtime = runtime_files(program);
  if (!runtime) return tl::unexpected(runtime.error());
  EmittedProgram emitted;
  emitted.files = std::move(*runtime);
  const std::string &name = options.name;
  emitted.files[name + ".h"] = render_header(program);
  emitted.files[name + ".c"] = render_source(program, stages);
  emitted.files[name + "_weights.h"] = render_weights_header(program);
  emitted.files[name + "_weights.c"] = render_weights(program);
  emitted.files[name + "_arena.c"] = render_arena(program);
  if (options.selftest) emitted.files[name + "_selftest.c"] = render_selftest(program);
  std::vector<std::string> sources;
  for (const auto &[file, text] : emitted.files) {
    if (file.size() > 2 && file.ends_with(".c")) sources.push_back(file);
  }
  emitted.files["CMakeLists.txt"] = render_cmake(program, sources);
  emitted.files["main.c"] = render_example(program);
  for (const ConstantTable &table : program.tables) emitted.weight_bytes += table.bytes;
  return emitted;
}

}  // namespace thimble
