#include <algorithm>

#include "thimble/graph/ops/support.h"
#include "thimble/graph/parameters.h"

namespace thimble::rules {
namespace {

bool reduced(const Mean &mean, int axis) {
  return std::find(mean.axes.begin(), mean.axes.end(), axis) != mean.axes.end();
}

bool moves_along(const Mean &mean, int axis) {
  return mean.window > 0 && mean.axes[0] == axis;
}

}  // namespace

Result<Shape> output_shape(const Mean &mean, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  std::int32_t previous = -1;
  for (std::int32_t axis : mean.axes) {
    if (axis <= previous || axis >= x.rank()) {
      return refuse(graph, op, "has axes that are not ascending or not within its input");
    }
    previous = axis;
  }
  if (mean.window != 0 && (mean.axes.empty() || !mean.keep_dims || mean.window < 0 ||
                           mean.window > x.shape[static_cast<std::size_t>(mean.axes[0])])) {
    return refuse(graph, op, "moves a window that is not within its input, or drops its axis");
  }
  Shape shape;
  for (int a = 0; a < x.rank(); ++a) {
    if (moves_along(mean, a)) {
      shape.push_back(x.shape[static_cast<std::size_t>(a)] - mean.window + 1);
    } else if (!reduced(mean, a)) {
      shape.push_back(x.shape[static_cast<std::size_t>(a)]);
    } else if (mean.keep_dims) {
      shape.push_back(1);
    }
  }
  return shape;
}

Result<void> check_types(const Mean &, const Graph &graph, const Op &op) {
  if (auto ok = expect_arithmetic(graph, op); !ok || !is_integer(output(graph, op).type)) return ok;
  return expect_shift(graph, op, mean_parameters(graph, op).output);
}

Footprint footprint(const Mean &mean, const Graph &graph, const Op &op, int) {
  Footprint maps;
  int output_axis = 0;
  for (int a = 0; a < input(graph, op, 0).rank(); ++a) {
    if (moves_along(mean, a)) {
      maps.push_back({AxisMap::Kind::follow, output_axis++, 1, 1, 0, mean.window});
    } else if (reduced(mean, a)) {
      maps.push_back(AxisMap::reduced());
      if (mean.keep_dims) ++output_axis;
    } else {
      maps.push_back(AxisMap::same(output_axis++));
    }
  }
  return maps;
}

std::int64_t macs(const Mean &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Mean &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
