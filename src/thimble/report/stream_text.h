// A stream for people.
#pragma once

#include "thimble/report/stream_verify.h"

namespace thimble::report {

/// `flash`: of the emitted program, where it was measured.
std::string stream_text(const StreamNetwork &stream);
std::string stream_verify_text(const StreamVerification &verification);

}  // namespace thimble::report
