#include "thimble/graph/lstm.h"
#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const LstmOutput &, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  const Tensor &cells = input(graph, op, 0);
  if (auto ok = expect_rank(graph, op, cells, 3, "the cells"); !ok) return tl::unexpected(ok.error());
  if (cells.shape[2] % 2 != 0) return refuse(graph, op, "has cells without gates");
  return Shape{cells.shape[0], cells.shape[1], cells.shape[2] / 2};
}

Result<void> check_types(const LstmOutput &, const Graph &graph, const Op &op) {
  const Tensor &cells = input(graph, op, 0), &y = output(graph, op);
  if (cells.type == ElementType::float32 && y.type == cells.type) return {};
  if (cells.type != ElementType::int16 || y.type != ElementType::int8) {
    return refuse(graph, op,
                  std::string("is not supported from ") + name_of(cells.type) + " to " + name_of(y.type),
                  "use full integer quantisation with activations of 8 bits, or float32");
  }
  if (auto ok = expect_quantized(graph, op, cells, "the cells"); !ok) return ok;
  if (auto ok = expect_quantized(graph, op, y, "the output"); !ok) return ok;
  if (cell_exponent(cells) > 0) return refuse(graph, op, "has cells whose scale is no power of two up to 1");
  return expect_shift(graph, op, lstm_output_parameters(cells, y).scale);
}

// It reads a step for a step. But parts of the cells are of no use: whoever makes a step of them has made all
// the steps before.
Footprint footprint(const LstmOutput &, const Graph &, const Op &, int) {
  return Footprint(3, AxisMap::whole());
}

std::int64_t macs(const LstmOutput &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const LstmOutput &, const Graph &, const Op &, int) {
  return InPlace::no;
}

}  // namespace thimble::rules
