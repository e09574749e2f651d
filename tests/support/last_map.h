// A network's last map shows more of what went before it than a few scores do.
#pragma once

#include "thimble/rewrite/remove_dead.h"

namespace thimble::test {

/// The network up to its last convolution over more than one row, whose output becomes the network's only
/// one; the network itself where there is none.
inline Graph up_to_last_map(Graph graph) {
  for (const Op &op : graph.ops) {
    const bool map = op.is<Conv2D>() || op.is<DepthwiseConv2D>();
    if (map && graph.tensor(op.output()).shape[1] > 1) graph.outputs = {op.output()};
  }
  return *remove_dead(std::move(graph));
}

}  // namespace thimble::test
