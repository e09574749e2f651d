// A stream for people.
#pragma once

#include "thimble/report/stream_verify.h"

namespace thimble::report {

/// When what comes out, what it takes, and where each tensor over time lies.
std::string stream_text(const StreamNetwork &stream);
std::string stream_verify_text(const StreamVerification &verification);

}  // namespace thimble::report
