#include "thimble/emit/c_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

namespace thimble::c_text {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class T>
void append_integer(std::string &out, T value) {
  // C has no negative constants: -2147483648 is the minus of a number that may not fit.
  if constexpr (sizeof(T) >= 4 && std::is_signed_v<T>) {
    if (value == std::numeric_limits<T>::min()) {
      out += '(';
      append_integer<T>(out, static_cast<T>(value + 1));
      out += " - 1)";
      return;
    }
  }
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_float(std::string &out, float value) {
  // These have no constants in C99 without <math.h>.
  if (std::isnan(value)) {
    out += "(0.0f / 0.0f)";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "(1.0f / 0.0f)" : "(-1.0f / 0.0f)";
    return;
  }
  std::array<char, 32> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), std::fabs(value), std::chars_format::hex)
          .ptr;
  if (std::signbit(value)) out += '-';
  out += "0x";
  out.append(digits.data(), end);
  out += 'f';
}

template <class T>
void append_value(std::string &out, T value) {
  if constexpr (std::is_same_v<T, float>) {
    append_float(out, value);
  } else {
    append_integer(out, value);
  }
}

}  // namespace

const char *type_of(ElementType type) {
  switch (type) {
    case ElementType::int8:
      return "int8_t";
    case ElementType::uint8:
    case ElementType::boolean:
      return "uint8_t";
    case ElementType::int16:
      return "int16_t";
    case ElementType::int32:
      return "int32_t";
    case ElementType::int64:
      return "int64_t";
    case ElementType::float32:
      return "float";
  }
  return "?";
}

template <>
const char *type_of<std::int8_t>() {
  return "int8_t";
}
template <>
const char *type_of<std::uint8_t>() {
  return "uint8_t";
}
template <>
const char *type_of<std::int16_t>() {
  return "int16_t";
}
template <>
const char *type_of<std::uint16_t>() {
  return "uint16_t";
}
template <>
const char *type_of<std::int32_t>() {
  return "int32_t";
}
template <>
const char *type_of<std::int64_t>() {
  return "int64_t";
}
template <>
const char *type_of<float>() {
  return "float";
}

std::string integer(std::int64_t value) {
  std::string out;
  append_integer(out, value);
  return out;
}

std::string number_unsigned(std::uint64_t value) {
  std::string out;
  append_integer(out, value);
  return out + "u";
}

std::string number(float value) {
  std::string out;
  append_float(out, value);
  return out;
}

std::string decimal(float value) {
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  std::string out(digits.data(), end);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";
  return out + "f";
}

template <class T>
std::string values(std::span<const T> elements) {
  constexpr std::size_t per_line = std::is_same_v<T, float> ? 8 : sizeof(T) >= 4 ? 10 : 20;
  std::string out;
  out.reserve(elements.size() * (sizeof(T) == 1 ? 6 : 16));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    out += i % per_line == 0 ? "\n    " : " ";
    append_value(out, elements[i]);
    out += ',';
  }
  return out;
}

template std::string values(std::span<const std::int8_t>);
template std::string values(std::span<const std::uint8_t>);
template std::string values(std::span<const std::int16_t>);
template std::string values(std::span<const std::uint16_t>);
template std::string values(std::span<const std::int32_t>);
template std::string values(std::span<const std::int64_t>);
template std::string values(std::span<const float>);

std::string comment_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = c >= ' ' && c <= '~' && c != '\\';
    if (!plain) {
      out += '_';
    } else if (!out.empty() && ((out.back() == '*' && c == '/') || (out.back() == '/' && c == '*') ||
                                (out.back() == '?' && c == '?'))) {
      out += '_';
    } else {
      out += c;
    }
  }
  return out;
}

std::string quoted(std::string_view name) {
  constexpr std::size_t most = 60;
  const std::string text = comment_text(name.substr(0, most));
  return "'" + text + (name.size() > most ? "...'" : "'");
}

std::string base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return comment_text(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string shape(const Shape &shape) {
  std::string out = "[";
  for (std::size_t a = 0; a < shape.size(); ++a) {
    if (a > 0) out += ',';
    append_integer(out, shape[a]);
  }
  return out + "]";
}

std::string grouped(std::int64_t value) {
  std::string digits = number(value);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (value < 0 ? 1 : 0); i -= 3) {
    digits.insert(static_cast<std::size_t>(i), 1, ',');
  }
  return digits;
}

std::string upper(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : is_letter(c) || is_digit(c) ? c : '_';
  return out;
}

std::string lower(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : is_letter(c) || is_digit(c) ? c : '_';
  return out;
}

bool is_identifier(std::string_view text) {
  static constexpr std::string_view keywords[] = {
      "alignas",       "alignof",      "and",       "and_eq",   "asm",       "auto",     "bitand",
      "bitor",         "bool",         "break",     "case",     "catch",     "char",     "class",
      "compl",         "const",        "continue",  "default",  "delete",    "do",       "double",
      "else",          "enum",         "explicit",  "export",   "extern",    "false",    "float",
      "for",           "friend",       "goto",      "if",       "inline",    "int",      "long",
      "main",          "mutable",      "namespace", "new",      "not",       "not_eq",   "nullptr",
      "operator",      "or",           "or_eq",     "private",  "protected", "public",   "register",
      "restrict",      "return",       "short",     "signed",   "sizeof",    "static",   "struct",
      "switch",        "template",     "this",      "throw",    "true",      "try",      "typedef",
      "typeid",        "typename",     "union",     "unsigned", "using",     "virtual",  "void",
      "volatile",      "while",        "xor",       "xor_eq",   "constexpr", "decltype", "noexcept",
      "static_assert", "thread_local", "typeof"};
  if (text.empty() || text.size() > 64 || !is_letter(text[0])) return false;
  for (char c : text) {
    if (!is_letter(c) && !is_digit(c) && c != '_') return false;
  }
  return std::find(std::begin(keywords), std::end(keywords), text) == std::end(keywords);
}

std::string fill(std::string_view text, const std::map<std::string, std::string> &values) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find('@', at);
    const std::size_t close = open == std::string_view::npos ? open : text.find('@', open + 1);
    if (close == std::string_view::npos) break;
    out += text.substr(at, open - at);
    const auto value = values.find(std::string(text.substr(open + 1, close - open - 1)));
    if (value == values.end()) {
      out += '@';
      at = open + 1;
      continue;
    }
    out += value->second;
    at = close + 1;
  }
  out += text.substr(std::min(at, text.size()));
  return out;
}

}  // namespace thimble::c_text
