// Recordings cut into windows of an input.
#include "thimble/report/frames.h"

#include <gtest/gtest.h>

#include <cstring>

#include "thimble/base/files.h"
#include "thimble/report/npy.h"

namespace thimble::report {
namespace {

/// int8 [1,4,2], time along axis 1.
Tensor input() {
  Tensor tensor;
  tensor.name = "x";
  tensor.type = ElementType::int8;
  tensor.shape = {1, 4, 2};
  tensor.quantization = {{0.5f}, {-3}, 0};
  return tensor;
}

class Frames : public testing::Test {
 protected:
  Frames() : temporary_(std::move(*TemporaryFolder::make())) {}

  Result<std::vector<Bytes>> windows(const Shape &shape, std::size_t most = 100) const {
    NpyArray array{ElementType::int8, shape, {}};
    for (std::int64_t i = 0; i < element_count(shape); ++i)
      array.bytes.push_back(static_cast<std::uint8_t>(i));
    return read(array, most);
  }
  Result<std::vector<Bytes>> read(const NpyArray &array, std::size_t most) const {
    EXPECT_TRUE(write_file(temporary_.path() / "x.npy", npy_bytes(array)));
    return read_windows(temporary_.path() / "x.npy", input(), 1, most);
  }
  std::filesystem::path path(const char *name) const { return temporary_.path() / name; }

 private:
  TemporaryFolder temporary_;
};

TEST_F(Frames, WindowsOneBehindTheOther) {
  for (const Shape &shape : {Shape{3, 4, 2}, {3, 1, 4, 2}, {12, 2}, {1, 12, 2}, {1, 14, 2}}) {
    const auto found = windows(shape);
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->size(), 3u);
    EXPECT_EQ((*found)[1], (Bytes{8, 9, 10, 11, 12, 13, 14, 15}));
  }
  EXPECT_EQ(windows({4, 2})->size(), 1u);
  EXPECT_EQ(windows({12, 2}, 2)->size(), 2u) << "no more than asked for";
}

TEST_F(Frames, FloatsAreQuantisedAsTheInputIs) {
  NpyArray array{ElementType::float32, {4, 2}, {}};
  for (const float value : {0.0f, 1.0f, -1.0f, 0.26f, 1000.0f, -1000.0f, 0.24f, 63.0f}) {
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(&value);
    array.bytes.insert(array.bytes.end(), bytes, bytes + 4);
  }
  const auto found = read(array, 1);
  ASSERT_TRUE(found);
  std::vector<int> values;
  for (const std::uint8_t byte : (*found)[0]) values.push_back(static_cast<std::int8_t>(byte));
  EXPECT_EQ(values, (std::vector<int>{-3, -1, -5, -2, 127, -128, -3, 123}));
}

TEST_F(Frames, WhatDoesNotFitIsSaid) {
  const auto wrong = windows({12, 3});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text().find("int8 [12,3]"), std::string::npos) << wrong.error().text();
  EXPECT_NE(wrong.error().text().find("int8 [1,4,2]"), std::string::npos);
  EXPECT_FALSE(windows({3, 2})) << "shorter than a window";
  EXPECT_TRUE(write_file(path("x.bin"), std::string(16, 'a')));
  EXPECT_EQ(read_windows(path("x.bin"), input(), 1, 9)->size(), 2u);
  EXPECT_TRUE(write_file(path("x.bin"), std::string(15, 'a')));
  EXPECT_FALSE(read_windows(path("x.bin"), input(), 1, 9));
}

}  // namespace
}  // namespace thimble::report
