// Private to the layer: who computes what, and an order in which all of it can be executed.
#pragma once

#include "thimble/read/model_file.h"

namespace thimble::tflite {

/// One operator of the file: its position and the tensors that it touches, indices verified.
struct FileOp {
  std::int32_t index = 0;
  const char *name = "";  ///< TensorFlow Lite's
  std::vector<TensorId> inputs, outputs;
};

/// Positions in `ops` in an executable order: of the operators whose inputs are there, always the first of
/// the file, so that a file in executable order keeps it. Reports tensors with several producers, tensors
/// that nobody computes, and cycles; `available` marks the tensors that need no producer (constants, inputs).
std::vector<std::size_t> executable_order(const ModelFile &file, const std::vector<FileOp> &ops,
                                          const std::vector<bool> &available, Problems &problems);

/// Marks the tensors `start` and all that operators compute from them, directly or not.
std::vector<bool> reached_from(const std::vector<TensorId> &start, const std::vector<FileOp> &ops,
                               std::size_t tensors);

}  // namespace thimble::tflite
