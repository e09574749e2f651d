#include "thimble/report/raw_file.h"

#include <gtest/gtest.h>

#include "thimble/base/files.h"

namespace thimble::report {
namespace {

class RawFile : public testing::Test {
 protected:
  RawFile() : folder_(std::move(*TemporaryFolder::make())) {}

  std::filesystem::path write(const std::string &name, const Bytes &bytes) {
    const auto path = folder_.path() / name;
    EXPECT_TRUE(write_file(path, bytes));
    return path;
  }

  TemporaryFolder folder_;
  const std::vector<TensorSpec> floats_{{"x", ElementType::float32, {1, 3}}};
  const std::vector<TensorSpec> bytes_{{"x", ElementType::int8, {1, 3}}};
};

TEST_F(RawFile, IsCutIntoInferencesAndTensors) {
  const std::vector<TensorSpec> two{{"a", ElementType::int8, {2}}, {"b", ElementType::int8, {1}}};
  const auto read = read_inputs(write("x.bin", {1, 2, 3, 4, 5, 6}), two, two, RawEnds::automatic);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->inferences, (std::vector<Inference>{{{1, 2}, {3}}, {{4, 5}, {6}}}));
}

TEST_F(RawFile, AutomaticTakesTheFilesTypesWhenTheyFitElseTheNetworks) {
  const auto whole = read_inputs(write("12", Bytes(12)), floats_, bytes_, RawEnds::automatic);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->ends, RawEnds::file);
  EXPECT_EQ(whole->inferences.size(), 1u);
  const auto narrow = read_inputs(write("9", Bytes(9)), floats_, bytes_, RawEnds::automatic);
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->ends, RawEnds::network);
  EXPECT_EQ(narrow->inferences.size(), 3u);
  const auto told = read_inputs(write("12b", Bytes(12)), floats_, bytes_, RawEnds::network);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->inferences.size(), 4u);
}

TEST_F(RawFile, WrongSizesSayWhatFits) {
  for (const Bytes &bytes : {Bytes{}, Bytes(5)}) {
    const auto read = read_inputs(write("bad", bytes), floats_, bytes_, RawEnds::automatic);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().text().find("float32 [1,3] = 12 bytes, or int8 [1,3] = 3 bytes"),
              std::string::npos)
        << read.error().text();
  }
  EXPECT_FALSE(read_inputs(write("9", Bytes(9)), floats_, bytes_, RawEnds::file));
}

TEST_F(RawFile, NpyMayHaveALeadingAxisOfInferences) {
  const auto path = folder_.path() / "x.npy";
  for (const auto &[shape, count] :
       std::vector<std::pair<Shape, std::size_t>>{{{1, 3}, 1}, {{4, 3}, 4}, {{2, 1, 3}, 2}}) {
    NpyArray array{ElementType::int8, shape, Bytes(static_cast<std::size_t>(element_count(shape)))};
    ASSERT_TRUE(write_file(path, npy_bytes(array)));
    const auto read = read_inputs(path, floats_, bytes_, RawEnds::automatic);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->inferences.size(), count);
    EXPECT_EQ(read->ends, RawEnds::network);
  }
  ASSERT_TRUE(write_file(path, npy_bytes({ElementType::int16, {1, 3}, Bytes(6)})));
  const auto wrong_type = read_inputs(path, floats_, bytes_, RawEnds::automatic);
  ASSERT_FALSE(wrong_type);
  EXPECT_NE(wrong_type.error().text().find("int16 [1,3]"), std::string::npos);
  const std::vector<TensorSpec> two{bytes_[0], bytes_[0]};
  EXPECT_FALSE(read_inputs(path, two, two, RawEnds::automatic)) << "one array cannot hold two tensors";
}

TEST_F(RawFile, OutputsAreJoinedInOrder) {
  const std::vector<Inference> inferences{{{1, 2, 3}}, {{4, 5, 6}}};
  EXPECT_EQ(*output_bytes("y.bin", bytes_, inferences), (Bytes{1, 2, 3, 4, 5, 6}));
  const auto npy = output_bytes("y.npy", bytes_, inferences);
  ASSERT_TRUE(npy);
  const auto array = parse_npy(*npy, "y.npy");
  ASSERT_TRUE(array);
  EXPECT_EQ(array->shape, (Shape{2, 3}));
  EXPECT_FALSE(output_bytes("y.npy", {bytes_[0], bytes_[0]}, inferences));
}

TEST_F(RawFile, LabelsAreRawBytesOrIntegerArrays) {
  EXPECT_EQ(*read_labels(write("l.bin", {0, 9, 200})), (std::vector<std::int64_t>{0, 9, 200}));
  EXPECT_EQ(*read_labels(write("l.npy", npy_bytes({ElementType::int16, {2}, {1, 0, 0, 1}}))),
            (std::vector<std::int64_t>{1, 256}));
  EXPECT_FALSE(read_labels(write("f.npy", npy_bytes({ElementType::float32, {1}, Bytes(4)}))));
}

TEST(Argmax, TakesTheFirstLargest) {
  EXPECT_EQ(argmax({0x80, 0x05, 0x05, 0xFF}, ElementType::int8), 1);
  EXPECT_EQ(argmax({0x80, 0x05, 0x05, 0xFF}, ElementType::uint8), 3);
  EXPECT_EQ(argmax({0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0}, ElementType::float32), 0);
}

}  // namespace
}  // namespace thimble::report
