// A stream for people.
#pragma once

#include "thimble/report/state_stream_verify.h"
#include "thimble/report/stream_verify.h"

namespace thimble::report {

/// When what comes out, what it takes, and where each tensor over time lies.
std::string stream_text(const StreamNetwork &stream);
std::string stream_verify_text(const StreamNetwork &stream, const StreamVerification &verification);

/// The same of a network with states: what each of them takes.
std::string stream_text(const StateStream &stream);
std::string stream_verify_text(const StateStream &stream, const StreamVerification &verification);

}  // namespace thimble::report
