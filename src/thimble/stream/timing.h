// In which call each operator fires, and whether before the frame of the call is there.
//
//   x          input                     S 1  o  0
//   a          conv of x, stride 2       S 2  o  0  slack 1: a shift is between it and its reader
//   b          a repeated, shifted by 1  S 1  o -1
//   y          x + b                     S 1  o  0
//
//   call       as early as it can         put off
//   0          x0 a0 b1 y0                x0 y0
//   1          x1 y1                      a0 b1 | x1 y1        a0 and b1 are made before x1 arrives
//
// What has slack need not be done between a frame and its output: it is put off until the output is given,
// and the caller may have it done at any time before the next frame (NAME_pre). Slack beyond that levels the
// peak: of operators that would fire in one call some are put off further.
#pragma once

#include "thimble/stream/lengthen.h"

namespace thimble::stream {

struct Firing {
  std::int64_t offset = 0;  ///< element m in call S*m + offset
  bool before = false;      ///< before the frame of the call
  bool within = false;      ///< as OpRate::within
};

/// By operator. `macs`: of a firing of each operator. Network outputs come as early as they can, parts of
/// convolutions when their sums say.
std::vector<Firing> firing_times(const Graph &graph, const Rates &rates,
                                 const std::vector<std::int64_t> &macs,
                                 const std::vector<PartTime> &parts = {});

/// The rates of a stream whose operators fire so, without slack.
Rates at_times(const Graph &graph, Rates rates, const std::vector<Firing> &firings);

}  // namespace thimble::stream
