// What a kernel takes for a tile, on Cortex-M4 and other cores with the DSP extension: how often it does what
// it does again and again, times what each of these took on the emulated core (kernel_costs.inc, measured and
// written by bench/kernel_costs.cc).
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "thimble/schedule/firing.h"
#include "thimble/schedule/variant.h"

namespace thimble {

/// What kernels depend on of a firing's tile. Sums over the columns are of one row of outputs.
struct TileSize {
  std::int32_t rows = 1, columns = 1, channels = 1;
  std::int32_t plain_rows = 1;     ///< whose taps all lie inside the input, as far as rows go
  std::int32_t plain_columns = 1;  ///< likewise
  std::int32_t plain_pairs = 0;    ///< pairs of neighbouring columns that are plain both, from the first on
  std::int32_t row_taps = 1;       ///< filter rows inside the input, over all rows
  std::int32_t column_taps = 1;    ///< filter columns inside the input, over all columns
  std::int32_t fresh_taps = 1;     ///< of these, those that the column before does not read
  std::int32_t fours = 0;          ///< whole fours of inputs under the columns, in one filter row
  std::int32_t ones = 0;           ///< inputs beyond those
  /// In so many pieces kernels get it that work on pixels one after the other (dense layers, element by
  /// element).
  std::int32_t pieces = 1;
  std::int32_t reduction = 1;  ///< length of the part of the reduction that is summed
  bool parts = false;          ///< there are others
  bool folded = false;         ///< the input's columns fold
  auto operator<=>(const TileSize &) const = default;
};
/// In one piece.
TileSize tile_size(const Schedule &schedule, const Firing &firing);

struct WorkCount {
  const char *what;  ///< stable: a row of the table
  std::int64_t times;
};
/// What one firing does.
struct KernelWork {
  std::string kernel;  ///< stable, likewise
  std::vector<WorkCount> counts;
};
/// Inputs of an output that a firing of a filter sums, of each filter row or of features.
std::int64_t part_depth(const Graph &graph, const Op &op, const TileSize &size);

KernelWork kernel_work(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size);

/// What counts where kernels are compared. Instructions flatter loads, cycles branches: both alike, where
/// something else matters first; where time does, its estimate.
enum class Measure : std::uint8_t { both, cycles };

struct KernelCost {
  std::int64_t instructions = 0;
  std::int64_t cycles = 0;  ///< by the model in target/cycles.h

  std::int64_t by(Measure measure) const {
    return measure == Measure::cycles ? cycles : instructions + cycles;
  }
  KernelCost &operator+=(const KernelCost &other) {
    instructions += other.instructions;
    cycles += other.cycles;
    return *this;
  }
};
KernelCost operator*(std::int64_t times, const KernelCost &cost);
KernelCost sum_of(std::span<const KernelCost> costs);

/// Of one firing, an estimate.
KernelCost kernel_cost(const Graph &graph, const Op &op, const KernelVariant &variant, const TileSize &size);

}  // namespace thimble
