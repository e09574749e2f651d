// What a run of a stream tells.
#include "thimble/report/json_parts.h"
#include "thimble/report/stream_run.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"

namespace thimble::report {
namespace {

const Network &network_of(const AnyStream &stream) {
  return std::visit([](const auto &one) -> const Network & { return one.network; }, stream);
}
const Schedule &schedule_of(const AnyStream &stream) {
  return std::visit([](const auto &one) -> const Schedule & { return one.schedule(); }, stream);
}

std::string figures_text(const CallFigures &figures) {
  return grouped(static_cast<std::int64_t>(figures.average + 0.5)) + " per step, " + grouped(figures.peak) +
         " at most";
}

Json figures_json(const std::optional<CallFigures> &figures) {
  if (!figures) return nullptr;
  return {{"average", figures->average}, {"peak", figures->peak}};
}

template <class T>
Json or_null(const std::optional<T> &value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

std::string stream_run_text(const AnyStream &stream, const StreamRunReport &report) {
  const std::vector<MemoryRegion> &regions = schedule_of(stream).regions;
  Table table({Align::left, Align::left});
  table.add({"on", report.on});
  table.add({"steps", grouped(report.steps) + ", " + grouped(report.outputs) + " outputs"});
  table.add({"RAM", bytes_text(total_bytes(regions)) + " arena, " +
                        bytes_text(region_bytes(schedule_of(stream), true)) + " of it state"});
  if (report.instructions) table.add({"instructions", figures_text(*report.instructions)});
  if (report.cycles_estimate) table.add({"cycles est.", figures_text(*report.cycles_estimate)});
  if (report.stack_bytes) table.add({"stack", bytes_text(*report.stack_bytes)});
  if (report.mismatched_bytes)
    table.add({"compared", grouped(*report.mismatched_bytes) + " of " + bytes_text(*report.compared_bytes) +
                               " differ from the interpreter's"});
  return table.text();
}

std::string stream_run_json(const AnyStream &stream, const StreamRunReport &report) {
  const Network &network = network_of(stream);
  Json json = json_head("run", *network.file);
  json["target"] = network.profile.name;
  json["stream"] = true;
  json["ends"] = report.ends;
  json["steps"] = report.steps;
  json["outputs"] = report.outputs;
  json["memory"] = {{"arena_bytes", total_bytes(schedule_of(stream).regions)},
                    {"state_bytes", region_bytes(schedule_of(stream), true)}};
  json["compared_bytes"] = or_null(report.compared_bytes);
  json["mismatched_bytes"] = or_null(report.mismatched_bytes);
  json["runs"] = Json::array({{{"on", report.on},
                               {"instructions_per_step", figures_json(report.instructions)},
                               {"cycles_per_step", figures_json(report.cycles_estimate)},
                               {"stack_bytes", or_null(report.stack_bytes)}}});
  return json_text(json);
}

}  // namespace thimble::report
