// What holding costs in quality, told from data without any training: a ranking of positions, no forecast of
// what the trained network will do.
#pragma once

#include "thimble/graph/interpret.h"
#include "thimble/soi/transform.h"

namespace thimble::soi {

/// Bytes of one network input: a window of frames.
using Windows = std::vector<Bytes>;

/// Sums of squares over real values.
struct Deviation {
  double signal = 0, error = 0;

  void add(const Tensor &tensor, const Bytes &expected, const Bytes &found);
  /// Energy of the error in that of the signal; 0 of nothing.
  double share() const;
  double decibels() const;  ///< signal to error; infinite without error
};

/// What comes out of the network for each window, all tensors.
using Baseline = std::vector<std::vector<Bytes>>;
Result<Baseline> run_windows(const Graph &graph, const Windows &windows);

/// How a position's way out differs from itself held for `factor` frames and delayed by `shift`: of the
/// tensor by itself.
Result<Deviation> held_error(const Timed &network, const Position &position, const Pairs &pairs,
                             const Baseline &baseline);

/// How the network's output changes when the ways out of all pairs are held and delayed so, and everything
/// else is as it was.
Result<Deviation> injected_error(const Timed &network, const std::vector<Position> &positions,
                                 const Pairs &pairs, const Windows &windows, const Baseline &baseline);

/// How the output of another graph of the same ends differs: exact for what needs no training.
Result<Deviation> output_error(const Graph &network, const Graph &other, const Windows &windows,
                               const Baseline &baseline);

}  // namespace thimble::soi
