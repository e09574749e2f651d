#include "thimble/report/size.h"

#include <charconv>

#include "thimble/base/checked.h"
#include "thimble/device/profile.h"
#include "thimble/emit/c_text.h"

namespace thimble::report {

std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.ends_with('B')) unit.remove_suffix(1);
  if (unit.empty()) return number;
  if (unit == "k" || unit == "K") return checked_mul(number, 1024);
  if (unit == "M") return checked_mul(number, 1024 * 1024);
  return std::nullopt;
}

Result<Memory> parse_memory(std::string_view text) {
  const std::string shown = "'" + std::string(text) + "'";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return failure(shown + " is not a memory such as dtcm=128k or sram=512k:2");
  Memory memory;
  memory.name = std::string(text.substr(0, equals));
  std::string_view size = text.substr(equals + 1), wait = "0";
  if (const std::size_t colon = size.find(':'); colon != std::string_view::npos) {
    wait = size.substr(colon + 1);
    size = size.substr(0, colon);
  }
  if (const std::string fault = memory_name_fault(memory.name); !fault.empty())
    return failure("the name of memory " + shown + ": " + fault);
  if (!c_text::is_identifier(memory.name))
    return failure("the name of memory " + shown + " is a keyword of C");
  const auto bytes = parse_size(size);
  if (!bytes || *bytes < kLeastMemoryBytes || *bytes > kMaxRegionBytes) {
    return failure("the size of memory " + shown + ": expected " + std::to_string(kLeastMemoryBytes) +
                   " to " + std::to_string(kMaxRegionBytes) + " bytes, such as 65536 or 64k");
  }
  memory.bytes = *bytes;
  const auto [end, error] = std::from_chars(wait.data(), wait.data() + wait.size(), memory.wait_cycles);
  const bool whole = error == std::errc{} && end == wait.data() + wait.size();
  if (!whole || memory.wait_cycles < 0 || memory.wait_cycles > kMostWaitCycles) {
    return failure("the wait cycles of memory " + shown + ": expected 0 to " +
                   std::to_string(kMostWaitCycles));
  }
  return memory;
}

}  // namespace thimble::report
