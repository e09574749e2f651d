#include "thimble/report/pareto.h"

#include "thimble/report/json_parts.h"
#include "thimble/report/passes.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"

namespace thimble::report {

std::string pareto_text(const std::vector<Network> &points) {
  Table table(
      {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
  table.add({"plan", "arena B", "msf B", "MACs", "overhead", "firings", "stages"});
  for (std::size_t p = 0; p < points.size(); ++p) {
    const Network &point = points[p];
    table.add({point_name(p), grouped(point.memory.arena_bytes), grouped(point.memory.msf_bytes),
               grouped(point.compute.macs), fixed(overhead(point.compute), 3), grouped(point.compute.firings),
               grouped(static_cast<std::int64_t>(point.schedule.stages.size()))});
  }
  const std::string rounding = rounding_text(points[0].passes);
  return headline(*points[0].graph, points[0].compute.macs_unplanned) + table.text() +
         "msf B: without network input and final map. Any of these: thimble compile --plan NAME\n" +
         (rounding.empty() ? "" : rounding + "\n") +
         (points[0].options.list_passes ? passes_text(points[0].passes) : "");
}

std::string pareto_json(const std::vector<Network> &points) {
  Json json = json_head("pareto", *points[0].graph);
  json["target"] = points[0].profile.name;
  json["fold_floats"] = points[0].options.fold_floats;
  json["rounds_differently"] = rounds_differently(points[0].passes);
  json["passes"] = passes_json(points[0].passes);
  Json list = Json::array();
  for (std::size_t p = 0; p < points.size(); ++p) {
    const Network &point = points[p];
    list.push_back({{"plan", point_name(p)},
                    {"arena_bytes", point.memory.arena_bytes},
                    {"lower_bound_bytes", point.lower_bound_bytes},
                    {"msf_bytes", point.memory.msf_bytes},
                    {"macs", point.compute.macs},
                    {"macs_unplanned", point.compute.macs_unplanned},
                    {"overhead", overhead(point.compute)},
                    {"firings", point.compute.firings},
                    {"stages", point.schedule.stages.size()}});
  }
  json["points"] = list;
  return json_text(json);
}

}  // namespace thimble::report
