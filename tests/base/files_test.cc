#include "thimble/base/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace thimble {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path &folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Files, WriteThenReadGivesTheSameBytes) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  const std::vector<std::uint8_t> bytes = {0, 255, 10, 13};
  ASSERT_TRUE(write_file(folder->path() / "a.bin", bytes));
  const auto read = read_file(folder->path() / "a.bin");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, bytes);
  EXPECT_EQ(entries(folder->path()), 1u) << "no temporary is left";
}

TEST(Files, RefusesWhatIsNotThereNotAFileOrTooLong) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  const fs::path missing = folder->path() / "missing";
  EXPECT_NE(read_file(missing).error().text().find("missing: no such file"), std::string::npos);
  EXPECT_NE(read_file(folder->path()).error().text().find("not a regular file"), std::string::npos);
  ASSERT_TRUE(write_file(folder->path() / "long", std::string(100, 'x')));
  EXPECT_NE(read_file(folder->path() / "long", 99).error().text().find("limit of 99"), std::string::npos);
  EXPECT_TRUE(read_file(folder->path() / "long", 100));
}

TEST(Files, ASetOfFilesIsWrittenWholeOrNotAtAll) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  // "b/c" cannot be written because b is a file; a must not appear either.
  ASSERT_TRUE(write_file(folder->path() / "b", std::string("in the way")));
  EXPECT_FALSE(write_files(folder->path(), {{"a", "text"}, {"b/c", "text"}}));
  EXPECT_FALSE(fs::exists(folder->path() / "a"));
  EXPECT_EQ(entries(folder->path()), 1u);
  ASSERT_TRUE(write_files(folder->path(), {{"a", "text"}, {"d/c", "more"}}));
  EXPECT_TRUE(fs::exists(folder->path() / "d" / "c"));
}

TEST(Files, ATemporaryFolderGoesWithItsOwner) {
  fs::path path;
  {
    auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    path = folder->path();
    ASSERT_TRUE(write_file(path / "x", std::string("y")));
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace thimble
