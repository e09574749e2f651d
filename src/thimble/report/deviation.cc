#include "thimble/report/deviation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

namespace thimble::report {
namespace {

template <class Stored>
std::vector<double> read(const Bytes &bytes) {
  std::vector<Stored> stored(bytes.size() / sizeof(Stored));
  if (!stored.empty()) std::memcpy(stored.data(), bytes.data(), stored.size() * sizeof(Stored));
  return {stored.begin(), stored.end()};
}

std::vector<double> stored_values(ElementType type, const Bytes &bytes) {
  switch (type) {
    case ElementType::int8:
      return read<std::int8_t>(bytes);
    case ElementType::int16:
      return read<std::int16_t>(bytes);
    case ElementType::int32:
      return read<std::int32_t>(bytes);
    case ElementType::int64:
      return read<std::int64_t>(bytes);
    case ElementType::float32:
      return read<float>(bytes);
    case ElementType::uint8:
    case ElementType::boolean:
      break;
  }
  return read<std::uint8_t>(bytes);
}

std::vector<double> real_values(const Tensor &tensor, const Bytes &bytes) {
  std::vector<double> values = stored_values(tensor.type, bytes);
  if (!is_integer(tensor.type) || !tensor.quantization.present()) return values;
  for (double &value : values)
    value = tensor.quantization.scale() * (value - tensor.quantization.zero_point());
  return values;
}

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0.0;
  return std::isnan(a - b) ? std::numeric_limits<double>::infinity() : std::abs(a - b);
}

/// Three digits, in any locale.
std::string digits(double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value, std::chars_format::general, 3).ptr;
  return {std::begin(text), end};
}

}  // namespace

Deviation deviation(const Graph &graph, const std::vector<Inference> &expected,
                    const std::vector<Inference> &found) {
  Deviation result;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t o = 0; o < graph.outputs.size(); ++o) {
      const Tensor &tensor = graph.tensor(graph.outputs[o]);
      const std::vector<double> want = real_values(tensor, expected[i][o]),
                                got = real_values(tensor, found[i][o]);
      for (std::size_t e = 0; e < want.size(); ++e) {
        result.largest = std::max(result.largest, distance(want[e], got[e]));
        if (std::isfinite(want[e])) result.magnitude = std::max(result.magnitude, std::abs(want[e]));
      }
    }
  }
  return result;
}

std::string deviation_text(const Deviation &deviation) {
  return "rounding: outputs are at most " + digits(deviation.largest) +
         " from the model file's, which go up to " + digits(deviation.magnitude);
}

}  // namespace thimble::report
