#include "thimble/report/npy.h"

#include <gtest/gtest.h>

#include <string>

namespace thimble::report {
namespace {

/// A file as numpy.save lays it out, with any header.
std::vector<std::uint8_t> file_with(const std::string &header, const std::string &data, int major = 1) {
  std::string text = std::string("\x93NUMPY") + static_cast<char>(major) + '\0';
  text += static_cast<char>(header.size() & 0xFF);
  text += static_cast<char>(header.size() >> 8);
  if (major == 2) text += std::string(2, '\0');
  text += header + data;
  return {text.begin(), text.end()};
}

std::string reason_of(const std::vector<std::uint8_t> &bytes) {
  const auto array = parse_npy(bytes, "x.npy");
  return array ? "accepted" : array.error().text();
}

TEST(Npy, ReadsVersionOneAndTwo) {
  for (int major : {1, 2}) {
    const auto bytes = file_with("{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }\n",
                                 std::string("\1\0\2\0\3\0", 6), major);
    const auto array = parse_npy(bytes, "x.npy");
    ASSERT_TRUE(array) << array.error().text();
    EXPECT_EQ(array->type, ElementType::int16);
    EXPECT_EQ(array->shape, (Shape{1, 3}));
    EXPECT_EQ(array->bytes, (std::vector<std::uint8_t>{1, 0, 2, 0, 3, 0}));
  }
}

TEST(Npy, WritesWhatItReads) {
  for (const Shape &shape : {Shape{}, Shape{2}, Shape{1, 2, 1}}) {
    NpyArray array{ElementType::float32, shape, {}};
    array.bytes.resize(static_cast<std::size_t>(element_count(shape)) * 4, 7);
    const auto bytes = npy_bytes(array);
    EXPECT_EQ((bytes.size() - array.bytes.size()) % 64, 0u) << "data must be aligned";
    const auto again = parse_npy(bytes, "x.npy");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->type, array.type);
    EXPECT_EQ(again->shape, shape);
    EXPECT_EQ(again->bytes, array.bytes);
  }
}

TEST(Npy, RefusesWithAReason) {
  const std::string data(4, '\0');
  EXPECT_NE(reason_of({1, 2, 3}).find("is not a .npy file"), std::string::npos);
  EXPECT_NE(
      reason_of(file_with("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", data)).find("Fortran"),
      std::string::npos);
  EXPECT_NE(
      reason_of(file_with("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", data)).find("dtype"),
      std::string::npos);
  EXPECT_NE(
      reason_of(file_with("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data)).find("dtype"),
      std::string::npos);
  EXPECT_NE(
      reason_of(file_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data)).find("4 bytes"),
      std::string::npos);
  EXPECT_NE(
      reason_of(file_with("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", data)).find("shape"),
      std::string::npos);
  EXPECT_NE(reason_of(file_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", data, 3))
                .find("version 3"),
            std::string::npos);
  EXPECT_NE(reason_of(file_with("{", data, 1)).find("dtype"), std::string::npos);
}

TEST(Npy, RefusesEveryTruncation) {
  const auto whole = npy_bytes({ElementType::int8, {5}, {1, 2, 3, 4, 5}});
  ASSERT_TRUE(parse_npy(whole, "x.npy"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(parse_npy(std::span(whole).first(length), "x.npy")) << length;
  }
}

TEST(Npy, RefusesShapesThatOverflow) {
  const std::string header =
      "{'descr': '<i8', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }";
  EXPECT_NE(reason_of(file_with(header, "")), "accepted");
}

}  // namespace
}  // namespace thimble::report
