#include "thimble/soi/extrapolate.h"

#include "thimble/soi/time_ops.h"

namespace thimble::soi {

const char *name_of(Extrapolation extrapolation) {
  constexpr const char *kNames[] = {"hold", "linear", "tconv"};
  return kNames[static_cast<std::size_t>(extrapolation)];
}

Result<TensorId> extrapolate(Graph &graph, TensorId low, int axis, std::int32_t factor, std::int32_t length,
                             Extrapolation extrapolation) {
  if (graph.tensor(low).shape[static_cast<std::size_t>(axis)] * factor < length)
    return file_failure(graph.file,
                        "at 1/" + std::to_string(factor) + " of its rate, '" + graph.tensor(low).name +
                            "' ends before the tensors that it meets",
                        "pad in front of the filters, so that their outputs are as long as their inputs");
  auto held = extrapolation == Extrapolation::tconv ? transposed(graph, low, axis, factor)
                                                    : repeated(graph, low, axis, factor);
  if (!held) return held;
  auto there = cropped(graph, *held, axis, length);
  if (!there || extrapolation != Extrapolation::linear) return there;
  // The average over `factor` places of the held sequence, from a place on: as many of them as it is nearer
  // to an element hold that one.
  return averaged(graph, *there, axis, factor);
}

}  // namespace thimble::soi
