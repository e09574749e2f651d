// Text tables and numbers for people. No locale has a say: the same values give the same bytes everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::report {

/// 1234567 -> "1,234,567"
std::string grouped(std::int64_t value);

/// A real number with `decimals` digits after the point: fixed(7.25, 1) -> "7.3" (half away from zero as
/// printed by std::to_chars).
std::string fixed(double value, int decimals);

/// "[1,28,28,1]"
std::string shape_text(const std::vector<std::int32_t> &shape);

enum class Align : std::uint8_t { left, right };

/// Columns padded to their widest cell, two spaces apart, no trailing spaces:
///
///     on           instructions  stack B
///     cortex-m4       1,234,567      320
class Table {
 public:
  /// One alignment per column.
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}

  /// Missing cells are empty.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  /// Every line is indented by `indent` spaces and ended by a newline.
  std::string text(int indent = 0) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace thimble::report
