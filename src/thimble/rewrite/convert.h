// Between the ends of a network as its file has them and as the rewritten graph has them. The conversions are
// those of the folded QUANTIZE and DEQUANTIZE operators, to the bit: the interpreter's own functions compute
// them.
#pragma once

#include <span>

#include "thimble/graph/interpret.h"

namespace thimble {

/// One end of the network, before and after the rewrite. Shapes are equal.
struct End {
  Tensor file;     ///< as in the model file
  Tensor network;  ///< as in the rewritten graph
  bool folded() const { return file.type != network.type; }
};

struct Ends {
  std::vector<End> inputs, outputs;  ///< in file order
};

/// Pairs the ends of a graph and of what rewrite() made of it. Fails when the two are not of one network.
Result<Ends> match_ends(const Graph &original, const Graph &rewritten);

/// Bytes that the rewritten network takes, from the bytes that the file's network takes: QUANTIZE where the
/// input was folded, else a copy. Fails on a wrong length.
Result<Bytes> to_network(const End &input, std::span<const std::uint8_t> file_bytes);

/// Bytes that the file's network gives, from those that the rewritten one gives: DEQUANTIZE where the output
/// was folded, else a copy. Fails on a wrong length.
Result<Bytes> to_file(const End &output, std::span<const std::uint8_t> network_bytes);

}  // namespace thimble
