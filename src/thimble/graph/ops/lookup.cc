#include "thimble/graph/ops/support.h"

namespace thimble::rules {

Result<Shape> output_shape(const Lookup &lookup, const Graph &graph, const Op &op) {
  if (auto ok = expect_inputs(graph, op, 1); !ok) return tl::unexpected(ok.error());
  if (lookup.table.size() != 256)
    return refuse(graph, op, "has a table of " + std::to_string(lookup.table.size()) + " bytes, not 256");
  return input(graph, op, 0).shape;
}

Result<void> check_types(const Lookup &, const Graph &graph, const Op &op) {
  for (const Tensor *tensor : {&input(graph, op, 0), &output(graph, op)}) {
    if (tensor->type != ElementType::int8 && tensor->type != ElementType::uint8)
      return refuse(graph, op, std::string("is not supported for ") + name_of(tensor->type));
  }
  return {};
}

Footprint footprint(const Lookup &, const Graph &graph, const Op &op, int) {
  return same_footprint(input(graph, op, 0).rank());
}

std::int64_t macs(const Lookup &, const Graph &, const Op &, const Region &, const Range &) {
  return 0;
}

InPlace in_place(const Lookup &, const Graph &graph, const Op &op, int index) {
  return element_wise_in_place(graph, op, index);
}

}  // namespace thimble::rules
