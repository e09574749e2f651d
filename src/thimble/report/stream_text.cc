#include "thimble/report/stream_text.h"

#include "thimble/graph/rules.h"
#include "thimble/report/describe.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"
#include "thimble/schedule/time_loop.h"

namespace thimble::report {
namespace {

constexpr Align L = Align::left;
constexpr Align R = Align::right;

std::string time_text(const StreamNetwork &stream) {
  const stream::TimeAxis &frame = stream.plan.axes.of(stream.network.graph->inputs[0]);
  std::string text = "axis " + std::to_string(frame.axis) + " of the input";
  if (!stream.stateful) text += ", " + std::to_string(frame.length) + " frames in a window";
  if (stream.request.hop > 1) text += ", " + std::to_string(stream.request.hop) + " in a step";
  if (frame.grain > 1) text += " of " + std::to_string(frame.grain) + " values each";
  return text + ", " + name_of(stream.request.mode);
}

std::string output_text(const StreamNetwork &stream) {
  const std::int64_t period = stream.plan.output_period;
  const stream::TensorRate &rate = stream.plan.recording.rates.of(stream.schedule().graph->outputs[0]);
  return (period == 1 ? "with each frame" : "with one of " + std::to_string(period) + " frames") +
         ", for the first time with frame " + std::to_string(stream.plan.first_output) + "; depends on " +
         std::to_string(rate.receptive_field()) + " frames";
}

std::string memory_text(const StreamNetwork &stream) {
  return bytes_text(total_bytes(stream.schedule().regions)) + " arena: " + bytes_text(state_bytes(stream)) +
         " of state between steps (no stream of this network keeps less than " +
         bytes_text(stream.plan.rings.least_state_bytes) + ") + " + bytes_text(call_bytes(stream)) +
         " within a step";
}

/// What the outputs are those of.
std::string agreement_text(const StreamNetwork &stream) {
  if (stream.stateful) {
    return std::to_string(stream.stateful->states.size()) + " of the file, " +
           bytes_text(thimble::state_bytes(*stream.stateful)) +
           ", have become rings: each holds the last elements of a tensor";
  }
  const auto differs = stream::disagreement(*stream.network.graph, stream.agreement);
  return differs ? "not a sliding window's outputs: " + differs->text()
                 : "the outputs are those of a sliding window: nothing is padded";
}

std::string macs_text(const StepMacs &macs) {
  const double average = macs.average();
  const bool whole = average == static_cast<double>(static_cast<std::int64_t>(average));
  return (whole ? grouped(static_cast<std::int64_t>(average)) : fixed(average, 1)) + " per step, " +
         grouped(macs.peak()) + " at most, " + grouped(macs.critical) + " from a frame to its output";
}

/// Names of the extras and what their sums take.
std::string extras_text(const StreamNetwork &stream) {
  std::string text;
  for (const auto &[name, extra] : stream::kExtras) {
    if (stream.request.extras.*extra) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text + ": " + std::to_string(stream.plan.cut) + (stream.plan.cut == 1 ? " operator" : " operators") +
         " in parts, whose sums take " + bytes_text(sum_bytes(stream)) + " of the state";
}

std::string without_extras_text(const WithoutExtras &without) {
  return bytes_text(without.state_bytes) + " of state + " + bytes_text(without.call_bytes) +
         " within a step; " + macs_text(without.macs);
}

std::string rings_text(const StreamNetwork &stream) {
  const Schedule &schedule = stream.schedule();
  Table table({L, L, R, R, L});
  table.add({"tensor", "element", "elements", "bytes", "kept"});
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.tensor == kNone) continue;
    const Tensor &tensor = schedule.graph->tensor(buffer.tensor);
    const TimeSpan &time = schedule.time->tensors[static_cast<std::size_t>(buffer.tensor)];
    Tensor element = tensor;
    element.shape[static_cast<std::size_t>(time.axis)] = time.grain;
    table.add({buffer_label(*schedule.graph, buffer), tensor_text(element),
               grouped(buffer.layout.fold[static_cast<std::size_t>(time.axis)] / time.grain),
               grouped(buffer.size), survives_calls(schedule, buffer) ? "between steps" : "within a step"});
  }
  return "\n" + table.text();
}

std::string figures_text(const std::optional<CallFigures> &figures) {
  return figures ? grouped(static_cast<std::int64_t>(figures->average + 0.5)) : "-";
}

std::string peak_text(const std::optional<CallFigures> &figures) {
  return figures ? grouped(figures->peak) : "-";
}

std::string compared_text(const StreamVerification &verification) {
  const std::string bytes = " against " + grouped(verification.window_bytes) + " bytes of them";
  return verification.inferences > 0
             ? std::to_string(verification.inferences) + " inferences of the network with states" + bytes
             : std::to_string(verification.windows) + " windows" + bytes;
}

}  // namespace

