// How the operators of a stage are nested: the few forms of loop nest among which the planner chooses.
#pragma once

#include <span>
#include <vector>

#include "thimble/schedule/schedule.h"

namespace thimble {

/// Which way a stage walks over its maps.
enum class Sweep : std::uint8_t { rows, columns };

/// How much of a tensor one firing makes.
///
///   whole    everything: a stage of one operator, without loops
///   lines    a row (or, in a sweep over columns, a column): tensors in between are rings of lines
///   pixels   some columns of a row, in reading order: tensors in between are pixel FIFOs, or rings where the
///            FIFO would not be smaller
///   slices   some channels of the whole map, which the driver takes as a part of its reduction: sums of its
///            whole output (partial execution)
///   slices_of_lines   as slices, and inside each slice a row after another: rings inside slices
///   lines_of_slices   for every row of the output all slices one after another: sums of one row only, and
///   rows
///            that neighbouring rows share are computed again
enum class Grain : std::uint8_t { whole, lines, pixels, slices, slices_of_lines, lines_of_slices };

/// Whether the driver is summed over slices of channels.
bool in_slices(Grain grain);

struct NestForm {
  Grain grain = Grain::whole;
  Sweep sweep = Sweep::rows;
  std::int32_t pixels = 1;    ///< columns in a firing of Grain::pixels
  std::int32_t channels = 1;  ///< in a slice of the forms with slices
  std::int32_t step = 1;  ///< lines in a firing of Grain::lines, and of the last operator of lines_of_slices
  std::int32_t sum_bytes = 0;  ///< of the forms with slices: Stage::sum_bytes
  /// Columns of the last operator's output that Grain::lines makes from top to bottom before it goes on to
  /// the next ones: rings of short rows, and columns that neighbouring strips share are computed again. 0:
  /// all.
  std::int32_t strip = 0;
  std::vector<TensorId> lines =
      {};  ///< tensors of a Grain::pixels stage that are made in whole lines all the same

  /// Tensors of a Grain::pixels stage that are kept for one row only, of the next tensor in the order that is
  /// not one of them: its next row computes them anew (windows.h).
  std::vector<TensorId> windows = {};

  bool operator==(const NestForm &) const = default;
};

/// Whether the operator can drive a stage of this form: its output has the lines, or it is a reduction over
/// rows that may be summed line by line.
bool can_drive(const Graph &graph, const Op &op, const NestForm &form);

/// Whether the operator, driving a stage that sweeps over rows, sums row by row into accumulators.
bool reduces_rows(const Graph &graph, const Op &op);

/// Whether these operators can run slice by slice: the last one sums over the channels of its input, and
/// whatever is made before it is read channel by channel.
bool can_slice(const Graph &graph, std::span<const OpId> ops);

/// A run of the chosen order of operators: positions first .. last, both included.
struct StageChoice {
  std::int32_t first = 0, last = 0;
  NestForm form;

  bool operator==(const StageChoice &) const = default;
};

/// The stage of these operators, in an order in which they can be executed; the last one drives. What is made
/// in the stage and is no window is stored at call and computed once.
Stage make_stage(const Graph &graph, std::span<const OpId> ops, const NestForm &form);

/// Bytes of cursors that the emitted program of such a stage will want in the arena, as far as the form tells
/// (cursor_need counts): a count of lines per tensor made in lines, row and column per tensor made in pixels,
/// and the place in the loops where the caller feeds rows. 0 where they are few enough for the stack.
std::int64_t expected_cursors(std::int64_t lines, std::int64_t pixels, std::int64_t loops, bool fed);
std::int64_t expected_cursors(const Graph &graph, const Stage &stage);

}  // namespace thimble
