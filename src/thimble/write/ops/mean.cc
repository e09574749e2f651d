#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Mean &mean) {
  if (mean.window > 0) return target.refuse("moves along time, which no operator of a file does");
  schema::ReducerOptionsT table;
  table.keep_dims = mean.keep_dims;
  target.add_integers("axes", mean.axes);
  target.version_by_type();
  target.options.Set(std::move(table));
  return true;
}

}  // namespace thimble::tflite::writers
