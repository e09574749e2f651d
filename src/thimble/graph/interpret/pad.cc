#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {
namespace {

/// The stored form of the pad value: the zero point in the element's own width (all bits 0 for float).
std::array<std::byte, 8> pad_element(const Tensor &output) {
  std::array<std::byte, 8> bytes{};
  const std::int64_t value = is_integer(output.type) ? output.quantization.zero_point() : 0;
  std::memcpy(bytes.data(), &value, bytes.size());  // little-endian, as the host and the targets are
  return bytes;
}

}  // namespace

void run(const Pad &pad, const OpRun &firing) {
  const View &x = firing.inputs[0];
  const View &y = firing.output;
  const Shape &shape = x.layout.shape;
  const std::array<std::byte, 8> element = pad_element(firing.graph.tensor(firing.op.output()));
  const std::size_t size = static_cast<std::size_t>(y.layout.element_size);
  for_each_run(firing.tile, [&](const Coordinates &at, std::int32_t length) {
    const std::size_t last = shape.empty() ? 0 : shape.size() - 1;
    Coordinates from{};
    bool inside = true;
    for (std::size_t a = 0; a < shape.size(); ++a) {
      from[a] = at[a] - pad.before[a];
      if (a != last) inside = inside && from[a] >= 0 && from[a] < shape[a];
    }
    // [begin, end) of the run comes from the input, the rest is padding.
    const std::int32_t limit = shape.empty() ? 1 : shape[last];
    const std::int32_t begin = inside ? std::clamp(-from[last], 0, length) : length;
    const std::int32_t end = inside ? static_cast<std::int32_t>(std::clamp<std::int64_t>(
                                          std::int64_t{limit} - from[last], begin, length))
                                    : length;
    if (end > begin) {
      Coordinates to = at;
      to[last] += begin;
      from[last] += begin;
      move_run(x, from, y, to, end - begin);
    }
    for (std::int32_t i = 0; i < length; ++i) {
      if (i >= begin && i < end) continue;
      Coordinates to = at;
      to[last] += i;
      std::memcpy(y.at<std::byte>(to), element.data(), size);
    }
  });
}

}  // namespace thimble::interpreter
