// What files say of both kinds of convolutions.
#pragma once

#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

/// Padding, strides, dilations and activation into the options of the operator. False: refused.
template <class Filter, class Table>
bool write_filter(OperatorTarget &target, const Filter &filter, Table &table) {
  const Tensor &weights = target.input(1);
  if (!target.pad(filter.padding, {weights.shape[1], weights.shape[2]}, filter.stride, filter.dilation, true,
                  table.padding)) {
    return false;
  }
  table.stride_h = filter.stride.rows;
  table.stride_w = filter.stride.columns;
  table.dilation_h_factor = filter.dilation.rows;
  table.dilation_w_factor = filter.dilation.columns;
  table.fused_activation_function = activation_code(filter.activation);
  return true;
}

}  // namespace thimble::tflite::writers
