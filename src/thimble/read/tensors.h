// Private to the layer: the tensors of a file, decoded and verified.
#pragma once

#include "thimble/read/model_file.h"

namespace thimble::tflite {

struct TensorTable {
  std::vector<Tensor> tensors;  ///< as many as in the file; those that nobody uses are left empty
  std::vector<bool> readable;   ///< nothing is wrong with it, or nobody uses it
  std::vector<bool>
      dynamic_batch;  ///< the file leaves the first dimension open; it is 1 here until known better
};

/// A text of the file for people: control characters replaced and cut to a sane length.
std::string printable(std::string_view text);

/// Name of a tensor for people; "#7" when it has none.
std::string tensor_name(const ModelFile &file, std::int64_t index);

/// One mark per tensor of the subgraph.
struct TensorMarks {
  std::vector<bool> used;
  std::vector<bool> quiet;  ///< stands behind an unsupported operator: a line about it would bury that one's
  std::vector<bool> kept;   ///< an operator's state: it may be a variable
};

/// Decodes the used tensors: type, shape, quantisation and constant bytes. Everything wrong goes to
/// `problems`.
TensorTable read_tensors(const ModelFile &file, const TensorMarks &marks, CopyAllowance &allowance,
                         Problems &problems);

}  // namespace thimble::tflite
