// Operators that turn one element into one.
#pragma once

#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

template <class From, class To, class Convert>
void convert_elements(const OpRun &run, Convert &&convert) {
  std::vector<From> scratch;
  std::vector<To> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    const From *x = load_run(run.inputs[0], at, length, scratch);
    outputs.resize(static_cast<std::size_t>(length));
    std::transform(x, x + length, outputs.begin(), convert);
    store_run(run.output, at, length, outputs.data());
  });
}

/// Calls `visit(T{})` with the C++ type of the elements.
template <class Visit>
void with_stored(ElementType type, Visit &&visit) {
  switch (type) {
    case ElementType::int8:
      return visit(std::int8_t{});
    case ElementType::uint8:
      return visit(std::uint8_t{});
    case ElementType::int16:
      return visit(std::int16_t{});
    case ElementType::int32:
      return visit(std::int32_t{});
    case ElementType::float32:
      return visit(float{});
    case ElementType::int64:
    case ElementType::boolean:
      return;
  }
}

}  // namespace thimble::interpreter
