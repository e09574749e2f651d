// Small networks for hand-written schedules, with tensors named in the order in which they are made: the
// network input is x, then a, b, c, ...
#pragma once

#include <memory>
#include <vector>

#include "thimble/graph/graph.h"

namespace thimble::test {

struct Net {
  std::shared_ptr<const Graph> graph;
  TensorId x = kNone, a = kNone, b = kNone, c = kNone, d = kNone;
};

struct NetOptions {
  std::int32_t rows = 8, columns = 8, channels = 4;
  std::int32_t stride = 1, dilation = 1;
  std::int32_t kernel = 3;
  bool padded = true;
  ElementType type = ElementType::int8;
};

/// x -> a conv k x k -> b conv k x k (with stride and dilation).
Net two_convolutions(const NetOptions &options = {});
/// x -> a conv -> b conv -> c conv, all 3x3.
Net three_convolutions(const NetOptions &options = {});
/// x -> a expand 1x1 (three times the channels) -> b depthwise (stride, dilation) -> c project 1x1.
Net expand_project(const NetOptions &options = {});
/// The same and d = c + x.
Net inverted_residual(const NetOptions &options = {});
/// x [1,32] -> a dense 24 -> b dense 10.
Net two_dense(ElementType type = ElementType::int8);
/// x -> a conv 3x3 -> b mean over rows and columns -> c dense.
Net convolution_mean(const NetOptions &options = {});
/// x -> a conv 1x1, a -> b conv 3x3, a -> c conv 3x3, d = b + c.
Net two_readers(const NetOptions &options = {});
/// x -> a conv 3x3, which is an output too -> b conv 1x1 of stride 2.
Net early_output(const NetOptions &options = {});
/// x -> a conv 1x1 -> b conv 3x3, an output too -> c conv 1x1 of stride 2.
Net early_output_of_two(const NetOptions &options = {});
/// x -> a logistic, b = a * x, c = b reshaped to a vector.
Net element_wise(const NetOptions &options = {});

}  // namespace thimble::test
