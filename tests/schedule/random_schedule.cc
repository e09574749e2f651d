#include "random_schedule.h"

#include <algorithm>

#include "thimble/schedule/sum_bytes.h"
#include "thimble/schedule/variant.h"

namespace thimble::test {
namespace {

std::int32_t pick(std::mt19937 &random, std::int32_t count) {
  return static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(count));
}

/// A random order of some levels with random steps; a loop over the reduction where the driver has one.
std::vector<Loop> random_loops(const Graph &graph, const Op &driver, std::mt19937 &random) {
  static const std::vector<std::vector<Level>> kNests = {
      {},
      {Level::row},
      {Level::row, Level::column},
      {Level::strip, Level::row},
      {Level::column},
      {Level::column, Level::row},
      {Level::slice},
      {Level::slice, Level::row},
      {Level::row, Level::slice},
      {Level::strip, Level::row, Level::column},
  };
  std::vector<Loop> loops;
  bool reduces = false;
  for (const Level level :
       kNests[static_cast<std::size_t>(pick(random, static_cast<std::int32_t>(kNests.size())))]) {
    Loop loop{level, 1 + pick(random, pick(random, 2) == 0 ? 2 : 6)};
    const int axis = axis_of(level, graph.tensor(driver.output()).rank());
    const bool try_reduction = !reduces && !driver.inputs.empty() && driver.inputs[0] != kNone &&
                               pick(random, 2) == 0 && kernel_variants(driver)[0].partial_reduction;
    if (try_reduction) {
      const Footprint reads = footprint(graph, driver, 0);
      const auto reduced = std::find_if(reads.begin(), reads.end(), [](const AxisMap &map) {
        return map.kind == AxisMap::Kind::accumulate;
      });
      const int walked = axis_of(level, graph.tensor(driver.inputs[0]).rank());
      loop.reduction = reduced != reads.end() && reduced - reads.begin() == walked;
    }
    reduces = reduces || loop.reduction;
    // A loop over an axis that is not there is left out.
    if (loop.reduction || axis != kNone) loops.push_back(loop);
  }
  return loops;
}

struct Depths {
  int compute = 0, store = 0;
  TensorId within = kNone;
  bool raster = false;  ///< a pixel FIFO, whose rows may own windows
};

/// The pixel FIFO in whose rows a tensor can be a window: the only one that reads it, by windows inside the
/// same rows or itself. kNone when there is none.
TensorId possible_owner(const Graph &graph, const Stage &stage, const std::vector<Depths> &depths,
                        std::size_t position) {
  const TensorId tensor = graph.op(stage.ops[position].op).output();
  TensorId owner = kNone;
  for (std::size_t reader = position + 1; reader < stage.ops.size(); ++reader) {
    const std::vector<TensorId> &inputs = graph.op(stage.ops[reader].op).inputs;
    if (std::find(inputs.begin(), inputs.end(), tensor) == inputs.end()) continue;
    const TensorId own =
        depths[reader].raster ? graph.op(stage.ops[reader].op).output() : depths[reader].within;
    if (own == kNone || (owner != kNone && owner != own)) return kNone;
    owner = own;
  }
  return owner;
}

/// Levels for the tensors of a stage, from the last operator to the first: what is forgotten when a loop goes
/// on must not be needed by a reader that is computed outside that loop.
void choose_levels(const Graph &graph, Stage &stage, const std::vector<bool> &leaves, std::mt19937 &random) {
  const std::size_t count = stage.ops.size();
  const int loops = static_cast<int>(stage.loops.size());
  std::vector<Depths> depths(count);
  depths[count - 1] = {loops, loops};
  const auto level_at = [&](int depth) {
    return depth == 0 ? Level::call : stage.loops[static_cast<std::size_t>(depth - 1)].level;
  };
  for (std::size_t i = count - 1; i-- > 0;) {
    const TensorId tensor = graph.op(stage.ops[i].op).output();
    int deepest_store = leaves[i] ? 0 : loops;
    for (std::size_t reader = i + 1; reader < count; ++reader) {
      const std::vector<TensorId> &inputs = graph.op(stage.ops[reader].op).inputs;
      if (std::find(inputs.begin(), inputs.end(), tensor) == inputs.end()) continue;
      // A reader that outlives an iteration of a loop (a ring) may reach beyond what the iteration needs.
      const bool drives = reader + 1 == count;
      deepest_store = std::min(deepest_store, drives ? loops : depths[reader].store);
    }
    std::vector<Depths> choices{{0, 0}};
    for (int compute = 1; compute <= loops; ++compute) {
      if (axis_of(level_at(compute), graph.tensor(tensor).rank()) == kNone) continue;
      for (const int store : {compute - 1, compute}) {
        if (store <= deepest_store) choices.push_back({compute, store});
      }
      const bool raster =
          compute >= 2 && level_at(compute) == Level::column && level_at(compute - 1) == Level::row;
      if (raster && compute - 2 <= deepest_store) choices.push_back({compute, compute - 2});
    }
    const auto level_depth = [&](Level level) {
      int depth = loops;
      while (depth > 0 && level_at(depth) != level) --depth;
      return depth;
    };
    const int row = level_depth(Level::row);
    const int column = level_depth(Level::column);
    const TensorId owner = leaves[i] ? kNone : possible_owner(graph, stage, depths, i);
    const bool has_columns = axis_of(Level::column, graph.tensor(tensor).rank()) != kNone;
    depths[i] = choices[static_cast<std::size_t>(pick(random, static_cast<std::int32_t>(choices.size())))];
    // Without drawing a number, so that all else stays as it is without windows.
    if (owner != kNone && has_columns) depths[i] = {column, row, owner};
    depths[i].raster = depths[i].within == kNone && row > 0 && row < column && depths[i].compute == column &&
                       depths[i].store < row && axis_of(Level::row, graph.tensor(tensor).rank()) != kNone;
    stage.inner.push_back({tensor, level_at(depths[i].compute), level_at(depths[i].store),
                           1 + pick(random, 3), depths[i].within});
  }
}

}  // namespace

