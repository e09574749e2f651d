#include "thimble/report/soi_json.h"

#include <cmath>

#include "thimble/report/json_parts.h"

namespace thimble::report {
namespace {

/// JSON has no infinity.
Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json cost_json(const soi::Cost &cost) {
  return {{"macs_per_step", {{"average", cost.average}, {"peak", cost.peak}, {"critical", cost.critical}}},
          {"state_bytes", cost.state_bytes},
          {"latency", cost.latency},
          {"period", cost.period}};
}

Json pairs_json(const soi::Pairs &pairs, bool training_free) {
  return {{"pairs", pairs.numbers},
          {"kind", training_free ? "hold" : soi::name_of(pairs.kind())},
          {"shift", pairs.shift},
          {"factor", pairs.factor},
          {"extrapolate", soi::name_of(pairs.extrapolation)}};
}

/// What every report of the verb begins with.
Json head(const SoiNetwork &network) {
  Json json = json_head("soi", *network.graph);
  json["axis"] = network.axes.input_axis;
  json["before"] = cost_json(network.cost);
  Json positions = Json::array();
  for (const soi::Position &position : network.positions) {
    positions.push_back({{"position", position.number},
                         {"entry", network.graph->tensor(position.entry).name},
                         {"exit", network.graph->tensor(position.exit).name},
                         {"meets", soi::name_of(position.meets)},
                         {"macs", position.macs}});
  }
  json["positions"] = positions;
  return json;
}

Json limits_json(const soi::SearchRequest &request, const soi::SearchResult &result) {
  Json limits = Json::array();
  for (const soi::LimitCheck &check : result.limits) {
    limits.push_back({{"name", check.name},
                      {"limit", check.limit},
                      {"kept", check.kept},
                      {"best", finite(check.best)},
                      {"best_plan", pairs_json(check.nearest, request.training_free)}});
  }
  return limits;
}

}  // namespace

std::string soi_positions_json(const SoiNetwork &network) {
  return json_text(head(network));
}

std::string soi_json(const SoiNetwork &network, const SoiModel &model,
                     const std::optional<StreamVerification> &verification,
                     const std::optional<std::vector<std::string>> &files) {
  Json json = head(network);
  json["plan"] = pairs_json(model.request.pairs, model.request.training_free);
  Json regions = Json::array();
  for (const soi::CompressedRegion &region : model.regions) {
    regions.push_back({{"position", region.position.number},
                       {"divisor", region.divisor},
                       {"shift", region.shift},
                       {"fresh_skip", region.fresh_skip}});
  }
  json["regions"] = regions;
  json["after"] = cost_json(model.cost);
  json["written_sha256"] = model.stream.network.file->sha256;
  json["target"] = model.stream.network.profile.name;
  json["name"] = model.stream.network.options.name;
  json["memory"] = {{"arena_bytes", total_bytes(model.stream.schedule().regions)},
                    {"state_bytes", state_bytes(model.stream)},
                    {"step_bytes", call_bytes(model.stream)}};
  json["mismatched_bytes"] = verification ? Json(verification->mismatched_bytes) : Json(nullptr);
  if (files) json["files"] = *files;
  return json_text(json);
}

std::string soi_search_json(const SoiNetwork &network, const soi::SearchRequest &request,
                            const soi::SearchResult &result, std::size_t windows) {
  Json json = head(network);
  json["windows"] = windows;
  json["candidates"] = result.candidates;
  json["feasible"] = result.feasible;
  json["refused"] = result.refused;
  json["limits"] = limits_json(request, result);
  Json front = Json::array();
  for (const soi::Candidate &candidate : result.front) {
    Json point = pairs_json(candidate.pairs, request.training_free);
    point["cost"] = cost_json(candidate.cost);
    point["error"] = finite(candidate.error);
    point["snr_db"] = finite(soi::Deviation{1, candidate.error}.decibels());
    point["held_error"] = finite(candidate.held_error);
    front.push_back(point);
  }
  json["front"] = front;
  return json_text(json);
}

}  // namespace thimble::report
