#include "thimble/schedule/running_window.h"

#include <algorithm>

namespace thimble {
namespace {

constexpr std::int32_t kLeastLength = 4;

/// Of the axes from `axis` on those before `kept` are summed.
RunningWindow window_over(const Shape &shape, int axis, std::int32_t length, std::size_t kept) {
  RunningWindow window{axis, length};
  for (std::size_t a = static_cast<std::size_t>(axis) + 1; a < shape.size(); ++a)
    (a < kept ? window.rows : window.sums) *= shape[a];
  return window;
}

std::optional<RunningWindow> window_of(const Mean &mean, const Shape &shape) {
  if (mean.window == 0) return std::nullopt;
  for (std::size_t i = 1; i < mean.axes.size(); ++i) {
    if (mean.axes[i] != mean.axes[i - 1] + 1) return std::nullopt;
  }
  return window_over(shape, mean.axes[0], mean.window, static_cast<std::size_t>(mean.axes.back()) + 1);
}

/// One axis moves on, the other is taken whole or not at all.
std::optional<RunningWindow> window_of(const AveragePool2D &pool, const Shape &shape) {
  if (pool.padding != Padding2D{}) return std::nullopt;
  const bool whole = pool.filter.columns == shape[2];
  const bool apart = pool.filter.columns == 1 && pool.stride.columns == 1;
  if (pool.stride.rows == 1 && pool.filter.rows > 1 && (whole || apart))
    return window_over(shape, 1, pool.filter.rows, apart ? 2 : 3);
  if (pool.stride.columns == 1 && pool.filter.rows == 1 && shape[1] == 1)
    return window_over(shape, 2, pool.filter.columns, 3);
  return std::nullopt;
}

}  // namespace

std::optional<RunningWindow> running_window(const Graph &graph, const Op &op) {
  if (!op.is<Mean>() && !op.is<AveragePool2D>()) return std::nullopt;
  const Tensor &x = graph.tensor(op.inputs[0]), &y = graph.tensor(op.output());
  if (x.type != ElementType::int8 || y.type != ElementType::int8) return std::nullopt;
  const auto window =
      op.is<Mean>() ? window_of(op.as<Mean>(), x.shape) : window_of(op.as<AveragePool2D>(), x.shape);
  if (!window || window->length < kLeastLength) return std::nullopt;
  const auto time = x.shape.begin() + window->axis;
  if (std::any_of(x.shape.begin(), time, [](std::int32_t length) { return length != 1; }))
    return std::nullopt;
  // Sums of so many bytes keep to 32 bits.
  if (std::int64_t{window->length} * window->rows >= std::int64_t{1} << 23) return std::nullopt;
  return window;
}

}  // namespace thimble
