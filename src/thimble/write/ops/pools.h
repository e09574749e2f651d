// What files say of both kinds of pools.
#pragma once

#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

template <class Pool>
bool write_pool(OperatorTarget &target, const Pool &pool) {
  schema::Pool2DOptionsT table;
  // A PAD is no way out: its zeros would take part in averages and maxima.
  if (!target.pad(pool.padding, pool.filter, pool.stride, {}, false, table.padding)) return false;
  table.stride_h = pool.stride.rows;
  table.stride_w = pool.stride.columns;
  table.filter_height = pool.filter.rows;
  table.filter_width = pool.filter.columns;
  table.fused_activation_function = activation_code(pool.activation);
  target.version_by_type();
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
