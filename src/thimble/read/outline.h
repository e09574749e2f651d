// A model file as an interpreter sees it that plans its memory by itself: operators in the file's order and
// the sizes of its tensors, nothing rewritten, side inputs included.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

struct FileOutline {
  struct Operator {
    std::vector<std::int32_t> inputs;  ///< tensors of the file; -1 where an optional one is absent
    std::vector<std::int32_t> outputs;
  };
  std::string file;
  std::int32_t subgraphs = 1;
  std::vector<Operator> operators;            ///< of the first subgraph
  std::vector<std::int64_t> tensor_bytes;     ///< 0: constant, empty, or touched by no operator
  std::vector<std::int32_t> inputs, outputs;  ///< tensors of the file
};

/// Reads the outline of a TensorFlow Lite file whose operators are all known. Refuses what read_tflite
/// refuses about operators and tensors, and tensors that are computed but whose shape the file leaves open.
Result<FileOutline> outline_tflite(std::span<const std::uint8_t> bytes, const std::string &file_name);

}  // namespace thimble
