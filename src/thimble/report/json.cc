#include "thimble/report/json.h"

#include <algorithm>

#include "thimble/graph/rules.h"
#include "thimble/report/describe.h"
#include "thimble/report/json_parts.h"
#include "thimble/report/passes.h"
#include "thimble/schedule/variant.h"

namespace thimble::report {
namespace {

template <class T>
Json or_null(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

/// The memories that are used.
Json regions_json(const Network &network) {
  const std::vector<MemoryRegion> &regions = network.schedule.regions;
  const std::vector<Memory> memories = memories_of(network);
  Json list = Json::array();
  for (std::size_t r = 0; r < regions.size(); ++r) {
    std::int64_t loads = 0, stores = 0;
    for (std::size_t b = 0; b < network.accesses.size(); ++b) {
      if (network.schedule.buffers[b].region != static_cast<std::int32_t>(r)) continue;
      loads += network.accesses[b].loads;
      stores += network.accesses[b].stores;
    }
    const auto memory = std::find_if(memories.begin(), memories.end(),
                                     [&](const Memory &one) { return one.name == regions[r].name; });
    list.push_back({{"name", regions[r].name},
                    {"bytes", regions[r].size},
                    {"capacity", memory == memories.end() ? Json(nullptr) : Json(memory->bytes)},
                    {"wait_cycles", regions[r].wait_cycles},
                    {"loads", loads},
                    {"stores", stores}});
  }
  return list;
}

Json memory_json(const Network &network) {
  const MemoryCost &memory = network.memory;
  return {{"arena_bytes", memory.arena_bytes},
          {"lower_bound_bytes", network.lower_bound_bytes},
          {"allocation_bound_bytes", memory.allocation_bound_bytes},
          {"msf_bytes", memory.msf_bytes},
          {"input_bytes", memory.input_bytes},
          {"output_bytes", memory.output_bytes},
          {"scratch_bytes", memory.scratch_bytes},
          {"state_bytes", memory.state_bytes},
          {"stall_cycles", network.stall_cycles},
          {"stall_bound_cycles", network.stall_bound_cycles},
          {"regions", regions_json(network)}};
}

Json compute_json(const Network &network) {
  return {{"macs", network.compute.macs},
          {"macs_unplanned", network.compute.macs_unplanned},
          {"overhead", overhead(network.compute)},
          {"firings", network.compute.firings}};
}

Json flash_json(const Flash &flash) {
  return {{"weights_bytes", flash.weights_bytes}, {"code_bytes", or_null(flash.code_bytes)}};
}

Json estimate_json(const Network &network) {
  const auto cycles = estimated_cycles(network);
  return {{"instructions", or_null(estimated_instructions(network))},
          {"cycles", or_null(cycles)},
          {"milliseconds", cycles ? or_null(milliseconds(network.profile, *cycles)) : Json(nullptr)},
          {"clock_hz", network.profile.clock_hz}};
}

Json stage_json(const Network &network, std::size_t index) {
  const Graph &graph = *network.graph;
  const Stage &stage = network.schedule.stages[index];
  Json ops = Json::array();
  for (const StageOp &op : stage.ops) {
    ops.push_back({{"op", op.op},
                   {"kind", name_of(graph.op(op.op))},
                   {"file_index", graph.op(op.op).file_index},
                   {"variant", kernel_variants(graph.op(op.op))[static_cast<std::size_t>(op.variant)].name}});
  }
  Json loops = Json::array();
  for (const Loop &loop : stage.loops) {
    loops.push_back({{"level", name_of(loop.level)}, {"step", loop.step}, {"reduction", loop.reduction}});
  }
  const StagePeak &peak = network.peaks[index];
  return {{"ops", ops},
          {"loops", loops},
          {"macs", network.stage_macs[index]},
          {"peak", {{"bytes", peak.bytes}, {"firing", peak.firing}, {"buffers", peak.buffers}}}};
}

Json stages_json(const Network &network) {
  Json list = Json::array();
  for (std::size_t s = 0; s < network.schedule.stages.size(); ++s) list.push_back(stage_json(network, s));
  return list;
}

Json buffers_json(const Network &network) {
  Json list = Json::array();
  for (std::size_t b = 0; b < network.schedule.buffers.size(); ++b) {
    const Buffer &buffer = network.schedule.buffers[b];
    const Json tensor =
        buffer.tensor == kNone ? Json(nullptr) : Json(network.graph->tensor(buffer.tensor).name);
    list.push_back({{"tensor", tensor},
                    {"kind", name_of(buffer.kind)},
                    {"region", network.schedule.regions[static_cast<std::size_t>(buffer.region)].name},
                    {"offset", buffer.offset},
                    {"size", buffer.size},
                    {"first", buffer.first},
                    {"last", buffer.last},
                    {"made_by", buffer_label(*network.graph, buffer)},
                    {"loads", network.accesses[b].loads},
                    {"stores", network.accesses[b].stores}});
  }
  return list;
}

/// What `compile`, `verify` and `run` have in common.
Json plan_json(const char *verb, const Network &network, const Flash &flash) {
  const Graph &graph = *network.graph;
  Json json = json_head(verb, graph);
  json["target"] = network.profile.name;
  json["name"] = network.options.name;
  json["float_io"] = network.options.float_io;
  json["fold_floats"] = network.options.fold_floats;
  json["rounds_differently"] = rounds_differently(network.passes);
  json["inputs_of_network"] = tensors_json(graph, graph.inputs);
  json["outputs_of_network"] = tensors_json(graph, graph.outputs);
  json["memory"] = memory_json(network);
  json["compute"] = compute_json(network);
  json["flash"] = flash_json(flash);
  json["estimate"] = estimate_json(network);
  json["passes"] = passes_json(network.passes);
  json["stages"] = stages_json(network);
  json["buffers"] = buffers_json(network);
  return json;
}

Json deviation_json(const std::optional<Deviation> &deviation) {
  if (!deviation) return nullptr;
  return {{"largest", deviation->largest}, {"magnitude", deviation->magnitude}};
}

Json parts_json(const std::vector<PartFigures> &parts) {
  if (parts.empty()) return nullptr;
  Json json = Json::object();
  for (const PartFigures &part : parts) json[part.part] = {{"loads", part.loads}, {"stores", part.stores}};
  return json;
}

Json figures_json(const RunFigures &run) {
  return {{"on", run.on},
          {"instructions", or_null(run.instructions)},
          {"cycles_estimate", or_null(run.cycles_estimate)},
          {"milliseconds_estimate", or_null(run.milliseconds_estimate)},
          {"loads", or_null(run.loads)},
          {"stores", or_null(run.stores)},
          {"stack_bytes", or_null(run.stack_bytes)},
          {"mismatched_bytes", or_null(run.mismatched_bytes)},
          {"parts", parts_json(run.parts)},
          {"arenas", parts_json(run.arenas)}};
}

/// What each operator took; a row without an operator is what came before the first.
Json operators_json(const Network &network, const std::vector<OperatorFigures> &operators) {
  if (operators.empty()) return nullptr;
  Json list = Json::array();
  for (const OperatorFigures &one : operators) {
    Json json = {{"op", nullptr}, {"kind", nullptr}, {"file_index", nullptr}, {"variant", nullptr}};
    if (one.op >= 0) {
      const Op &op = network.graph->op(one.op);
      json = {{"op", one.op},
              {"kind", name_of(op)},
              {"file_index", op.file_index == kNone ? Json(nullptr) : Json(op.file_index)},
              {"variant", variants_text(network.schedule, one.op)}};
    }
    json["macs"] = one.macs;
    json["instructions"] = one.instructions;
    json["cycles_estimate"] = one.cycles_estimate;
    json["loads"] = one.loads;
    json["stores"] = one.stores;
    const KernelCost *predicted = predicted_cost(network, one.op);
    json["predicted"] = predicted == nullptr
                            ? Json(nullptr)
                            : Json{{"instructions", predicted->instructions}, {"cycles", predicted->cycles}};
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace

namespace {

Json states_json(const Graph &graph) {
  Json list = Json::array();
  for (const State &state : graph.states) {
    list.push_back({{"name", state.name},
                    {"read", tensor_json(graph.tensor(state.read))},
                    {"written", tensor_json(graph.tensor(state.written))}});
  }
  return list;
}

}  // namespace

std::string inspect_json(const Graph &graph) {
  Json json = json_head("inspect", graph);
  json["inputs"] = tensors_json(graph, graph.inputs);
  json["outputs"] = tensors_json(graph, graph.outputs);
  json["states"] = states_json(graph);
  Json operators = Json::array();
  std::int64_t total = 0;
  for (const Op &op : graph.ops) {
    Json inputs = Json::array();
    for (TensorId id : op.inputs) inputs.push_back(id == kNone ? Json(nullptr) : Json(graph.tensor(id).name));
    total += macs(graph, op);
    operators.push_back({{"kind", name_of(op)},
                         {"file_index", op.file_index == kNone ? Json(nullptr) : Json(op.file_index)},
                         {"inputs", inputs},
                         {"output", tensor_json(graph.tensor(op.output()))},
                         {"macs", macs(graph, op)},
                         {"weights_bytes", constant_bytes(graph, op)}});
  }
  json["compute"] = {{"macs", total}};
  json["flash"] = {{"weights_bytes", constant_bytes(graph)}};
  json["operators"] = operators;
  return json_text(json);
}

std::string compile_json(const Network &network, const Flash &flash, const std::vector<std::string> &files) {
  Json json = plan_json("compile", network, flash);
  json["files"] = files;
  return json_text(json);
}

std::string verify_json(const Network &network, const Verification &verification) {
  Json json = plan_json("verify", network, verification.flash);
  json["inputs"] = verification.inputs;
  json["seed"] = verification.seed;
  json["output_bytes_compared"] = verification.output_bytes;
  json["mismatched_bytes"] = verification.mismatched_bytes;
  if (const auto &first = verification.first_mismatch) {
    json["first_mismatch"] = {
        {"on", first->on},     {"inference", first->inference}, {"output", first->output},
        {"byte", first->byte}, {"expected", first->expected},   {"found", first->found}};
  } else {
    json["first_mismatch"] = nullptr;
  }
  json["deviation"] = deviation_json(verification.deviation);
  Json runs = Json::array();
  for (const RunFigures &run : verification.runs) runs.push_back(figures_json(run));
  json["runs"] = runs;
  json["operators"] = operators_json(network, verification.operators);
  return json_text(json);
}

std::string run_json(const Network &network, const RunReport &run) {
  Json json = plan_json("run", network, run.flash.value_or(Flash{}));
  if (!run.flash) json["flash"] = nullptr;
  json["inferences"] = run.inferences;
  json["ends"] = run.ends;
  json["compared_bytes"] = or_null(run.compared_bytes);
  json["mismatched_bytes"] = or_null(run.figures.mismatched_bytes);
  json["accuracy"] =
      run.accuracy ? Json{{"right", run.accuracy->right}, {"of", run.accuracy->of}} : Json(nullptr);
  json["runs"] = Json::array({figures_json(run.figures)});
  return json_text(json);
}

}  // namespace thimble::report
