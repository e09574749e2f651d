// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "thimble/plan/regions.h"
#include "thimble/schedule/schedule.h"

namespace thimble::report {

/// "65536", "64k" (k = 1024) or "1M" (1024 k) in bytes, also with a trailing "B"; nothing for anything else.
std::optional<std::int64_t> parse_size(std::string_view text);

/// A memory as "dtcm=128k:0": name, size and, if there are any, wait cycles. Errors say what is wrong.
Result<Memory> parse_memory(std::string_view text);

}  // namespace thimble::report
