// Private to the layer: what a model file holds, verified piece by piece, before it is translated.
#pragma once

#include "thimble/read/states.h"

namespace thimble::tflite {

/// The first subgraph of a file: indices that all exist, operators and tensors decoded as far as they can be.
struct Contents {
  ModelFile file;
  OperatorList list;
  std::vector<TensorId> inputs, outputs;
  Variables variables;
  TensorTable table;
  std::vector<State> states;
};

/// `bytes` must be aligned and must outlive the result. What cannot be supported goes to `problems`; a file
/// that is damaged beyond that ends the reading, with all that was found.
Result<Contents> read_contents(std::span<const std::uint8_t> bytes, const std::string &file_name,
                               Problems &problems);

/// The bytes at an aligned address, for FlatBuffers reads scalars in place: themselves, or copied to
/// `storage`.
std::span<const std::uint8_t> aligned(std::span<const std::uint8_t> bytes,
                                      std::vector<std::uint8_t> &storage);

}  // namespace thimble::tflite
