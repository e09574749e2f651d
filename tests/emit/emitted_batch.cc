#include "emit/emitted_batch.h"

#include "thimble/plan/plan.h"
#include "thimble/target/process.h"

namespace thimble::test {
namespace {

/// Runs network `name` on inferences read from a file and appends its outputs to another.
std::string driver_function(const EmittedCase &emitted, const std::string &name) {
  const Graph &graph = *emitted.graph;
  std::string upper = name;
  for (char &c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  std::string out = "static int run_" + name + "(FILE *in, FILE *out) {\n  void *arena = aligned_alloc(" +
                    upper + "_ARENA_ALIGNMENT, " + upper + "_ARENA_BYTES);\n  memset(arena, 0xA5, " + upper +
                    "_ARENA_BYTES);\n  for (int i = 0; i < " + std::to_string(emitted.inputs.size()) +
                    "; ++i) {\n";
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const std::string number = std::to_string(i);
    out += "    if (fread(" + name + "_input(arena, " + number + "), 1, " + upper + "_INPUT_" + number +
           "_BYTES, in) != " + upper + "_INPUT_" + number + "_BYTES) return 2;\n";
  }
  out += "    if (" + name + "_run(arena) != 0) return 3;\n";
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const std::string number = std::to_string(i);
    out += "    fwrite(" + name + "_output(arena, " + number + "), 1, " + upper + "_OUTPUT_" + number +
           "_BYTES, out);\n";
  }
  return out + "  }\n  free(arena);\n  return 0;\n}\n";
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
  EmittedCase emitted;
  emitted.label = label;
  emitted.graph = std::make_shared<const Graph>(std::move(graph));
  emitted.inputs = inputs;
  auto schedule = plan(emitted.graph);
  ASSERT_TRUE(schedule) << label << ": " << schedule.error().text();
  emitted.schedule = std::move(*schedule);
  EmitOptions options;
  options.name = "net" + std::to_string(cases_.size());
  auto program = emit(emitted.schedule, options);
  ASSERT_TRUE(program) << label << ": " << program.error().text();
  emitted.program = std::move(*program);
  for (const std::vector<Bytes> &inference : inputs) {
    auto outputs = interpret_outputs(*emitted.graph, inference);
    ASSERT_TRUE(outputs) << label << ": " << outputs.error().text();
    emitted.expected.push_back(std::move(*outputs));
  }
  cases_.push_back(std::move(emitted));
}

Result<std::vector<std::vector<std::vector<Bytes>>>> EmittedBatch::run(const std::vector<std::string> &flags,
                                                                       const std::string &compiler) const {
  auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  std::map<std::string, std::string> files;
  std::string includes = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n";
  std::string functions, calls;
  Bytes input;
  for (std::size_t k = 0; k < cases_.size(); ++k) {
    const std::string name = "net" + std::to_string(k);
    for (const auto &[file, text] : cases_[k].program.files) {
      // The static arenas are not what runs here, and would take memory of every network at once.
      if (file == "main.c" || file == "CMakeLists.txt" || file == name + "_arena.c") continue;
      files.emplace(file, text);
    }
    includes += "#include \"" + name + ".h\"\n";
    functions += driver_function(cases_[k], name);
    calls += "  if (run_" + name + "(in, out) != 0) return " + std::to_string(1 + k % 100) + ";\n";
    for (const auto &inference : cases_[k].inputs) {
      for (const Bytes &bytes : inference) input.insert(input.end(), bytes.begin(), bytes.end());
    }
  }
  if (auto written = write_files(folder->path(), files); !written) return tl::unexpected(written.error());
  if (auto written = write_file(folder->path() / "input.bin", input); !written)
    return tl::unexpected(written.error());
  if (const std::string said = compile_folder(folder->path(), flags, compiler); !said.empty())
    return failure(said);
  const std::string driver = includes + functions +
                             "int main(void) {\n  FILE *in = fopen(\"input.bin\", \"rb\");\n"
                             "  FILE *out = fopen(\"output.bin\", \"wb\");\n" +
                             calls + "  return fclose(in) + fclose(out);\n}\n";
  if (auto written = write_file(folder->path() / "driver.c", driver); !written)
    return tl::unexpected(written.error());
  std::string sanitizers;
  for (const std::string &flag : flags) {
    if (flag.rfind("-fsanitize", 0) == 0) sanitizers += " " + flag;
  }
  ProcessRequest build;
  build.folder = folder->path();
  build.arguments = {"sh", "-c", compiler + " -std=c11 driver.c *.o" + sanitizers + " -o driver && ./driver"};
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

}  // namespace thimble::test
