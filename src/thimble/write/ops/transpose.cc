#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Transpose &transpose) {
  target.add_integers("permutation", transpose.permutation);
  const ElementType type = target.input(0).type;
  const std::size_t rank = transpose.permutation.size();
  target.version = rank > 5                       ? 6
                   : type == ElementType::int16   ? 5
                   : rank > 4                     ? 4
                   : type == ElementType::boolean ? 3
                   : type == ElementType::int8    ? 2
                                                  : 1;
  return true;
}

}  // namespace thimble::tflite::writers