Schedule random_schedule(std::shared_ptr<const Graph> graph, std::mt19937 &random) {
  std::vector<Stage> stages;
  const std::int32_t longest = 1 + pick(random, 6);
  const std::vector<std::vector<OpId>> readers = consumers(*graph);
  bool last_is_needed = true;
  for (std::size_t id = 0; id < graph->ops.size(); ++id) {
    if (graph->ops[id].is<Input>()) continue;
    // What nobody needs fires only where it drives.
    const bool cut = stages.empty() || !last_is_needed ||
                     static_cast<std::int32_t>(stages.back().ops.size()) > pick(random, longest);
    const TensorId output = graph->ops[id].output();
    last_is_needed = !readers[static_cast<std::size_t>(output)].empty() ||
                     std::find(graph->outputs.begin(), graph->outputs.end(), output) != graph->outputs.end();
    if (cut) stages.emplace_back();
    stages.back().ops.push_back({static_cast<OpId>(id)});
  }
  Schedule schedule = make_schedule(std::move(graph), stages);
  const std::vector<std::vector<bool>> leaves = leaving_tensors(schedule);
  for (std::size_t s = 0; s < schedule.stages.size(); ++s) {
    Stage &stage = schedule.stages[s];
    const Op &driver = schedule.graph->op(stage.ops.back().op);
    if (driver.is<Input>()) continue;
    stage.loops = random_loops(*schedule.graph, driver, random);
    // Without drawing a number, so that all else stays as it is with sums of full width.
    const bool narrow = !stage.loops.empty() && stage.loops[0].step % 2 == 0;
    if (narrow) stage.sum_bytes = least_sum_bytes(*schedule.graph, driver);
    choose_levels(*schedule.graph, stage, leaves[s], random);
  }
  return schedule;
}

}  // namespace thimble::test
