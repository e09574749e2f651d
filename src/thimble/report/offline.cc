#include "thimble/report/offline.h"

#include "thimble/base/files.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/report/json_parts.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"
#include "thimble/write/offline.h"

namespace thimble::report {

Result<OfflineModel> plan_offline_model(const CompileOptions &options, std::span<const std::int32_t> order) {
  const auto bytes = read_file(options.model, tflite_limits::file_bytes);
  if (!bytes) return tl::unexpected(bytes.error());
  OfflineModel model;
  auto graph = read_tflite(*bytes, options.model);
  if (!graph) return tl::unexpected(graph.error());
  model.graph = std::move(*graph);
  auto outline = outline_tflite(*bytes, options.model);
  if (!outline) return tl::unexpected(outline.error());
  model.outline = std::move(*outline);
  auto plan = plan_offline(model.outline, order);
  if (!plan) return tl::unexpected(plan.error());
  model.plan = std::move(*plan);
  if (auto fits = check_ram_limit(options, model.plan.arena_bytes); !fits)
    return tl::unexpected(fits.error());

  auto written = write_offline_plan(*bytes, model.plan.order, model.plan.offsets, options.model);
  if (!written) return tl::unexpected(written.error());
  model.bytes = std::move(*written);
  const auto seen = outline_tflite(model.bytes, options.model);
  if (!seen) return tl::unexpected(seen.error());
  const auto offsets = read_offline_plan(model.bytes, options.model);
  if (!offsets) return tl::unexpected(offsets.error());
  if (auto proof = check_offline_plan(*seen, *offsets); !proof) return tl::unexpected(proof.error());
  return model;
}

std::string offline_text(const OfflineModel &model) {
  std::int64_t macs_of_all = 0;
  for (const Op &op : model.graph.ops) macs_of_all += macs(model.graph, op);
  const OfflinePlan &plan = model.plan;
  Table table({Align::left, Align::left});
  table.add({"RAM", bytes_text(plan.arena_bytes) + " arena for tensors (largest live sum " +
                        bytes_text(plan.bound_bytes) +
                        "; the runtime's greedy plan: " + bytes_text(plan.greedy_bytes) + ")"});
  table.add({"beside", "the runtime's structures and its kernels' scratch"});
  return headline(model.graph, macs_of_all) + table.text();
}

std::string offline_json(const OfflineModel &model, const std::string &file) {
  const OfflinePlan &plan = model.plan;
  Json json = json_head("compile", model.graph);
  json["emit"] = "tflite";
  json["inputs_of_network"] = tensors_json(model.graph, model.graph.inputs);
  json["outputs_of_network"] = tensors_json(model.graph, model.graph.outputs);
  json["memory"] = {{"arena_bytes", plan.arena_bytes},
                    {"allocation_bound_bytes", plan.bound_bytes},
                    {"greedy_bytes", plan.greedy_bytes}};
  json["order"] = plan.order;
  Json tensors = Json::array();
  for (std::size_t t = 0; t < plan.offsets.size(); ++t) {
    if (plan.offsets[t] < 0) continue;
    tensors.push_back(
        {{"file_index", t}, {"offset", plan.offsets[t]}, {"bytes", model.outline.tensor_bytes[t]}});
  }
  json["tensors"] = tensors;
  json["files"] = {file};
  return json_text(json);
}

}  // namespace thimble::report
