#include "thimble/report/npy.h"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "thimble/base/checked.h"

namespace thimble::report {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);

struct Name {
  ElementType type;
  std::string_view text;  ///< NumPy's "descr"
};
constexpr std::array<Name, 7> kNames{{{ElementType::int8, "|i1"},
                                      {ElementType::uint8, "|u1"},
                                      {ElementType::int16, "<i2"},
                                      {ElementType::int32, "<i4"},
                                      {ElementType::int64, "<i8"},
                                      {ElementType::float32, "<f4"},
                                      {ElementType::boolean, "|b1"}}};

/// The text after `'key': ` in the header, which is a Python dictionary of literals.
std::optional<std::string_view> value_of(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "':";
  const std::size_t at = header.find(quoted);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = header.substr(at + quoted.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

std::optional<ElementType> parse_type(std::string_view header) {
  const auto value = value_of(header, "descr");
  if (!value || value->size() < 5 || value->front() != '\'') return std::nullopt;
  const std::string_view text = value->substr(1, 3);
  for (const Name &name : kNames) {
    // One-byte types may be written with any byte order mark.
    const bool same_size = text.substr(1) == name.text.substr(1);
    if (text == name.text || (same_size && size_of(name.type) == 1)) return name.type;
  }
  return std::nullopt;
}

/// "(1, 28, 28, 1)", "(10,)" or "()".
std::optional<Shape> parse_shape(std::string_view header) {
  const auto value = value_of(header, "shape");
  if (!value || value->empty() || value->front() != '(') return std::nullopt;
  std::string_view rest = value->substr(1, value->find(')') - 1);
  Shape shape;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
    if (rest.empty()) return shape;
    std::int32_t dimension = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), dimension);
    if (error != std::errc{} || dimension < 0) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    shape.push_back(dimension);
  }
}

}  // namespace

bool is_npy(const std::filesystem::path &path) {
  return path.extension() == ".npy";
}

Result<NpyArray> parse_npy(std::span<const std::uint8_t> bytes, const std::string &file) {
  const std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic) || text.size() < 12) {
    return file_failure(file, "is not a .npy file", "write it with numpy.save");
  }
  const int major = bytes[6];
  std::size_t begin = 10;
  std::size_t length = bytes[8] | std::size_t{bytes[9]} << 8;
  if (major == 2) {
    begin = 12;
    length |= std::size_t{bytes[10]} << 16 | std::size_t{bytes[11]} << 24;
  } else if (major != 1) {
    return file_failure(file, "has .npy format version " + std::to_string(major),
                        "versions 1 and 2 are read");
  }
  if (length > text.size() - begin) return file_failure(file, "ends within its .npy header");
  const std::string_view header = text.substr(begin, length);

  NpyArray array;
  const auto type = parse_type(header);
  if (!type) {
    return file_failure(file, "has a dtype that is not read",
                        "use little-endian int8, uint8, int16, int32, int64, float32 or bool");
  }
  const auto order = value_of(header, "fortran_order");
  if (!order || !order->starts_with("False")) {
    return file_failure(file, "is in Fortran order", "save numpy.ascontiguousarray(x)");
  }
  const auto shape = parse_shape(header);
  if (!shape) return file_failure(file, "has no readable shape in its .npy header");
  array.type = *type;
  array.shape = *shape;
  const auto elements = checked_product(array.shape);
  const auto size = elements ? checked_mul(*elements, size_of(array.type)) : std::nullopt;
  const std::size_t held = text.size() - begin - length;
  if (!size || static_cast<std::uint64_t>(*size) != held) {
    return file_failure(file, "holds " + std::to_string(held) + " bytes, which is not what its shape says");
  }
  array.bytes.assign(bytes.end() - static_cast<std::ptrdiff_t>(held), bytes.end());
  return array;
}

std::vector<std::uint8_t> npy_bytes(const NpyArray &array) {
  std::string header = "{'descr': '";
  for (const Name &name : kNames) {
    if (name.type == array.type) header += name.text;
  }
  header += "', 'fortran_order': False, 'shape': (";
  for (std::int32_t dimension : array.shape) header += std::to_string(dimension) + ", ";
  if (array.shape.size() > 1) header.resize(header.size() - 2);
  if (array.shape.size() == 1) header.resize(header.size() - 1);
  header += "), }";
  // The data begin at a multiple of 64 bytes; the header ends in a newline.
  const std::size_t unpadded = kMagic.size() + 4 + header.size() + 1;
  header.append((64 - unpadded % 64) % 64, ' ');
  header += '\n';

  std::string text(kMagic);
  text += '\x01';
  text += '\x00';
  text += static_cast<char>(header.size() & 0xFF);
  text += static_cast<char>(header.size() >> 8);
  text += header;
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
  return bytes;
}

}  // namespace thimble::report
