#include <limits>
#include <optional>

#include "thimble/base/checked.h"
#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

namespace {

/// The wanted shape, from the second input or the options; absent where the file tells it by the output
/// alone.
bool wanted_shape(OperatorSource &source, std::optional<std::vector<std::int64_t>> &wanted) {
  const schema::ReshapeOptions *options = nullptr;
  if (!source.options(options)) return false;
  if (source.has_input(1)) {
    wanted.emplace();
    return source.constant_integers(1, "new dimensions", kMaxRank, *wanted);
  }
  if (options != nullptr && length(options->new_shape()) != 0) {
    if (options->new_shape()->size() > kMaxRank)
      return source.refuse_damaged("its new shape has too many dimensions");
    wanted.emplace(options->new_shape()->begin(), options->new_shape()->end());
  }
  return true;
}

/// Replaces one -1 by what is left of the elements: 24 elements as [-1, 6] are [4, 6].
bool resolve(OperatorSource &source, const std::vector<std::int64_t> &wanted, Shape &shape) {
  const std::int64_t elements = source.input(0).elements();
  std::int64_t known = 1;
  int open = kNone;
  shape.clear();
  for (const std::int64_t dimension : wanted) {
    if (dimension == -1 && open == kNone) {
      open = static_cast<int>(shape.size());
    } else {
      const auto product = dimension < 0 ? std::nullopt : checked_mul(known, dimension);
      if (!product || *product > tflite_limits::tensor_elements) {
        return source.refuse_damaged("its new shape has a negative or a huge dimension");
      }
      known = *product;
    }
    shape.push_back(static_cast<std::int32_t>(dimension));
  }
  if (open == kNone) return true;
  if (known == 0 || elements % known != 0) {
    return source.refuse_damaged(
        fmt::format("its input's {} elements do not fill the new shape evenly", elements));
  }
  shape[static_cast<std::size_t>(open)] = static_cast<std::int32_t>(elements / known);
  return true;
}

}  // namespace

bool read(OperatorSource &source, Reshape &) {
  if (!source.input_count(1, 2)) return false;
  if (source.output_open() && !source.shape_unsure(0)) {
    // The batch of the output is open in the file: it follows from the number of elements.
    std::optional<std::vector<std::int64_t>> wanted;
    if (source.has_input(1) && !source.make_constant(1) && source.input(1).elements() != 0) {
      // Computed by SHAPE and the like from the batch; the output's own shape says the rest.
      wanted.reset();
    } else if (!wanted_shape(source, wanted)) {
      return false;
    }
    if (!wanted) {
      wanted.emplace(source.output().shape.begin(), source.output().shape.end());
      if (!wanted->empty()) wanted->front() = -1;
    }
    Shape shape;
    if (!resolve(source, *wanted, shape)) return false;
    source.output().shape = std::move(shape);
  }
  source.inputs.resize(1);
  return true;
}

}  // namespace thimble::tflite::operators
