// Random numbers that are the same on every machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "thimble/graph/interpret.h"

namespace thimble::test {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// least .. most, both included.
  std::int32_t integer(std::int32_t least, std::int32_t most) {
    const std::uint64_t count = static_cast<std::uint64_t>(std::int64_t{most} - least + 1);
    return static_cast<std::int32_t>(least + static_cast<std::int64_t>(next() % count));
  }
  bool chance(int percent) { return integer(1, 100) <= percent; }
  /// In [-1, 1), a multiple of 2^-23.
  float real() { return static_cast<float>(next() >> 40) / 8388608.0f - 1.0f; }
  template <class T>
  const T &pick(const std::vector<T> &items) {
    return items[static_cast<std::size_t>(next() % items.size())];
  }

 private:
  std::uint64_t state_;
};

/// Bytes of `count` random elements: floats in [-1, 1), integers over their whole range.
inline Bytes random_bytes(Random &random, ElementType type, std::int64_t count) {
  Bytes bytes(static_cast<std::size_t>(count * size_of(type)));
  if (type == ElementType::float32) {
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = random.real();
      std::memcpy(bytes.data() + i * 4, &value, 4);
    }
  } else {
    for (std::uint8_t &byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 56);
  }
  return bytes;
}

/// One random value for each network input.
inline std::vector<Bytes> random_inputs(const Graph &graph, std::uint64_t seed) {
  Random random(seed);
  std::vector<Bytes> inputs;
  for (TensorId id : graph.inputs) {
    inputs.push_back(random_bytes(random, graph.tensor(id).type, graph.tensor(id).elements()));
  }
  return inputs;
}

}  // namespace thimble::test
