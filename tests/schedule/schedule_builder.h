// Hand-written schedules for tests: stages are spelled out, buffers are measured and placed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/random.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {

/// The operator that makes a tensor.
OpId maker_of(const Graph &graph, TensorId tensor);

/// A stage of the makers of these tensors, in this order.
Stage make_stage(const Graph &graph, const std::vector<TensorId> &tensors, std::vector<Loop> loops = {},
                 std::vector<StageTensor> inner = {});

/// The stages, preceded by one stage for every network input that none of them holds. No buffers yet.
Schedule make_schedule(std::shared_ptr<const Graph> graph, const std::vector<Stage> &stages);

/// One stage per operator, in file order. No buffers yet.
Schedule whole_tensor_schedule(std::shared_ptr<const Graph> graph);

enum class Packing {
  apart,   ///< every buffer has bytes of its own
  shared,  ///< first fit by lifetime: buffers that are not live together share bytes
};

/// Replaces the schedule's buffers: whole ones for what leaves its stage, folded ones as small as measured
/// for the rest, accumulators for reductions in parts. `fifos`: what grows in raster order becomes a pixel
/// FIFO instead of a ring of rows.
void add_buffers(Schedule &schedule, Packing packing = Packing::apart, bool fifos = false);

/// Gives the buffers the lifetimes that the firings have.
void set_lifetimes(Schedule &schedule);

/// The same, and places them.
void place_buffers(Schedule &schedule, Packing packing);

/// Passes when the schedule is accepted and gives the interpreter's bytes whatever the poison.
void expect_good(const Schedule &schedule, const std::string &what = "");
/// Passes when verify_structure or check refuses the schedule with a line that contains `reason`.
void expect_refused(const Schedule &schedule, const std::string &reason);

/// The buffer of a tensor in a stage (kNone: shared), to be changed. Fails the test when there is none.
Buffer &buffer_for(Schedule &schedule, TensorId tensor, std::int32_t stage);

/// "a[0:2) b[0:1)" ... : names of tensors and row ranges (ranges of the last axis for tensors without rows)
/// of all firings that are not network inputs arriving whole.
std::string firings_by_rows(const Schedule &schedule);
/// The same with rows and columns: "a[0:1,0:4)".
std::string firings_by_pixels(const Schedule &schedule);

}  // namespace thimble::test
