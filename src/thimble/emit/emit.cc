#include "thimble/emit/emit.h"

#include <algorithm>
#include <limits>

#include "thimble/emit/render.h"
#include "thimble/emit/stage_text.h"

namespace thimble {
namespace {

tl::unexpected<Error> refuse(const Schedule &schedule, std::string reason, std::string hint = "") {
  Diagnostic line;
  line.file = schedule.graph->file;
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return failure(std::move(line));
}

/// Called again and again, with a state of the caller's in between.
bool is_stream(const Schedule &schedule) {
  return schedule.time || !schedule.graph->states.empty();
}

Result<void> check_options(const Schedule &schedule, const EmitOptions &options) {
  if (!c_text::is_identifier(options.name) || options.name.rfind("thimble", 0) == 0) {
    return failure(
        "'" + options.name + "' cannot be the prefix of a C program's symbols",
        "give a name of letters, digits and underscores that begins with a letter and is no keyword");
  }
  if (!options.selftest) return {};
  if (is_stream(schedule)) return refuse(schedule, "a stream has no self-test of one inference");
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

/// What the emitted C cannot address, whatever its stages do.
Result<void> check_memory(const Schedule &schedule) {
  const std::vector<MemoryRegion> &regions = schedule.regions;
  if (regions.empty() || regions.size() > kMostArenas)
    return refuse(schedule, "the schedule uses " + std::to_string(regions.size()) +
                                " memories, a program can have 1 to " + std::to_string(kMostArenas));
  for (std::size_t r = 0; r < regions.size(); ++r) {
    const std::string &name = regions[r].name;
    const bool survives = is_stream(schedule) && regions[r].kind == RegionKind::state;
    if (regions[r].kind != RegionKind::arena && !survives)
      return refuse(schedule, "the schedule uses memory '" + name + "', which is no arena");
    if (regions.size() > 1 && (!c_text::is_identifier(name) || c_text::lower(name) != name))
      return refuse(schedule, "memory '" + name + "' cannot be a part of a C program's symbols",
                    "name it with small letters, digits and underscores, no keyword");
    for (std::size_t other = 0; other < r; ++other) {
      if (regions[other].name == name) return refuse(schedule, "two memories are named '" + name + "'");
    }
    if (regions[r].size < 1) return refuse(schedule, "nothing lies in memory '" + name + "'");
  }
  // Offsets are enumerators and sizes int32 in the emitted C.
  if (arena_bytes(schedule) > std::numeric_limits<std::int32_t>::max()) {
    return refuse(schedule, "the arena takes " + std::to_string(arena_bytes(schedule)) +
                                " bytes, at most 2^31 - 1 can be addressed");
  }
  return {};
}

Result<void> check_ports(const Program &program) {
  const Schedule &schedule = program.schedule;
  if (schedule.time) return {};  // frames and outputs are the caller's
  const auto whole = [&](TensorId id) {
    const Buffer *buffer = buffer_of(schedule, id, kNone);
    return buffer != nullptr && buffer->layout.is_whole();
  };
  for (TensorId id : schedule.graph->inputs) {
    if (!is_row_fed(program.schedule, id) && !whole(id))
      return refuse(schedule, "a network input has no buffer of its own");
  }
  for (TensorId id : kept_tensors(*schedule.graph)) {
    if (!whole(id)) return refuse(schedule, "a network output has no buffer of its own");
  }
  return {};
}

}  // namespace

Result<EmittedProgram> emit(const Schedule &schedule, const EmitOptions &options) {
  if (auto ok = check_options(schedule, options); !ok) return tl::unexpected(ok.error());
  if (auto ok = verify_structure(schedule); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_memory(schedule); !ok) return tl::unexpected(ok.error());
  Program program{schedule, options};
  std::vector<nest::Stage> nests;
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    auto stage = nest::lower_stage(schedule, static_cast<std::int32_t>(s));
    if (!stage) return tl::unexpected(stage.error());
    if (stage->row_fed != kNone) {
      if (program.row_fed_stage != kNone) return refuse(schedule, "the rows of two inputs are pushed");
      program.row_fed_stage = static_cast<std::int32_t>(s);
      program.row_fed_input = schedule.stages[s].ops[static_cast<std::size_t>(stage->row_fed)].op;
    }
    nests.push_back(std::move(*stage));
  }
  if (auto ok = check_ports(program); !ok) return tl::unexpected(ok.error());
  std::vector<StageText> stages;
  for (std::size_t s = 0; s < nests.size(); ++s) {
    auto text = stage_text(program, static_cast<std::int32_t>(s), nests[s]);
    if (!text) return tl::unexpected(text.error());
    stages.push_back(std::move(*text));
  }

  const bool states = !schedule.graph->states.empty();
  if (states) {
    if (program.row_fed_stage != kNone) return refuse(schedule, "frames are handed in whole");
    add_state_parts(program);
  }
  auto runtime = runtime_files(program);
  if (!runtime) return tl::unexpected(runtime.error());
  EmittedProgram emitted;
  emitted.files = std::move(*runtime);
  const std::string &name = options.name;
  const bool stream = is_stream(schedule);
  emitted.files[name + ".h"] = states   ? render_states_header(program)
                               : stream ? render_stream_header(program)
                                        : render_header(program);
  emitted.files[name + ".c"] = render_source(program, stages);
  emitted.files[name + "_weights.h"] = render_weights_header(program);
  emitted.files[name + "_weights.c"] = render_weights(program);
  emitted.files[name + "_arena.c"] = stream ? render_stream_arena(program) : render_arena(program);
  if (options.selftest) emitted.files[name + "_selftest.c"] = render_selftest(program);
  std::vector<std::string> sources;
  for (const auto &[file, text] : emitted.files) {
    if (file.size() > 2 && file.ends_with(".c")) sources.push_back(file);
  }
  emitted.files["CMakeLists.txt"] = render_cmake(program, sources);
  emitted.files["main.c"] = states   ? render_states_example(program)
                            : stream ? render_stream_example(program)
                                     : render_example(program);
  for (const ConstantTable &table : program.tables) emitted.weight_bytes += table.bytes;
  return emitted;
}

}  // namespace thimble
