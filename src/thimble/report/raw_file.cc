#include "thimble/report/raw_file.h"

#include <cstring>

#include "thimble/base/files.h"
#include "thimble/report/table.h"

namespace thimble::report {
namespace {

namespace fs = std::filesystem;

std::vector<Inference> cut(std::span<const std::uint8_t> bytes, const std::vector<TensorSpec> &specs) {
  std::vector<Inference> inferences;
  for (std::size_t at = 0; at < bytes.size();) {
    Inference inference;
    for (const TensorSpec &spec : specs) {
      const auto size = static_cast<std::size_t>(spec.bytes());
      const auto part = bytes.subspan(at, size);
      inference.emplace_back(part.begin(), part.end());
      at += size;
    }
    inferences.push_back(std::move(inference));
  }
  return inferences;
}

bool fits(std::size_t size, const std::vector<TensorSpec> &specs) {
  const std::int64_t each = bytes_of(specs);
  return size > 0 && each > 0 && size % static_cast<std::size_t>(each) == 0;
}

Result<InputFile> read_raw(const fs::path &path, const std::vector<TensorSpec> &file_inputs,
                           const std::vector<TensorSpec> &network_inputs, RawEnds wanted) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  if (wanted != RawEnds::network && fits(bytes->size(), file_inputs)) {
    return InputFile{cut(*bytes, file_inputs), RawEnds::file};
  }
  if (wanted != RawEnds::file && fits(bytes->size(), network_inputs)) {
    return InputFile{cut(*bytes, network_inputs), RawEnds::network};
  }
  std::string expected = text_of(wanted == RawEnds::network ? network_inputs : file_inputs);
  if (wanted == RawEnds::automatic && network_inputs != file_inputs)
    expected += ", or " + text_of(network_inputs);
  return file_failure(path.string(),
                      "holds " + grouped(static_cast<std::int64_t>(bytes->size())) +
                          " bytes, which is no whole number of inferences",
                      "each takes " + expected);
}

/// How many inferences the array holds for this tensor, 0 when it does not fit.
std::size_t inferences_in(const NpyArray &array, const TensorSpec &spec) {
  if (array.type != spec.type) return 0;
  if (array.shape == spec.shape) return 1;
  Shape batch = array.shape;
  if (batch.empty() || batch[0] <= 0) return 0;
  const auto count = static_cast<std::size_t>(batch[0]);
  // [100, 28, 28, 1] holds 100 of [1, 28, 28, 1] as well as 100 of [28, 28, 1].
  if (!spec.shape.empty() && spec.shape[0] == 1) {
    batch[0] = 1;
    if (batch == spec.shape) return count;
  }
  batch.erase(batch.begin());
  return batch == spec.shape ? count : 0;
}

Result<InputFile> read_npy(const fs::path &path, const std::vector<TensorSpec> &file_inputs,
                           const std::vector<TensorSpec> &network_inputs, RawEnds wanted) {
  if (file_inputs.size() != 1) {
    return file_failure(path.string(),
                        "is one array, but the network has " + std::to_string(file_inputs.size()) + " inputs",
                        "use a raw file with the tensors in file order");
  }
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto array = parse_npy(*bytes, path.string());
  if (!array) return tl::unexpected(array.error());
  if (wanted != RawEnds::network && inferences_in(*array, file_inputs[0]) > 0) {
    return InputFile{cut(array->bytes, file_inputs), RawEnds::file};
  }
  if (wanted != RawEnds::file && inferences_in(*array, network_inputs[0]) > 0) {
    return InputFile{cut(array->bytes, network_inputs), RawEnds::network};
  }
  std::string expected = text_of(wanted == RawEnds::network ? network_inputs : file_inputs);
  if (wanted == RawEnds::automatic && network_inputs != file_inputs)
    expected += " or " + text_of(network_inputs);
  return file_failure(path.string(),
                      std::string("is ") + name_of(array->type) + " " + shape_text(array->shape),
                      "the input is " + expected + "; a leading axis may count inferences");
}

template <class T>
T element(const std::uint8_t *at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

double number_at(const std::uint8_t *at, ElementType type) {
  switch (type) {
    case ElementType::int8:
      return element<std::int8_t>(at);
    case ElementType::uint8:
    case ElementType::boolean:
      return *at;
    case ElementType::int16:
      return element<std::int16_t>(at);
    case ElementType::int32:
      return element<std::int32_t>(at);
    case ElementType::int64:
      return static_cast<double>(element<std::int64_t>(at));
    case ElementType::float32:
      return element<float>(at);
  }
  return 0;
}

}  // namespace

std::vector<TensorSpec> specs_of(const Graph &graph, const std::vector<TensorId> &tensors) {
  std::vector<TensorSpec> specs;
  for (TensorId id : tensors) {
    const Tensor &tensor = graph.tensor(id);
    specs.push_back({tensor.name, tensor.type, tensor.shape});
  }
  return specs;
}

std::int64_t bytes_of(const std::vector<TensorSpec> &specs) {
  std::int64_t sum = 0;
  for (const TensorSpec &spec : specs) sum += spec.bytes();
  return sum;
}

std::string text_of(const std::vector<TensorSpec> &specs) {
  std::string text;
  for (const TensorSpec &spec : specs) {
    if (!text.empty()) text += " + ";
    text += std::string(name_of(spec.type)) + " " + shape_text(spec.shape);
  }
  return text + " = " + grouped(bytes_of(specs)) + " bytes";
}

Result<InputFile> read_inputs(const fs::path &path, const std::vector<TensorSpec> &file_inputs,
                              const std::vector<TensorSpec> &network_inputs, RawEnds wanted) {
  return is_npy(path) ? read_npy(path, file_inputs, network_inputs, wanted)
                      : read_raw(path, file_inputs, network_inputs, wanted);
}

Result<Bytes> output_bytes(const fs::path &path, const std::vector<TensorSpec> &outputs,
                           const std::vector<Inference> &inferences) {
  Bytes bytes;
  for (const Inference &inference : inferences) {
    for (const Bytes &tensor : inference) bytes.insert(bytes.end(), tensor.begin(), tensor.end());
  }
  if (!is_npy(path)) return bytes;
  if (outputs.size() != 1) {
    return file_failure(
        path.string(),
        "can hold one tensor, but the network has " + std::to_string(outputs.size()) + " outputs",
        "name a raw file");
  }
  NpyArray array{outputs[0].type, outputs[0].shape, std::move(bytes)};
  const auto count = static_cast<std::int32_t>(inferences.size());
  if (count != 1 && !array.shape.empty() && array.shape[0] == 1) {
    array.shape[0] = count;
  } else if (count != 1) {
    array.shape.insert(array.shape.begin(), count);
  }
  return npy_bytes(array);
}

Result<std::vector<std::int64_t>> read_labels(const fs::path &path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  NpyArray array{ElementType::uint8, {}, *bytes};
  if (is_npy(path)) {
    auto parsed = parse_npy(*bytes, path.string());
    if (!parsed) return tl::unexpected(parsed.error());
    array = std::move(*parsed);
    if (!is_integer(array.type)) return file_failure(path.string(), "labels must be integers");
  }
  std::vector<std::int64_t> labels;
  const auto step = static_cast<std::size_t>(size_of(array.type));
  for (std::size_t at = 0; at < array.bytes.size(); at += step) {
    labels.push_back(static_cast<std::int64_t>(number_at(array.bytes.data() + at, array.type)));
  }
  return labels;
}

std::int64_t argmax(const Bytes &bytes, ElementType type) {
  const auto step = static_cast<std::size_t>(size_of(type));
  std::size_t best = 0;
  for (std::size_t at = 0; at + step <= bytes.size(); at += step) {
    if (number_at(bytes.data() + at, type) > number_at(bytes.data() + best, type)) best = at;
  }
  return static_cast<std::int64_t>(best / step);
}

}  // namespace thimble::report
