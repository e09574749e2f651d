#include "thimble/read/ops/slices.h"

namespace thimble::tflite::operators {

namespace {

/// A model that shuffles more than this is no slicing any more: each run is an operator.
constexpr std::size_t kMostRuns = 256;
constexpr std::size_t kMostIndices = 16384;

/// Cuts indices into arithmetic progressions: 4, 0, 1, 2, 2 is 4 and 0 (stride -4), 1 and 2, 2.
std::vector<Run> runs_of(const std::vector<std::int64_t> &indices) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto index = static_cast<std::int32_t>(indices[i]);
    if (!runs.empty()) {
      Run &last = runs.back();
      const std::int32_t step = index - (last.begin + (last.count - 1) * last.stride);
      if (step != 0 && (last.count == 1 || step == last.stride)) {
        last.stride = step;
        ++last.count;
        continue;
      }
    }
    runs.push_back({index, 1, 1});
  }
  return runs;
}

/// One slice, or several that are joined, into `output`.
void add_runs(OperatorSource &source, std::size_t axis, const std::vector<Run> &runs, bool shrink,
              TensorId output) {
  const Shape shape = source.input(0).shape;
  const TensorId from = source.inputs[0];
  if (runs.size() == 1) {
    StridedSlice slice = slice_along(shape, axis, runs[0]);
    slice.shrink[axis] = shrink;
    source.parts.push_back({std::move(slice), {from}, output});
    return;
  }
  Part joined;
  Concatenation concatenation;
  concatenation.axis = static_cast<std::int32_t>(axis);
  for (const Run &run : runs) {
    joined.inputs.push_back(source.add_tensor_like(0));
    source.parts.push_back({slice_along(shape, axis, run), {from}, joined.inputs.back()});
  }
  joined.attributes = concatenation;
  joined.output = output;
  source.parts.push_back(std::move(joined));
}

/// What replaces the axis in the output's shape.
Shape gathered_shape(const Shape &x, std::size_t axis, const Shape &indices) {
  const auto at = x.begin() + static_cast<std::ptrdiff_t>(axis);
  Shape shape(x.begin(), at);
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), at + 1, x.end());
  return shape;
}

}  // namespace

/// Inputs: x, indices along one axis of it. Known ones are slices: [0,1,2] is one, [2,0,1] are two.
bool read_gather(OperatorSource &source) {
  const schema::GatherOptions *options = nullptr;
  std::vector<std::int64_t> indices;
  std::size_t axis = 0;
  if (!source.required_options(options) || !source.input_count(2, 2)) return false;
  if (options->batch_dims() != 0) {
    return source.refuse("it gathers with other indices for each element of a batch, which is not supported",
                         "gather along one axis of the whole tensor");
  }
  if (!source.require_constant(1, "indices") ||
      !source.constant_integers(1, "indices", kMostIndices, indices) ||
      !resolve_axis(source, 0, options->axis(), axis)) {
    return false;
  }
  const std::int32_t length = source.input(0).shape[axis];
  for (const std::int64_t index : indices) {
    if (index < 0 || index >= length) {
      return source.refuse_damaged(
          fmt::format("index {} lies outside of dimension {} of {}", index, axis, length), source.inputs[0]);
    }
  }
  if (indices.empty()) return source.refuse_damaged("it gathers nothing", source.inputs[1]);
  const std::vector<Run> runs = runs_of(indices);
  if (runs.size() > kMostRuns) {
    return source.refuse(fmt::format("its indices fall into {} runs of one step, at most {} are supported",
                                     runs.size(), kMostRuns),
                         "gather in a simpler order");
  }
  const Shape of_indices = source.input(1).shape;  // tensors are added below
  const bool flat = of_indices.size() < 2;
  const Shape shape = gathered_shape(source.input(0).shape, axis, of_indices);
  const TensorId gathered = flat ? source.outputs()[0] : source.add_tensor_like(0);
  add_runs(source, axis, runs, of_indices.empty(), gathered);
  if (flat) return true;
  // Indices of several dimensions: those of the output's shape.
  if (source.output_open()) source.output().shape = shape;
  if (source.output().shape != shape)
    return source.refuse_damaged("the file gives its output a shape that does not follow from its indices");
  source.parts.push_back({Reshape{}, {gathered}, source.outputs()[0]});
  return true;
}

}  // namespace thimble::tflite::operators
