// The interpreter: slow, obvious, and the oracle. Each operator has one function that computes a tile of its
// output from views; the whole network and the host execution of a schedule use the same functions.
#pragma once

#include "thimble/graph/footprint.h"
#include "thimble/graph/view.h"

namespace thimble {

/// One execution of one operator.
struct OpRun {
  const Graph &graph;
  const Op &op;
  std::vector<View> inputs;  ///< constants included; an absent optional input has a null base
  View output;
  View accumulator;  ///< int32 (int64 for int16 data, float32 for float), shape of the output; null when the
                     ///< reduction is whole. A partial firing adds to it; `first` initialises, `last`
                     ///< requantises.
  Region tile;       ///< of the output
  Range reduction;   ///< part of the reduction that is summed
  bool first = true, last = true;
};

namespace interpreter {
#define THIMBLE_DECLARE_INTERPRETER(Kind, name) void run(const Kind &, const OpRun &);
THIMBLE_OPS(THIMBLE_DECLARE_INTERPRETER)
#undef THIMBLE_DECLARE_INTERPRETER
}  // namespace interpreter

/// Computes one tile.
void run(const OpRun &firing);

using Bytes = std::vector<std::uint8_t>;

/// Bytes of each state of a graph between two inferences; empty before the first one.
using StateBytes = std::vector<Bytes>;

/// What a state begins with.
Bytes initial_bytes(const Graph &graph, const State &state);

/// Runs the whole network. `inputs` are the bytes of each network input in file order; the result holds the
/// bytes of every tensor of the graph (empty for constants), so that intermediates can be compared too.
/// `states` goes from one inference of a sequence to the next.
Result<std::vector<Bytes>> interpret(const Graph &graph, const std::vector<Bytes> &inputs,
                                     StateBytes &states);

/// The first inference of a sequence, or the only one.
Result<std::vector<Bytes>> interpret(const Graph &graph, const std::vector<Bytes> &inputs);

/// Only the network outputs, in file order.
Result<std::vector<Bytes>> interpret_outputs(const Graph &graph, const std::vector<Bytes> &inputs,
                                             StateBytes &states);
Result<std::vector<Bytes>> interpret_outputs(const Graph &graph, const std::vector<Bytes> &inputs);

}  // namespace thimble
