// Errors with a location. The library never exits, throws across its interface or prints: it returns
// Result<T>.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace thimble {

/// One line that tells the user what is wrong, where, and what to do about it.
struct Diagnostic {
  std::string file;     ///< path as the user gave it; empty when no file is concerned
  int op = -1;          ///< index of the operator in that file, -1 for none
  std::string op_name;  ///< its kind, e.g. "CONV_2D"
  std::string tensor;   ///< name of the tensor concerned, empty for none
  std::string reason;   ///< what is wrong
  std::string hint;     ///< what the user can do; may be empty

  /// "model.tflite: operator 3 (CONV_2D), tensor 'x': reason; hint"
  std::string text() const;
};

/// Why something failed: one or more lines (a reader lists every unsupported operator at once).
struct Error {
  std::vector<Diagnostic> lines;

  /// All lines, each ended by a newline except the last.
  std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

/// A failure of one line that is not about a place in a model.
tl::unexpected<Error> failure(std::string reason, std::string hint = "");
/// A failure about a file.
tl::unexpected<Error> file_failure(std::string file, std::string reason, std::string hint = "");
/// A failure of one line with its place.
tl::unexpected<Error> failure(Diagnostic line);

}  // namespace thimble
