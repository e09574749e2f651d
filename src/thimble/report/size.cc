#include "thimble/report/size.h"

#include <charconv>

#include "thimble/base/checked.h"

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

}  // namespace thimble::report
