#include "thimble/read/window.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, MaxPool2D &pool) {
  return read_pool(source, pool);
}

}  // namespace thimble::tflite::operators
