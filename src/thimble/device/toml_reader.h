// Typed, checked reading of a TOML document: every value has a type and a range, every key is asked for, and
// the first fault is kept as one line with file, line and key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/base/result.h"

namespace thimble {

/// Reads keys of one document by dotted path ("emulator.ram_base"). After the first fault every further read
/// returns an empty value, so that a caller reads straight through and asks `finish` once at the end.
class TomlReader {
 public:
  /// Fails when `text` is not TOML, with the line where the parser stopped.
  static Result<TomlReader> parse(const std::string &text, const std::string &file);
  TomlReader(TomlReader &&) noexcept;
  ~TomlReader();

  /// A non-empty string of at most 1000 characters without control characters.
  std::string string(std::string_view path);
  /// An integer within [low, high] that is a multiple of `step`.
  std::int64_t integer(std::string_view path, std::int64_t low, std::int64_t high, std::int64_t step = 1);
  bool boolean(std::string_view path);
  /// Number of tables in an array of tables ("[[memories]]"), whose keys are "memories[0].name" and so on; 0
  /// when there is none.
  std::size_t tables(std::string_view path);
  /// Whether the key is there.
  bool has(std::string_view path);
  /// An array of non-empty strings.
  std::vector<std::string> strings(std::string_view path);
  /// Index of a string within `names`.
  std::size_t choice(std::string_view path, std::initializer_list<std::string_view> names);
  /// Keeps a fault that concerns `path`, unless there is an earlier one.
  void fault(std::string_view path, const std::string &reason);

  /// The first fault; without one, a fault for the first key that was never asked for.
  Result<void> finish();

 private:
  struct Document;
  explicit TomlReader(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

}  // namespace thimble
