// Private to the layer: what convolutions and pools share.
#pragma once

#include "thimble/read/operator_source.h"

namespace thimble::tflite {

/// One axis of a window that slides over a map, in pixels.
struct WindowAxis {
  std::int32_t input = 1, filter = 1, stride = 1, dilation = 1;
};

/// SAME and VALID as explicit numbers. With a dilated filter of e = (filter - 1) * dilation + 1 pixels:
///
///   VALID  no padding, out = floor((input - e) / stride) + 1
///   SAME   out = ceil(input / stride), total = max((out - 1) * stride + e - input, 0), before = floor(total
///   / 2);
///          5 pixels, filter 4, stride 2: out 3, total 3, before 1, after 2
///
/// Refuses steps and sizes below 1, and a filter that does not fit.
bool explicit_padding(OperatorSource &source, schema::Padding padding, const WindowAxis &rows,
                      const WindowAxis &columns, Padding2D &result);

/// Inputs of CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED: data, weights, and a bias that
/// may be absent (kNone afterwards). Refuses hybrid models, and weights that are computed from the network's
/// input unless `may_compute_weights` and the data are float32.
bool weighted_inputs(OperatorSource &source, bool may_compute_weights = false);

/// The whole of AVERAGE_POOL_2D and MAX_POOL_2D.
template <class Pool>
bool read_pool(OperatorSource &source, Pool &pool) {
  const schema::Pool2DOptions *options = nullptr;
  if (!source.required_options(options) || !source.input_count(1, 1) || !source.rank(0, 4)) return false;
  pool.filter = {options->filter_height(), options->filter_width()};
  pool.stride = {options->stride_h(), options->stride_w()};
  const Shape &shape = source.input(0).shape;
  return source.activation(options->fused_activation_function(), pool.activation) &&
         explicit_padding(source, options->padding(), {shape[1], pool.filter.rows, pool.stride.rows},
                          {shape[2], pool.filter.columns, pool.stride.columns}, pool.padding);
}

}  // namespace thimble::tflite
