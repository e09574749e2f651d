#include "base_schedules.h"

#include "nets.h"
#include "thimble/schedule/measure.h"

namespace thimble::test {
namespace {

constexpr Loop kRows{Level::row, 1};
constexpr Loop kColumns{Level::column, 1};

StageTensor ring(TensorId tensor) {
  return {tensor, Level::row, Level::call};
}
StageTensor one_row(TensorId tensor) {
  return {tensor, Level::row, Level::row};
}

}  // namespace

Schedule in_place_schedule() {
  const Net net = element_wise();
  Schedule schedule = whole_tensor_schedule(net.graph);
  add_buffers(schedule);
  const std::int64_t offset = buffer_for(schedule, net.a, kNone).offset;
  buffer_for(schedule, net.b, kNone).offset = offset;
  buffer_for(schedule, net.c, kNone).offset = offset;
  return schedule;
}

std::vector<NamedSchedule> base_schedules() {
  std::vector<NamedSchedule> all;
  const auto add = [&](const char *name, const Net &net, const std::vector<Stage> &stages,
                       bool fifos = false) {
    Schedule schedule = make_schedule(net.graph, stages);
    add_buffers(schedule, Packing::shared, fifos);
    all.push_back({name, std::move(schedule)});
  };

  const Net project = expand_project({.rows = 6, .columns = 5});
  const Graph &hidden = *project.graph;
  const std::vector<TensorId> chain{project.a, project.b, project.c};
  add("whole", project,
      {make_stage(hidden, {project.a}), make_stage(hidden, {project.b}), make_stage(hidden, {project.c})});
  add("rings", project, {make_stage(hidden, chain, {kRows}, {ring(project.a), one_row(project.b)})});
  add("slice_outside_row", project,
      {make_stage(hidden, chain, {{Level::slice, 4, true}, kRows},
                  {{project.a, Level::row, Level::slice}, one_row(project.b)})});
  add("slice_inside_row", project,
      {make_stage(hidden, chain, {kRows, {Level::slice, 4, true}},
                  {{project.a, Level::slice, Level::slice, 4}, {project.b, Level::slice, Level::slice, 4}})});

  const Net residual = inverted_residual({.rows = 6, .columns = 5});
  add("pushed_residual", residual,
      {make_stage(*residual.graph, {residual.x, residual.a, residual.b, residual.c, residual.d}, {kRows},
                  {ring(residual.x), ring(residual.a), one_row(residual.b), one_row(residual.c)})});

  const Net pair = two_convolutions({.rows = 6, .columns = 6, .channels = 2});
  const std::vector<TensorId> both{pair.a, pair.b};
  add("stride_ring", pair, {make_stage(*pair.graph, both, {{Level::row, 2}}, {ring(pair.a)})});
  add("fifo", pair,
      {make_stage(*pair.graph, both, {kRows, kColumns}, {{pair.a, Level::column, Level::call}})}, true);
  add("window", pair,
      {make_stage(*pair.graph, both, {kRows, kColumns}, {{pair.a, Level::column, Level::row}})});
  add("strips", pair,
      {make_stage(*pair.graph, both, {{Level::strip, 3}, kRows}, {{pair.a, Level::row, Level::strip}})});

  const Net readers = two_readers({.rows = 6, .columns = 4});
  add("recomputed", readers,
      {make_stage(*readers.graph, {readers.a, readers.b}, {kRows}, {ring(readers.a)}),
       make_stage(*readers.graph, {readers.a, readers.c, readers.d}, {kRows},
                  {ring(readers.a), one_row(readers.c)})});

  const Net early = early_output({.rows = 6, .columns = 4});
  add("drained", early, {make_stage(*early.graph, {early.a, early.b}, {kRows}, {ring(early.a)})});

  const Net dense = two_dense();
  add("dense_slices", dense,
      {make_stage(*dense.graph, {dense.a, dense.b}, {{Level::slice, 5, true}},
                  {{dense.a, Level::slice, Level::slice, 5}})});

  const Net mean = convolution_mean({.rows = 6, .columns = 5});
  add("mean", mean,
      {make_stage(*mean.graph, {mean.a, mean.b}, {{Level::row, 2, true}},
                  {{mean.a, Level::row, Level::row, 2}}),
       make_stage(*mean.graph, {mean.c})});

  all.push_back({"in_place", in_place_schedule()});

  // Working memory and counters, and a ring in a region of its own.
  Schedule furnished = make_schedule(
      project.graph, {make_stage(hidden, chain, {kRows}, {ring(project.a), one_row(project.b)})});
  add_buffers(furnished, Packing::shared);
  Buffer scratch;
  scratch.kind = BufferKind::scratch;
  scratch.op = maker_of(hidden, project.b);
  scratch.size = 16;
  Buffer cursors;
  cursors.kind = BufferKind::cursors;
  cursors.stage = 1;
  cursors.size = 8;
  furnished.buffers.push_back(scratch);
  furnished.buffers.push_back(cursors);
  place_buffers(furnished, Packing::shared);
  Buffer &moved = buffer_for(furnished, project.a, 1);
  moved.region = 1;
  moved.offset = 0;
  furnished.regions.push_back({"fast", RegionKind::arena, moved.size});
  all.push_back({"furnished", std::move(furnished)});
  return all;
}

}  // namespace thimble::test
