#include "thimble/read/operator_source.h"

namespace thimble::tflite::operators {

bool read(OperatorSource &source, ConvPart &) {
  return source.refuse_damaged("a file has no such operator");
}

}  // namespace thimble::tflite::operators
