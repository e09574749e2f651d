// What both parts of an LSTM say to their kernels.
#pragma once

#include "thimble/emit/ops/support.h"
#include "thimble/graph/lstm.h"

namespace thimble::emitters {

/// The struct thimble_lstm_output_params, in braces `nested` deep.
Fields lstm_output_fields(OpEmission &emission, const LstmOutputParameters &parameters, int nested);

}  // namespace thimble::emitters
