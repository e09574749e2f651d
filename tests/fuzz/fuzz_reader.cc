// Whatever the bytes are, the reader gives a graph or an error; what it accepts, the passes, the interpreter
// and the writer of planned files can take. Sanitizers and the limits on time and memory of libFuzzer judge.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "thimble/graph/fold.h"
#include "thimble/graph/interpret.h"
#include "thimble/plan/offline.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/passes.h"
#include "thimble/write/offline.h"

namespace {

using namespace thimble;

/// Stops with a reason that the log shows; libFuzzer keeps the input.
void require(bool condition, const char *what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz_reader: %s\n", what);
  std::abort();
}

/// Small enough to be executed thousands of times per second.
bool small(const Graph &graph) {
  constexpr std::int64_t kElements = 100'000, kReads = 1'000'000;
  std::int64_t elements = 0, reads = 0;
  for (const Tensor &tensor : graph.tensors) {
    elements += tensor.elements();
    if (elements > kElements) return false;
  }
  for (const Op &op : graph.ops) {
    const std::int64_t more = input_reads(graph, op);
    if (more > kReads - reads) return false;
    reads += more;
  }
  return true;
}

std::vector<Bytes> zero_inputs(const Graph &graph) {
  std::vector<Bytes> inputs;
  for (const TensorId id : graph.inputs)
    inputs.emplace_back(static_cast<std::size_t>(graph.tensor(id).bytes()));
  return inputs;
}

/// A file that can be read can be planned, unless one of the reasons of the writer speaks against it; what is
/// written can be read and is right.
void plan_and_write(std::span<const std::uint8_t> bytes) {
  const auto outline = outline_tflite(bytes, "fuzz.tflite");
  if (!outline || outline->tensor_bytes.size() > 100) return;
  const auto plan = plan_offline(*outline);
  if (!plan) return;
  const auto written = write_offline_plan(bytes, plan->order, plan->offsets, "fuzz.tflite");
  if (!written) return;
  const auto seen = outline_tflite(*written, "fuzz.tflite");
  require(seen.has_value(), "a written file cannot be read");
  const auto offsets = read_offline_plan(*written, "fuzz.tflite");
  require(offsets && *offsets == plan->offsets, "a plan was not written");
  require(check_offline_plan(*seen, *offsets).has_value(), "a written plan is wrong");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const Result<Graph> graph = read_tflite(std::span(data, size), "fuzz.tflite");
  if (!graph) {
    require(!graph.error().lines.empty(), "an error without a line");
    for (const Diagnostic &line : graph.error().lines) {
      require(line.file == "fuzz.tflite" && !line.reason.empty(), "a line without a file or a reason");
      require(line.text().find('\n') == std::string::npos, "a diagnostic of several lines");
    }
    return 0;
  }
  require(verify(*graph).has_value(), "the reader gave a graph that is not valid");
  plan_and_write(std::span(data, size));
  if (!small(*graph)) return 0;
  const Result<std::vector<Bytes>> outputs = interpret_outputs(*graph, zero_inputs(*graph));
  require(outputs.has_value(), "a valid graph cannot be interpreted");
  const Result<Graph> rewritten = rewrite(*graph, {.float_io = true});
  require(rewritten.has_value(), "a pass broke a valid graph");
  const Result<std::vector<Bytes>> after = interpret_outputs(*rewritten, zero_inputs(*rewritten));
  require(after.has_value() && *after == *outputs, "a pass changed the outputs");
  require(rewrite(*graph, {}).has_value(), "folding the ends broke a valid graph");
  return 0;
}
