// Pieces of C source: numbers, arrays, comments, identifiers. Never through the locale.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "thimble/graph/tensor.h"

namespace thimble::c_text {

/// The fixed-width type of an element: "int8_t", "float", ...
const char *type_of(ElementType type);
template <class T>
const char *type_of();

/// Integer constants; the smallest number of a type is written so that no constant overflows.
std::string integer(std::int64_t value);
std::string number(std::integral auto value) {
  return integer(static_cast<std::int64_t>(value));
}
/// Unsigned constant of any width, with the suffix u.
std::string number_unsigned(std::uint64_t value);
/// C99 hexadecimal float constant, exact: 0x1.8p+1f.
std::string number(float value);
/// Shortest decimal float constant that reads back exactly, also valid in C++ before 2017: 0.0078125f.
std::string decimal(float value);

/// `, `-separated values with line breaks, for the inside of an initialiser; a few MB take milliseconds.
template <class T>
std::string values(std::span<const T> elements);

/// Text from outside (names of tensors and files) made harmless for a comment: printable ASCII only, no
/// comment end, no line continuation, no trigraph.
std::string comment_text(std::string_view text);

/// A tensor's name in quotes for a comment; long ones (converters join names) are cut.
std::string quoted(std::string_view name);
/// The last component of a path, made harmless for a comment.
std::string base_name(std::string_view path);
/// "[1,96,96,3]"
std::string shape(const Shape &shape);
/// 12345678 -> "12,345,678"
std::string grouped(std::int64_t value);
/// "Conv2D kind" -> upper case with every other character than letters and digits replaced by '_'.
std::string upper(std::string_view text);
std::string lower(std::string_view text);
/// Whether the text is a C identifier that is no keyword of C or C++ and is not reserved.
bool is_identifier(std::string_view text);

/// Reads `text` as a template: every @KEY@ becomes its value.
std::string fill(std::string_view text, const std::map<std::string, std::string> &values);

}  // namespace thimble::c_text
