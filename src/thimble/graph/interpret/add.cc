#include "thimble/graph/interpret/add.h"

namespace thimble::interpreter {

void run(const Add &, const OpRun &firing) {
  add_or_subtract<false>(firing);
}

}  // namespace thimble::interpreter
