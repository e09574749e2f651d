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
  if (line.op >= 0) {
    if (!ops_.insert(line.op).second) return;
    const auto same = std::find_if(lines_.begin(), lines_.end(), [&](const Line &other) {
      return other.first.op >= 0 && other.first.op_name == line.op_name &&
             other.first.reason == line.reason && other.first.hint == line.hint;
    });
    if (same != lines_.end()) {
      ++same->more;
      ++repeated_;
      return;
    }
  }
  if (lines_.size() == tflite_limits::reported_lines) {
    ++unreported_;
    return;
  }
  line.file = file_;
  lines_.push_back({std::move(line), 0});
}

tl::unexpected<Error> Problems::take() {
  std::stable_sort(lines_.begin(), lines_.end(),
                   [](const Line &a, const Line &b) { return a.first.op < b.first.op; });
  Error error;
  for (Line &line : lines_) {
    if (line.more > 0) line.first.reason += fmt::format(", as with {} more of its kind", line.more);
    error.lines.push_back(std::move(line.first));
  }
  if (unreported_ > 0) {
    Diagnostic line;
    line.file = file_;
    line.reason = fmt::format("{} more problems are not listed", unreported_);
    error.lines.push_back(std::move(line));
  }
  return tl::unexpected(std::move(error));
}

}  // namespace thimble::tflite
