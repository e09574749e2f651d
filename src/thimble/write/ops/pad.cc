#include "thimble/write/operator_target.h"

namespace thimble::tflite::writers {

bool write(OperatorTarget &target, const Pad &pad) {
  std::vector<std::int32_t> amounts;
  for (std::size_t a = 0; a < pad.before.size(); ++a) {
    amounts.push_back(pad.before[a]);
    amounts.push_back(pad.after[a]);
  }
  target.add_pairs("paddings", amounts);
  target.version_by_type();
  if (pad.before.size() > 4) target.version = 4;
  return true;
}

}  // namespace thimble::tflite::writers