std::string stream_text(const StateStream &stream) {
  const Network &network = stream.network;
  const Graph &graph = *network.graph;
  Table table({L, L});
  table.add({"time", "each step is one inference: the network keeps its own states"});
  table.add({"output", "with each step"});
  table.add({"RAM", bytes_text(network.memory.arena_bytes) +
                        " arena: " + bytes_text(region_bytes(stream.schedule(), true)) +
                        " of state between steps (" + bytes_text(state_bytes(graph)) +
                        " are the network's) + " + bytes_text(region_bytes(stream.schedule(), false)) +
                        " within a step (no plan below " + bytes_text(network.lower_bound_bytes) + ")"});
  table.add({"MACs", grouped(network.compute.macs) + " per step"});
  if (!stream.no_rings.empty()) table.add({"rings", "none: " + stream.no_rings});
  Table states({L, L, R, L});
  states.add({"state", "tensor", "bytes", "next"});
  for (const State &state : graph.states) {
    const Tensor &tensor = graph.tensor(state.read);
    states.add({state.name, tensor_text(tensor), grouped(tensor.bytes()),
                is_in_place(stream.schedule(), state) ? "in place" : "copied"});
  }
  return headline(graph, network.compute.macs_unplanned) + "\n" + table.text() + "\n" + states.text();
}

std::string stream_text(const StreamNetwork &stream) {
  Table table({L, L});
  table.add({"time", time_text(stream)});
  table.add({"output", output_text(stream)});
  const std::int64_t period = stream.plan.rates.period;
  table.add({"period", std::to_string(period) + (period == 1 ? " frame" : " frames")});
  table.add({"RAM", memory_text(stream)});
  table.add({"MACs", macs_text(stream.macs) +
                         (stream.stateful ? "" : "; a window's " + grouped(macs(*stream.network.graph)))});
  if (stream.without_extras) {
    table.add({"extras", extras_text(stream)});
    table.add({"without", without_extras_text(*stream.without_extras)});
  }
  for (const Diagnostic &one : stream.plan.whole) table.add({"whole", one.text()});
  if (stream.made_causal > 0)
    table.add({"causal", "the padding behind of " + std::to_string(stream.made_causal) +
                             " operators lies before: not what the network was trained for, unless it was "
                             "trained so"});
  table.add({stream.stateful ? "states" : "windows", agreement_text(stream)});
  return headline(*stream.network.graph, macs(*stream.network.graph)) + "\n" + table.text() +
         rings_text(stream);
}

namespace {

std::string runs_text(const StreamVerification &verification, const std::string &scope) {
  Table table({L, R, R, R, R, R, R, L});
  table.add(
      {"on", "instructions", "at most", "with frame", "cycles est.", "at most", "stack B", "mismatched B"});
  for (const StreamRun &run : verification.runs) {
    table.add({run.on, figures_text(run.instructions), peak_text(run.instructions),
               peak_text(run.instructions_with_frame), figures_text(run.cycles_estimate),
               peak_text(run.cycles_estimate), run.stack_bytes ? grouped(*run.stack_bytes) : "-",
               grouped(run.mismatched_bytes)});
  }
  return "\n" + std::to_string(verification.steps) + " steps, seed " + std::to_string(verification.seed) +
         ": " + grouped(verification.outputs) + " outputs of " + grouped(verification.output_bytes) +
         " bytes against " + scope + "\n\n" + table.text() + "\n" +
         (verification.mismatched_bytes == 0
              ? "verified: every byte is the same\n"
              : "MISMATCH: " + grouped(verification.mismatched_bytes) + " bytes differ\n");
}

}  // namespace

std::string stream_verify_text(const StreamNetwork &, const StreamVerification &verification) {
  return runs_text(verification, "the batch, " + compared_text(verification) +
                                     (verification.flushed > 0 ? ", " + std::to_string(verification.flushed) +
                                                                     " more at the end of a whole batch"
                                                               : ""));
}

std::string stream_verify_text(const StateStream &, const StreamVerification &verification) {
  return runs_text(verification, "the interpreter's of the model file");
}

}  // namespace thimble::report
