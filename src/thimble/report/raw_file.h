// Files of network inputs and outputs.
//
// A raw file holds inference after inference, each with its tensors in file order, little-endian and without
// padding. A .npy file holds one tensor per inference; one leading axis more than the tensor's counts
// inferences.
#pragma once

#include <filesystem>

#include "thimble/report/npy.h"
#include "thimble/report/random_inputs.h"

namespace thimble::report {

/// What a file has to hold per inference: type and shape of each tensor.
struct TensorSpec {
  std::string name;
  ElementType type = ElementType::int8;
  Shape shape;

  std::int64_t bytes() const { return element_count(shape) * size_of(type); }
  bool operator==(const TensorSpec &) const = default;
};

std::vector<TensorSpec> specs_of(const Graph &graph, const std::vector<TensorId> &tensors);
/// Bytes of one inference.
std::int64_t bytes_of(const std::vector<TensorSpec> &specs);
/// "int8 [1,28,28,1] = 784 bytes", tensors joined by " + ".
std::string text_of(const std::vector<TensorSpec> &specs);

/// Which of a network's two sets of ends a file speaks: the model file's own types, or those of the compiled
/// network, in which QUANTIZE and DEQUANTIZE at the ends are folded away.
enum class RawEnds : std::uint8_t { automatic, file, network };

struct InputFile {
  std::vector<Inference> inferences;
  RawEnds ends = RawEnds::file;  ///< never `automatic`
};

/// Reads inputs. With `automatic`, the model file's own types are taken when the size fits them, else the
/// network's. A size that fits neither is an error that says what would.
Result<InputFile> read_inputs(const std::filesystem::path &path, const std::vector<TensorSpec> &file_inputs,
                              const std::vector<TensorSpec> &network_inputs, RawEnds wanted);

/// The bytes of an output file: raw, or .npy when the name says so and the network has one output.
Result<Bytes> output_bytes(const std::filesystem::path &path, const std::vector<TensorSpec> &outputs,
                           const std::vector<Inference> &inferences);

/// One integer per inference, 0-based classes: raw uint8 or a .npy of integers.
Result<std::vector<std::int64_t>> read_labels(const std::filesystem::path &path);

/// Index of the largest element of a tensor's bytes, the first of equal ones.
std::int64_t argmax(const Bytes &bytes, ElementType type);

}  // namespace thimble::report
