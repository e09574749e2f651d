// Element-wise operators of two inputs with NumPy broadcasting.
#pragma once

#include "thimble/graph/interpret.h"
#include "thimble/graph/interpret/runs.h"

namespace thimble::interpreter {

/// One input of a broadcast operator: aligned with the output at the last axis, its axes of length 1 repeat.
template <class T>
class BroadcastInput {
 public:
  BroadcastInput(const View &view, const Shape &output)
      : view_(view), offset_(output.size() - view.layout.shape.size()) {
    const Shape &shape = view.layout.shape;
    runs_ = !shape.empty() && shape.back() == output.back();
  }

  /// Values for a run of the output; `step` is 0 where one value serves the whole run.
  const T *load(const Coordinates &at, std::int32_t length, std::ptrdiff_t &step) {
    const Shape &shape = view_.layout.shape;
    Coordinates from{};
    for (std::size_t a = 0; a < shape.size(); ++a) from[a] = shape[a] == 1 ? 0 : at[a + offset_];
    step = runs_ ? 1 : 0;
    return load_run(view_, from, runs_ ? length : 1, scratch_);
  }

 private:
  const View &view_;
  std::size_t offset_;  ///< leading axes that the input lacks
  bool runs_;
  std::vector<T> scratch_;
};

/// output = combine(a, b) on the tile.
template <class T, class Combine>
void combine_elements(const OpRun &run, Combine &&combine) {
  const Shape &shape = run.output.layout.shape;
  BroadcastInput<T> first(run.inputs[0], shape);
  BroadcastInput<T> second(run.inputs[1], shape);
  std::vector<T> outputs;
  for_each_run(run.tile, [&](const Coordinates &at, std::int32_t length) {
    std::ptrdiff_t first_step = 0;
    std::ptrdiff_t second_step = 0;
    const T *a = first.load(at, length, first_step);
    const T *b = second.load(at, length, second_step);
    outputs.resize(static_cast<std::size_t>(length));
    for (std::int32_t i = 0; i < length; ++i) {
      outputs[static_cast<std::size_t>(i)] = combine(a[i * first_step], b[i * second_step]);
    }
    store_run(run.output, at, length, outputs.data());
  });
}

/// Calls `visit(T{})` with the type of the elements: int8, int16 or float32.
template <class Visit>
void with_element(ElementType type, Visit &&visit) {
  if (type == ElementType::int8) {
    visit(std::int8_t{});
  } else if (type == ElementType::int16) {
    visit(std::int16_t{});
  } else {
    visit(float{});
  }
}

}  // namespace thimble::interpreter
