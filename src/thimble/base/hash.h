// Content hashes, used to tie emitted code to the model that it came from.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace thimble {

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace thimble
