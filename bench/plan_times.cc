// What the planner finds, and how long it takes:
//
//   bench_plan_times [--input consumed|kept|rows|both] [--space whole|lines|all] FILE.tflite|INDEX.tsv...
//
// One line per network and way of input: model, input, operators, arena, lower bound, gap in percent, stages,
// kernel calls, seconds of one core. Of an INDEX.tsv, the files beside it that it marks `core`. Columns are
// separated by tabs and the seconds are last, so that two runs can be compared with `cut -f 1-8`. `both`:
// consumed and, where the network allows it, in rows.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "thimble/plan/plan.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/passes.h"
#include "thimble/schedule/cost.h"

namespace {

namespace fs = std::filesystem;
using namespace thimble;

std::vector<fs::path> core_models(const fs::path &index) {
  std::vector<fs::path> paths;
  std::ifstream stream(index);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream columns(line);
    std::string path, set;
    std::getline(columns, path, '\t');
    std::getline(columns, set, '\t');
    if (set == "core" && path.ends_with(".tflite")) paths.push_back(index.parent_path() / path);
  }
  return paths;
}

void run(const fs::path &path, const std::shared_ptr<const Graph> &graph, const PlanOptions &options) {
  const std::clock_t start = std::clock();
  const Result<Plan> plan = search_plan(graph, options);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const std::string name = (path.parent_path().filename() / path.filename()).string();
  std::printf("%s\t%s\t%zu", name.c_str(), name_of(options.input), graph->ops.size());
  if (!plan) {
    const std::string text = plan.error().text();
    std::printf("\tfailed: %s\n", text.substr(0, text.find('\n')).c_str());
    return;
  }
  const std::int64_t arena = plan->schedule.regions[0].size;
  const std::int64_t bound = plan->lower_bound_bytes;
  const double gap =
      bound == 0 ? 0.0 : 100.0 * static_cast<double>(arena - bound) / static_cast<double>(bound);
  std::printf("\t%lld\t%lld\t%.2f\t%zu\t%lld\t%.3f\n", static_cast<long long>(arena),
              static_cast<long long>(bound), gap, plan->schedule.stages.size(),
              static_cast<long long>(count_firings(plan->schedule)), seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char **arguments) {
  std::vector<InputMode> modes{InputMode::consumed};
  PlanOptions options;
  std::vector<fs::path> paths;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    const bool has_value = word == "--input" || word == "--space";
    const std::string value = has_value && i + 1 < count ? arguments[++i] : "";
    if (word == "--input" && value == "both") {
      modes = {InputMode::consumed, InputMode::rows};
    } else if (word == "--input") {
      modes = {value == "rows" ? InputMode::rows : value == "kept" ? InputMode::kept : InputMode::consumed};
    } else if (word == "--space") {
      options.space = value == "whole"   ? PlanSpace::whole
                      : value == "lines" ? PlanSpace::lines
                                         : PlanSpace::all;
    } else if (word.ends_with(".tsv")) {
      std::ranges::copy(core_models(word), std::back_inserter(paths));
    } else {
      paths.emplace_back(word);
    }
  }
  for (const fs::path &path : paths) {
    Result<Graph> file = read_tflite(path);
    if (!file) continue;
    Result<Graph> rewritten = rewrite(std::move(*file), {});
    if (!rewritten) continue;
    const auto graph = std::make_shared<const Graph>(std::move(*rewritten));
    for (const InputMode mode : modes) {
      options.input = mode;
      run(path, graph, options);
    }
  }
}
