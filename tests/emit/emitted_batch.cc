#include "emit/emitted_batch.h"

#include <cstdlib>
#include <cstring>

#include "thimble/plan/plan.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

std::string element_type(const Tensor &tensor) {
  return tensor.type == ElementType::float32 ? "float" : std::string(name_of(tensor.type)) + "_t";
}

/// Statements that make arenas of their own with 0xA5 in every byte, and give them back.
struct ArenaText {
  std::string make, free;
};

ArenaText arena_text(const Schedule &schedule, const std::string &name, const std::string &upper) {
  const auto make = [&](const std::string &pointer, const std::string &bytes) {
    return "  if (posix_memalign(" + pointer + ", 16, " + bytes + ") != 0 || 16 % " + upper +
           "_ARENA_ALIGNMENT != 0) return 5;\n";
  };
  if (schedule.regions.size() == 1) {
    const std::string bytes = upper + "_ARENA_BYTES";
    return {"  void *arena = 0;\n" + make("&arena", bytes) + "  memset(arena, 0xA5, " + bytes + ");\n",
            "  free(arena);\n"};
  }
  ArenaText text{"  void *block = 0;\n  " + name + "_arenas arenas;\n  const " + name +
                     "_arenas *const arena = &arenas;\n",
                 ""};
  for (const MemoryRegion &region : schedule.regions) {
    std::string bytes = upper + "_ARENA_";
    for (char c : region.name) bytes += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    bytes += "_BYTES";
    text.make += make("&block", bytes) + "  memset(block, 0xA5, " + bytes + ");\n  arenas." + region.name +
                 " = block;\n";
    text.free += "  free(arenas." + region.name + ");\n";
  }
  return text;
}

/// Runs network `name` on inferences read from a file and appends its outputs to another.
std::string driver_function(const EmittedCase &emitted, const std::string &name) {
  const Graph &graph = *emitted.graph;
  std::string upper = name, pushes;
  for (char &c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  const ArenaText arenas = arena_text(emitted.schedule, name, upper);
  std::string out = "static int run_" + name + "(FILE *in, FILE *out) {\n" + arenas.make +
                    "  for (int i = 0; i < " + std::to_string(emitted.inputs.size()) + "; ++i) {\n";
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const std::string number = std::to_string(i);
    if (is_row_fed(emitted.schedule, graph.inputs[i])) {
      out += "    " + element_type(graph.tensor(graph.inputs[i])) + " *image = malloc(" + upper + "_INPUT_" +
             number + "_BYTES);\n    if (fread(image, 1, " + upper + "_INPUT_" + number +
             "_BYTES, in) != " + upper + "_INPUT_" + number + "_BYTES) return 2;\n";
      pushes = "    for (int32_t r = 0; r < " + upper + "_ROWS; ++r) {\n      if (" + name +
               "_push_row(arena, r, image + r * " + upper +
               "_ROW_ELEMENTS) != 0) return 4;\n    }\n    free(image);\n";
      continue;
    }
    out += "    if (fread(" + name + "_input(arena, " + number + "), 1, " + upper + "_INPUT_" + number +
           "_BYTES, in) != " + upper + "_INPUT_" + number + "_BYTES) return 2;\n";
  }
  out += pushes;
  out += "    if (" + name + "_run(arena) != 0) return 3;\n";
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const std::string number = std::to_string(i);
    out += "    fwrite(" + name + "_output(arena, " + number + "), 1, " + upper + "_OUTPUT_" + number +
           "_BYTES, out);\n";
  }
  return out + "  }\n" + arenas.free + "  return 0;\n}\n";
}

constexpr const char *kTraceFile =
    "static FILE *trace_file;\n"
    "static void write_trace(int32_t op, int32_t begin, int32_t end, int32_t rank, const int32_t *tile) {\n"
    "  fwrite(&op, 4, 1, trace_file);\n  fwrite(&begin, 4, 1, trace_file);\n  fwrite(&end, 4, 1, "
    "trace_file);\n"
    "  fwrite(tile, 8, (size_t)rank, trace_file);\n}\n";

std::string trace_function(const std::string &name) {
  return "void " + name +
         "_trace(int32_t op, int32_t begin, int32_t end, int32_t rank, const int32_t *tile) {\n"
         "  write_trace(op, begin, end, rank, tile);\n}\n";
}

/// What a trace of one run holds.
std::vector<std::int32_t> expected_trace(const Schedule &schedule) {
  std::vector<std::int32_t> words;
  for_each_firing(schedule, [&](const Firing &firing) {
    if (firing.entry == Entry::frame) return;  // the caller's doing
    words.insert(words.end(), {firing.op, firing.reduction.begin, firing.reduction.end});
    for (int a = 0; a < firing.tile.rank; ++a) {
      words.push_back(firing.tile.axis[a].begin);
      words.push_back(firing.tile.axis[a].end);
    }
  });
  return words;
}

