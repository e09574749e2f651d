#include "thimble/graph/tensor.h"

namespace thimble {

int size_of(ElementType type) {
  switch (type) {
    case ElementType::int8:
    case ElementType::uint8:
    case ElementType::boolean:
      return 1;
    case ElementType::int16:
      return 2;
    case ElementType::int32:
    case ElementType::float32:
      return 4;
    case ElementType::int64:
      return 8;
  }
  return 0;
}

const char *name_of(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return "int8";
    case ElementType::uint8:
      return "uint8";
    case ElementType::int16:
      return "int16";
    case ElementType::int32:
      return "int32";
    case ElementType::int64:
      return "int64";
    case ElementType::float32:
      return "float32";
    case ElementType::boolean:
      return "bool";
  }
  return "?";
}

int axis_with(AxisRole role, int rank) {
  switch (role) {
    case AxisRole::channel:
      return rank - 1;
    case AxisRole::column:
      return rank >= 4 ? rank - 2 : -1;
    case AxisRole::row:
      return rank >= 4 ? rank - 3 : rank == 3 ? 1 : -1;
  }
  return -1;
}

}  // namespace thimble
