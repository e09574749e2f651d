#include "thimble/soi/stride.h"

namespace thimble::soi {

bool has_stride(const Op &op) {
  return std::visit(
      [](const auto &kind) {
        return requires {
          kind.stride.rows;
        };
      },
      op.attributes);
}

void multiply_stride(Op &op, int axis, std::int32_t factor) {
  std::visit(
      [&](auto &kind) {
        if constexpr (requires { kind.stride.rows; })
          (axis == 1 ? kind.stride.rows : kind.stride.columns) *= factor;
      },
      op.attributes);
}

}  // namespace thimble::soi
