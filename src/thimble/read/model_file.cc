#include "thimble/read/model_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::tflite {

void Problems::add(std::string tensor, std::string reason, std::string hint) {
  Diagnostic line;
  line.tensor = std::move(tensor);
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  add(std::move(line));
}

void Problems::add(Diagnostic line) {
  if (line.op >= 0 && !ops_.insert(line.op).second) return;
  if (lines_.size() == tflite_limits::reported_lines) {
    ++unreported_;
    return;
  }
  line.file = file_;
  lines_.push_back(std::move(line));
}

tl::unexpected<Error> Problems::take() {
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const Diagnostic &a, const Diagnostic &b) { return a.op < b.op; });
  if (unreported_ > 0) {
    Diagnostic line;
    line.file = file_;
    line.reason = fmt::format("{} more problems are not listed", unreported_);
    lines_.push_back(std::move(line));
  }
  return tl::unexpected(Error{std::move(lines_)});
}

}  // namespace thimble::tflite
