// Batch normalisation behind a float convolution, as converters leave it that do not fold.
#pragma once

#include "read/model_builder.h"

namespace thimble::test {

/// x [1,4,4,2] -> CONV_2D 1x1 without bias -> MUL factors -> ADD offsets, RELU -> y [1,4,4,2], float32.
inline ModelBuilder normalised_model(const std::vector<float> &factors = {0.7f, -1.3f}) {
  ModelBuilder b;
  const int x = b.float32("x", {1, 4, 4, 2});
  const int weights = b.float32("weights", {2, 1, 1, 2});
  b.fill(weights, bytes_of(std::vector<float>{0.3f, -0.9f, 1.1f, 0.123f}));
  const int map = b.float32("map", {1, 4, 4, 2});
  const int factor = b.float32("factors", {2});
  b.fill(factor, bytes_of(factors));
  const int scaled = b.float32("scaled", {1, 4, 4, 2});
  const int offset = b.float32("offsets", {2});
  b.fill(offset, bytes_of(std::vector<float>{0.01f, -0.2f}));
  const int y = b.float32("y", {1, 4, 4, 2});
  schema::Conv2DOptionsT conv;
  conv.stride_w = conv.stride_h = 1;
  b.add_op(kConv2D, {x, weights, -1}, {map}, conv);
  b.add_op(kMul, {map, factor}, {scaled}, schema::MulOptionsT());
  schema::AddOptionsT add;
  add.fused_activation_function = schema::ActivationFunctionType::RELU;
  b.add_op(kAdd, {scaled, offset}, {y}, add);
  b.ends({x}, {y});
  return b;
}

}  // namespace thimble::test
