#include "thimble/base/version.h"

namespace thimble {

const char *version() {
  return THIMBLE_VERSION;
}

}  // namespace thimble