std::string joined(const std::vector<std::string> &words) {
  std::string out;
  for (const std::string &word : words) out += " " + word;
  return out;
}

}  // namespace

std::string command(const std::vector<std::string> &arguments, const std::filesystem::path &folder) {
  ProcessRequest request;
  request.arguments = arguments;
  request.folder = folder;
  const auto outcome = run_process(request);
  if (!outcome) {
    ADD_FAILURE() << outcome.error().text();
    return "";
  }
  EXPECT_EQ(outcome->exit_code, 0) << joined(arguments) << "\n" << outcome->err;
  return outcome->out + outcome->err;
}

void write_program(const EmittedProgram &program, const std::filesystem::path &folder) {
  const auto written = write_files(folder, program.files);
  ASSERT_TRUE(written) << written.error().text();
}

std::string compile_folder(const std::filesystem::path &folder, const std::vector<std::string> &flags,
                           const std::string &compiler) {
  ProcessRequest request;
  request.folder = folder;
  request.arguments = {"sh", "-c",
                       "ls *.c | grep -vx main.c | xargs -P2 -n16 " + compiler + joined(flags) + " -c"};
  const auto outcome = run_process(request);
  if (!outcome) return outcome.error().text();
  return outcome->exit_code == 0 && outcome->err.empty() ? "" : "compiler: " + outcome->err.substr(0, 4000);
}

EmittedBatch::EmittedBatch() = default;

void EmittedBatch::add(const std::string &label, Graph graph, const std::vector<std::vector<Bytes>> &inputs) {
  auto schedule = plan(std::make_shared<const Graph>(std::move(graph)));
  ASSERT_TRUE(schedule) << label << ": " << schedule.error().text();
  add(label, std::move(*schedule), inputs);
}

void EmittedBatch::add(const std::string &label, Schedule schedule,
                       const std::vector<std::vector<Bytes>> &inputs, const EmitOptions &options) {
  std::string refusal;
  ASSERT_TRUE(add_if_emitted(label, std::move(schedule), inputs, refusal, options))
      << label << ": " << refusal;
}

bool EmittedBatch::add_if_emitted(const std::string &label, Schedule schedule,
                                  const std::vector<std::vector<Bytes>> &inputs, std::string &refusal,
                                  EmitOptions options) {
  EmittedCase emitted;
  emitted.label = label;
  emitted.graph = schedule.graph;
  emitted.inputs = inputs;
  emitted.schedule = std::move(schedule);
  options.name = "net" + std::to_string(cases_.size());
  auto program = emit(emitted.schedule, options);
  if (!program) {
    refusal = program.error().text();
    return false;
  }
  emitted.program = std::move(*program);
  for (const std::vector<Bytes> &inference : inputs) {
    auto outputs = interpret_outputs(*emitted.graph, inference);
    if (!outputs) {
      refusal = outputs.error().text();
      return false;
    }
    emitted.expected.push_back(std::move(*outputs));
  }
  cases_.push_back(std::move(emitted));
  return true;
}

Result<EmittedBatch::Outputs> EmittedBatch::run(const std::vector<std::string> &flags,
                                                const std::string &compiler) const {
  return run(flags, compiler, nullptr);
}

