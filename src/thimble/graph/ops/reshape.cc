#include <numeric>

#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Reshape &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &x = input(graph, op, 0);
  const Tensor &y = output(graph, op);
  if (x.elements() != y.elements()) {
    return refuse(graph, op,
                  "turns " + std::to_string(x.elements()) + " elements into " + std::to_string(y.elements()));
  }
  return y.shape;
}

Result<void> check_types(const Reshape &, const Graph &graph, const Op &op) {
  return expect_same_type(graph, op);
}

/// Both shapes are cut into groups of axes with equal products, from the first axis. In a group the first
/// axis of the input that is longer than 1 follows that of the output; the axes below it are read whole.
///
///   [1,6,4] -> [6,2,2]    groups 6|6 and 4|2,2:   axis 1 = output axis 0;  axis 2 = 2 * output axis 1 +
///   {0,1} [6,4]   -> [8,3]      one group: with P_in = 4 and P_out = 3 elements below the first axes, output
///   rows
///                         [a,b) are the elements [3a, 3b), in input rows floor(3a/4) .. floor((3b-1)/4)
Footprint footprint(const Reshape &, const Graph &graph, const Op &op, int) {
  const Shape &from = input(graph, op, 0).shape;
  const Shape &to = output(graph, op).shape;
  Footprint maps(from.size(), AxisMap::whole());
  std::size_t i = 0;
  std::size_t o = 0;
  while (true) {
    while (i < from.size() && from[i] == 1) ++i;
    while (o < to.size() && to[o] == 1) ++o;
    if (i == from.size() || o == to.size()) return maps;
    const std::size_t first_in = i;
    const std::size_t first_out = o;
    std::int64_t product_in = from[i++];
    std::int64_t product_out = to[o++];
    while (product_in != product_out) {
      if (product_in < product_out) {
        product_in *= from[i++];
      } else {
        product_out *= to[o++];
      }
    }
    const std::int64_t below_in = product_in / from[first_in];
    const std::int64_t below_out = product_out / to[first_out];
    const std::int64_t common = std::gcd(below_in, below_out);
    maps[first_in] = {AxisMap::Kind::follow,
                      static_cast<int>(first_out),
                      static_cast<std::int32_t>(below_out / common),
                      static_cast<std::int32_t>(below_in / common),
                      0,
                      static_cast<std::int32_t>((below_in - common + below_out - 1) / below_in + 1)};
  }
}

std::int64_t macs(const Reshape &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Reshape &, const Graph &, const Op &, int) {
  return InPlace::alias;
}

}  // namespace thimble::rules
