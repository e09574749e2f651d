#include "thimble/graph/interpret/add.h"

namespace thimble::interpreter {

void run(const Sub &, const OpRun &firing) {
  add_or_subtract<true>(firing);
}

}  // namespace thimble::interpreter