Result<EmittedBatch::Outputs> EmittedBatch::run(const std::vector<std::string> &own_flags,
                                                const std::string &compiler,
                                                std::vector<std::vector<std::int32_t>> *traces) const {
  std::vector<std::string> flags = own_flags;
  auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  std::map<std::string, std::string> files;
  std::string includes = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";
  std::string functions, calls, weights;
  Bytes input;
  if (traces != nullptr) functions += kTraceFile;
  for (std::size_t k = 0; k < cases_.size(); ++k) {
    const std::string name = "net" + std::to_string(k);
    for (const auto &[file, text] : cases_[k].program.files) {
      // The static arenas are not what runs here, and would take memory of every network at once.
      if (file == "main.c" || file == "CMakeLists.txt" || file == name + "_arena.c") continue;
      // Weights of all networks in one file: they share no name, and a compiler's start costs more than they.
      const bool is_weights = file == name + "_weights.c";
      files.emplace(is_weights ? name + "_weights.inc" : file, text);
      if (is_weights) weights += "#include \"" + name + "_weights.inc\"\n";
    }
    includes += "#include \"" + name + ".h\"\n";
    functions += driver_function(cases_[k], name);
    if (traces != nullptr) {
      flags.push_back("-DNET" + std::to_string(k) + "_TRACE");
      functions += trace_function(name);
    }
    calls += "  if (run_" + name + "(in, out) != 0) return " + std::to_string(1 + k % 100) + ";\n";
    for (const auto &inference : cases_[k].inputs) {
      for (const Bytes &bytes : inference) input.insert(input.end(), bytes.begin(), bytes.end());
    }
  }
  files.emplace("all_weights.c", weights);
  // The flags may be many: by file.
  std::string flag_lines;
  for (const std::string &flag : flags) flag_lines += flag + "\n";
  files.emplace("flags.txt", flag_lines);
  flags.insert(flags.begin(), "@flags.txt");
  flags.resize(1);
  if (const char *keep = std::getenv("THIMBLE_KEEP_EMITTED"); keep != nullptr) (void)write_files(keep, files);
  if (auto written = write_files(folder->path(), files); !written) return tl::unexpected(written.error());
  if (auto written = write_file(folder->path() / "input.bin", input); !written)
    return tl::unexpected(written.error());
  if (const std::string said = compile_folder(folder->path(), flags, compiler); !said.empty())
    return failure(said);
  const std::string driver =
      includes + functions +
      "int main(void) {\n  FILE *in = fopen(\"input.bin\", \"rb\");\n"
      "  FILE *out = fopen(\"output.bin\", \"wb\");\n" +
      std::string(traces == nullptr ? "" : "  trace_file = fopen(\"trace.bin\", \"wb\");\n") + calls +
      (traces == nullptr ? "" : "  fclose(trace_file);\n") + "  return fclose(in) + fclose(out);\n}\n";
  if (auto written = write_file(folder->path() / "driver.c", driver); !written)
    return tl::unexpected(written.error());
  std::string sanitizers;
  for (const std::string &flag : own_flags) {
    if (flag.rfind("-fsanitize", 0) == 0) sanitizers += " " + flag;
  }
  ProcessRequest build;
  build.folder = folder->path();
  build.arguments = {
      "sh", "-c",
      compiler + " @flags.txt -D_POSIX_C_SOURCE=200809L -std=c11 -Wno-pedantic -Wno-conversion driver.c *.o" +
          sanitizers + " -o driver && ./driver"};
  const auto outcome = run_process(build);
  if (!outcome) return tl::unexpected(outcome.error());
  if (outcome->exit_code != 0) {
    return failure("exit " + std::to_string(outcome->exit_code) + ": " + outcome->err.substr(0, 4000));
  }
  auto output = read_file(folder->path() / "output.bin");
  if (!output) return tl::unexpected(output.error());
  std::vector<std::vector<std::vector<Bytes>>> results;
  std::size_t at = 0;
  for (const EmittedCase &emitted : cases_) {
    std::vector<std::vector<Bytes>> inferences;
    for (const std::vector<Bytes> &expected : emitted.expected) {
      std::vector<Bytes> outputs;
      for (const Bytes &bytes : expected) {
        if (at + bytes.size() > output->size()) return failure("the program wrote too little");
        outputs.emplace_back(output->begin() + static_cast<std::ptrdiff_t>(at),
                             output->begin() + static_cast<std::ptrdiff_t>(at + bytes.size()));
        at += bytes.size();
      }
      inferences.push_back(std::move(outputs));
    }
    results.push_back(std::move(inferences));
  }
  if (at != output->size()) return failure("the program wrote too much");
  if (traces != nullptr) {
    auto words = read_file(folder->path() / "trace.bin");
    if (!words) return tl::unexpected(words.error());
    traces->assign(1, std::vector<std::int32_t>(words->size() / 4));
    std::memcpy(traces->front().data(), words->data(), words->size());
  }
  return results;
}

void EmittedBatch::expect_equal(const std::vector<std::string> &flags, const std::string &compiler) const {
  const auto results = run(flags, compiler);
  ASSERT_TRUE(results) << results.error().text();
  for (std::size_t k = 0; k < cases_.size(); ++k) {
    for (std::size_t i = 0; i < cases_[k].expected.size(); ++i) {
      EXPECT_EQ((*results)[k][i], cases_[k].expected[i])
          << cases_[k].label << " (net" << k << "), inference " << i;
    }
  }
}

void EmittedBatch::expect_traces(const std::vector<std::string> &flags) const {
  std::vector<std::vector<std::int32_t>> traces;
  const auto results = run(flags, "gcc", &traces);
  ASSERT_TRUE(results) << results.error().text();
  std::size_t at = 0;
  for (std::size_t k = 0; k < cases_.size(); ++k) {
    const std::vector<std::int32_t> expected = expected_trace(cases_[k].schedule);
    for (std::size_t i = 0; i < cases_[k].expected.size(); ++i) {
      EXPECT_EQ((*results)[k][i], cases_[k].expected[i])
          << cases_[k].label << " (net" << k << "), inference " << i;
      const std::size_t end = at + expected.size();
      const bool same =
          end <= traces[0].size() &&
          std::equal(expected.begin(), expected.end(), traces[0].begin() + static_cast<std::ptrdiff_t>(at));
      ASSERT_TRUE(same) << cases_[k].label << " (net" << k << ") fires something else than its schedule";
      at = end;
    }
  }
  EXPECT_EQ(at, traces[0].size());
}

}  // namespace thimble::test
