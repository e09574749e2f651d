// A network over time can mean two things. A *stream*: the batch graph, run on all frames from the first one
// on. A *window*: the batch graph, run on the last T frames. They are the same where nothing is padded:
//
//   frames  0 1 2 3 4 5 6 7     window of 4 frames, conv of 3 taps, 2 before the map
//           . . . . . . . .
//   stream        [4 5 6]       element for frame 6
//   window   0 0 [5 6 7] ...    the first elements of the window at 5 read zeros where the stream has 3 and 4
//
// Padding before the map alone streams exactly, as zeros before the first frame; padding behind it as well,
// and costs latency; but neither is what a window gives that is padded at its ends.
#pragma once

#include "thimble/stream/rates.h"

namespace thimble::stream {

struct OpAgreement {
  /// Elements of time outside the batch that the operator reads at either end.
  std::int64_t padding_before = 0, padding_behind = 0;
  std::int64_t receptive_field = 0;  ///< frames that an element of its output depends on
  std::int64_t latency = 0;          ///< steps from the frame at the place of an element until it is there: o
  bool agrees = true;  ///< neither it nor what it reads, however indirectly, is padded over time
};

struct Agreement {
  std::vector<OpAgreement> ops;
  OpId first = kNone;  ///< the first operator where stream and window differ, or kNone
};

Agreement window_agreement(const Graph &graph, const TimeAxes &axes, const Rates &rates);

/// One line about `Agreement::first`, or nothing.
std::optional<Diagnostic> disagreement(const Graph &graph, const Agreement &agreement);

}  // namespace thimble::stream
