// One small network with all that a reader meets: a convolution with channel scales, a side input, a missing
// bias.
#pragma once

#include "read/model_builder.h"

namespace thimble::test {

/// Tensors and operators of small_model(), by their place in the file.
enum SmallTensor { kX, kFilter, kBias, kMap, kNewShape, kFlat, kDense, kSums, kScores };
enum SmallOp { kConvOp, kReshapeOp, kDenseOp, kSoftmaxOp };

/// x [1,4,4,2] -> CONV_2D 3x3 SAME -> map [1,4,4,3] -> RESHAPE [1,48] -> FULLY_CONNECTED -> SOFTMAX [1,4],
/// int8.
inline ModelBuilder small_model() {
  ModelBuilder b;
  b.int8("x", {1, 4, 4, 2}, 0.02f, -3);
  b.int8("filter", {3, 3, 3, 2});
  b.quantize(kFilter, {0.01f, 0.02f, 0.03f}, {0, 0, 0}, 0);
  b.fill(kFilter, std::vector<std::uint8_t>(54, 7));
  b.int32_constant("bias", {3}, {10, -20, 30});
  b.quantize(kBias, {0.0002f, 0.0004f, 0.0006f}, {0, 0, 0}, 0);
  b.int8("map", {1, 4, 4, 3}, 0.05f, -128);
  b.int32_constant("new_shape", {2}, {1, 48});
  b.int8("flat", {1, 48}, 0.05f, -128);
  b.int8("dense", {4, 48}, 0.01f, 0);
  b.fill(kDense, std::vector<std::uint8_t>(192, 250));
  b.int8("sums", {1, 4}, 0.1f, 5);
  b.int8("scores", {1, 4}, 1.0f / 256.0f, -128);

  schema::Conv2DOptionsT conv;
  conv.stride_w = conv.stride_h = 1;
  conv.fused_activation_function = schema::ActivationFunctionType::RELU;
  b.add_op(kConv2D, {kX, kFilter, kBias}, {kMap}, conv);
  b.add_op(kReshape, {kMap, kNewShape}, {kFlat});
  b.add_op(kFullyConnected, {kFlat, kDense, -1}, {kSums}, schema::FullyConnectedOptionsT());
  schema::SoftmaxOptionsT softmax;
  softmax.beta = 1.0f;
  b.add_op(kSoftmax, {kSums}, {kScores}, softmax);
  b.ends({kX}, {kScores});
  return b;
}

}  // namespace thimble::test
