// A stream for programs: docs/json.md.
#pragma once

#include "thimble/report/state_stream_verify.h"
#include "thimble/report/stream_verify.h"

namespace thimble::report {

/// `verification` and `files` are null where there is none.
std::string stream_json(const StreamNetwork &stream, const Flash &flash,
                        const std::optional<StreamVerification> &verification,
                        const std::optional<std::vector<std::string>> &files);

std::string stream_json(const StateStream &stream, const Flash &flash,
                        const std::optional<StreamVerification> &verification,
                        const std::optional<std::vector<std::string>> &files);

}  // namespace thimble::report
