#include "thimble/base/result.h"

namespace thimble {

std::string Diagnostic::text() const {
  std::string place;
  if (op >= 0) place = "operator " + std::to_string(op) + (op_name.empty() ? "" : " (" + op_name + ")");
  if (op < 0 && !op_name.empty()) place = "operator " + op_name;
  if (!tensor.empty()) place += (place.empty() ? "tensor '" : ", tensor '") + tensor + "'";
  std::string line = file;
  if (!place.empty()) line += (line.empty() ? "" : ": ") + place;
  line += (line.empty() ? "" : ": ") + reason;
  if (!hint.empty()) line += "; " + hint;
  return line;
}

std::string Error::text() const {
  std::string all;
  for (const Diagnostic &line : lines) all += (all.empty() ? "" : "\n") + line.text();
  return all;
}

tl::unexpected<Error> failure(Diagnostic line) {
  return tl::unexpected(Error{{std::move(line)}});
}

tl::unexpected<Error> failure(std::string reason, std::string hint) {
  Diagnostic line;
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return failure(std::move(line));
}

tl::unexpected<Error> file_failure(std::string file, std::string reason, std::string hint) {
  Diagnostic line;
  line.file = std::move(file);
  line.reason = std::move(reason);
  line.hint = std::move(hint);
  return failure(std::move(line));
}

}  // namespace thimble
