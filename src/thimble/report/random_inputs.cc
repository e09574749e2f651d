#include "thimble/report/random_inputs.h"

#include <cstring>

namespace thimble::report {
namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : state_(seed) {}
  std::uint32_t next() { return state_ = state_ * 1664525u + 1013904223u; }

 private:
  std::uint32_t state_;
};

template <class T>
void fill_with(Bytes &bytes, Generator &generator, T (*value)(std::uint32_t)) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    const T element = value(generator.next());
    std::memcpy(bytes.data() + at, &element, sizeof(T));
  }
}

void fill(Bytes &bytes, ElementType type, Generator &generator) {
  switch (type) {
    case ElementType::int8:
    case ElementType::uint8:
    case ElementType::int16:
      return fill_with<std::uint8_t>(bytes, generator, [](std::uint32_t s) { return std::uint8_t(s >> 24); });
    case ElementType::float32:
      return fill_with<float>(bytes, generator,
                              [](std::uint32_t s) { return static_cast<float>(s >> 8) / 8388608.0f - 1.0f; });
    case ElementType::int32:
      return fill_with<std::int32_t>(
          bytes, generator, [](std::uint32_t s) { return static_cast<std::int32_t>((s >> 24) & 7); });
    case ElementType::int64:
      return fill_with<std::int64_t>(
          bytes, generator, [](std::uint32_t s) { return static_cast<std::int64_t>((s >> 24) & 7); });
    case ElementType::boolean:
      return fill_with<std::uint8_t>(bytes, generator,
                                     [](std::uint32_t s) { return std::uint8_t((s >> 24) & 1); });
  }
}

}  // namespace

std::vector<Inference> random_inputs(const Graph &graph, int count, std::uint32_t seed) {
  Generator generator(seed);
  std::vector<Inference> inferences;
  for (int i = 0; i < count; ++i) {
    Inference inference;
    for (TensorId id : graph.inputs) {
      const Tensor &tensor = graph.tensor(id);
      Bytes bytes(static_cast<std::size_t>(tensor.bytes()));
      fill(bytes, tensor.type, generator);
      inference.push_back(std::move(bytes));
    }
    inferences.push_back(std::move(inference));
  }
  return inferences;
}

}  // namespace thimble::report
