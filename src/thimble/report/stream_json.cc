#include "thimble/report/stream_json.h"

#include "thimble/graph/rules.h"
#include "thimble/report/json_parts.h"

namespace thimble::report {
namespace {

template <class T>
Json or_null(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

Json time_json(const StreamNetwork &stream) {
  const stream::TimeAxis &frame = stream.plan.axes.of(stream.network.graph->inputs[0]);
  const stream::TensorRate &rate = stream.plan.recording.rates.of(stream.schedule().graph->outputs[0]);
  return {{"axis", frame.axis},
          {"frame_values", frame.grain},
          {"window_frames", frame.length},
          {"mode", name_of(stream.request.mode)},
          {"operators_made_causal", stream.made_causal},
          {"frames_per_step", stream.request.hop},
          {"period", stream.plan.rates.period},
          {"first_output", stream.plan.first_output},
          {"output_period", stream.plan.output_period},
          {"receptive_field", rate.receptive_field()}};
}

/// What holds elements of time, within a call or beyond.
Json rings_json(const StreamNetwork &stream) {
  const Schedule &schedule = stream.schedule();
  Json list = Json::array();
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.tensor == kNone) continue;
    const TimeSpan &time = schedule.time->tensors[static_cast<std::size_t>(buffer.tensor)];
    const auto axis = static_cast<std::size_t>(time.axis);
    const std::int32_t elements = buffer.layout.fold[axis] / time.grain;
    list.push_back({{"tensor", schedule.graph->tensor(buffer.tensor).name},
                    {"elements", elements},
                    {"element_bytes", buffer.size / elements},
                    {"bytes", buffer.size},
                    {"offset", buffer.offset},
                    {"survives", survives_calls(schedule, buffer)}});
  }
  return list;
}

Json macs_json(const StepMacs &macs) {
  return {
      {"average", macs.average()}, {"peak", macs.peak()}, {"critical", macs.critical}, {"steps", macs.steps}};
}

Json extras_json(const StreamNetwork &stream) {
  Json names = Json::array(), whole = Json::array();
  for (const auto &[name, extra] : stream::kExtras) {
    if (stream.request.extras.*extra) names.push_back(name);
  }
  for (const Diagnostic &one : stream.plan.whole) whole.push_back(one.text());
  const WithoutExtras &without = *stream.without_extras;
  return {{"names", names},
          {"operators_in_parts", stream.plan.cut},
          {"operators_whole", whole},
          {"sum_bytes", sum_bytes(stream)},
          {"without",
           {{"state_bytes", without.state_bytes},
            {"step_bytes", without.call_bytes},
            {"macs_per_step", macs_json(without.macs)}}}};
}

Json agreement_json(const StreamNetwork &stream) {
  if (stream.stateful) return nullptr;
  const auto differs = stream::disagreement(*stream.network.graph, stream.agreement);
  return {{"sliding_window", !differs.has_value()},
          {"reason", differs ? Json(differs->text()) : Json(nullptr)}};
}

Json figures_json(const std::optional<CallFigures> &figures) {
  if (!figures) return nullptr;
  return {{"average", figures->average}, {"peak", figures->peak}};
}

Json verification_json(const StreamVerification &verification) {
  Json runs = Json::array();
  for (const StreamRun &run : verification.runs) {
    runs.push_back({{"on", run.on},
                    {"mismatched_bytes", run.mismatched_bytes},
                    {"instructions_per_step", figures_json(run.instructions)},
                    {"instructions_with_frame", figures_json(run.instructions_with_frame)},
                    {"cycles_per_step", figures_json(run.cycles_estimate)},
                    {"stack_bytes", or_null(run.stack_bytes)}});
  }
  return {{"steps", verification.steps},
          {"seed", verification.seed},
          {"outputs", verification.outputs},
          {"output_bytes", verification.output_bytes},
          {"windows", verification.windows},
          {"inferences", verification.inferences},
          {"flushed", verification.flushed},
          {"window_bytes", verification.window_bytes},
          {"mismatched_bytes", verification.mismatched_bytes},
          {"runs", runs}};
}

/// What the reports of both kinds of streams begin with.
Json head_json(const Network &network) {
  Json json = json_head("stream", *network.file);
  json["target"] = network.profile.name;
  json["name"] = network.options.name;
  json["inputs_of_network"] = tensors_json(*network.graph, network.graph->inputs);
  json["outputs_of_network"] = tensors_json(*network.graph, network.graph->outputs);
  return json;
}

/// And what they end with.
std::string finished(Json json, const Flash &flash, const std::optional<StreamVerification> &verification,
                     const std::optional<std::vector<std::string>> &files) {
  json["flash"] = {{"weights_bytes", flash.weights_bytes}, {"code_bytes", or_null(flash.code_bytes)}};
  json["verification"] = verification ? verification_json(*verification) : Json(nullptr);
  if (files) json["files"] = *files;
  return json_text(json);
}

Json states_json(const StateStream &stream) {
  const Graph &graph = *stream.network.graph;
  Json list = Json::array();
  for (const State &state : graph.states) {
    const Buffer &buffer = *buffer_of(stream.schedule(), state.read, kNone);
    list.push_back({{"name", state.name},
                    {"tensor", tensor_json(graph.tensor(state.read))},
                    {"bytes", buffer.size},
                    {"offset", buffer.offset},
                    {"in_place", is_in_place(stream.schedule(), state)}});
  }
  return list;
}

}  // namespace

std::string stream_json(const StreamNetwork &stream, const Flash &flash,
                        const std::optional<StreamVerification> &verification,
                        const std::optional<std::vector<std::string>> &files) {
  Json json = head_json(stream.network);
  json["time"] = time_json(stream);
  json["memory"] = {{"arena_bytes", total_bytes(stream.schedule().regions)},
                    {"state_bytes", state_bytes(stream)},
                    {"step_bytes", call_bytes(stream)},
                    {"least_state_bytes", stream.plan.rings.least_state_bytes},
                    {"counter_bytes", counter_bytes(stream)},
                    {"rings", rings_json(stream)}};
  json["compute"] = {{"macs_per_step", macs_json(stream.macs)},
                     {"macs_of_window", macs(*stream.network.graph)}};
  json["extras"] = stream.without_extras ? extras_json(stream) : Json(nullptr);
  json["states_of_file"] = stream.stateful ? Json(thimble::state_bytes(*stream.stateful)) : Json(nullptr);
  json["agreement"] = agreement_json(stream);
  return finished(std::move(json), flash, verification, files);
}

std::string stream_json(const StateStream &stream, const Flash &flash,
                        const std::optional<StreamVerification> &verification,
                        const std::optional<std::vector<std::string>> &files) {
  const Network &network = stream.network;
  Json json = head_json(network);
  json["time"] = {
      {"mode", "states"}, {"frames_per_step", 1}, {"period", 1}, {"first_output", 0}, {"output_period", 1}};
  json["memory"] = {{"arena_bytes", network.memory.arena_bytes},
                    {"state_bytes", region_bytes(stream.schedule(), true)},
                    {"step_bytes", region_bytes(stream.schedule(), false)},
                    {"least_state_bytes", state_bytes(*network.graph)},
                    {"lower_bound_bytes", network.lower_bound_bytes},
                    {"states", states_json(stream)}};
  json["compute"] = {{"macs_per_step",
                      {{"average", static_cast<double>(network.compute.macs)},
                       {"peak", network.compute.macs},
                       {"critical", network.compute.macs},
                       {"steps", {network.compute.macs}}}}};
  return finished(std::move(json), flash, verification, files);
}

}  // namespace thimble::report
