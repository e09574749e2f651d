#include "thimble/report/stream_elements.h"

#include "thimble/schedule/time_loop.h"

namespace thimble::report {

Bytes part_of(const Tensor &tensor, int axis, const Range &range, const Bytes &all) {
  Region part = Region::whole(tensor.shape);
  part.axis[static_cast<std::size_t>(axis)] = range;
  const Layout layout = Layout::whole(tensor);
  Bytes bytes;
  for_each_run(part, [&](const auto &at, std::int32_t count) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(layout.offset(at));
    bytes.insert(bytes.end(), begin, begin + static_cast<std::ptrdiff_t>(count) * layout.element_size);
  });
  return bytes;
}

Bytes element_of(const Tensor &tensor, const TimeSpan &time, std::int64_t m, const Bytes &all) {
  // Without an axis of its own a tensor is one element.
  if (time.axis == kNone) return all;
  const auto begin = static_cast<std::int32_t>(m) * time.grain;
  return part_of(tensor, time.axis, {begin, begin + time.grain}, all);
}

std::int64_t bytes_of_element(const StreamNetwork &stream, TensorId tensor) {
  return time_tile_bytes(stream.schedule(), tensor);
}

std::vector<Bytes> elements_of(const StreamNetwork &stream, TensorId tensor, const Bytes &all,
                               std::int64_t count) {
  const Tensor &of = stream.schedule().graph->tensor(tensor);
  const TimeSpan &time = stream.schedule().time->tensors[static_cast<std::size_t>(tensor)];
  std::vector<Bytes> elements;
  for (std::int64_t m = 0; m < count; ++m) elements.push_back(element_of(of, time, m, all));
  return elements;
}

}  // namespace thimble::report
