#include "thimble/base/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

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

std::string text_of(const fs::path &path) {
  const auto bytes = read_file(path);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "(none)";
}

/// A test with a folder of its own.
class Places : public testing::Test {
 protected:
  Places() : folder_(std::move(*TemporaryFolder::make())) {}
  fs::path at(const char *name) const { return folder_.path() / name; }

 private:
  TemporaryFolder folder_;
};

TEST_F(Places, AFifoIsWrittenIntoAndStaysOne) {
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  const int reader = open(at("fifo").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  EXPECT_TRUE(write_file(at("fifo"), std::string("one ")));
  EXPECT_TRUE(write_files(at("."), {{"fifo", "two"}, {"file", "three"}}));
  char text[16] = {};
  EXPECT_EQ(read(reader, text, sizeof(text)), 7);
  EXPECT_STREQ(text, "one two");
  close(reader);
  EXPECT_TRUE(fs::is_fifo(at("fifo")));
  EXPECT_EQ(text_of(at("file")), "three");
  EXPECT_EQ(entries(at(".")), 2u);
}

TEST_F(Places, ALinkStaysOneAndWhatItLeadsToIsWritten) {
  fs::create_directory(at("elsewhere"));
  ASSERT_TRUE(write_file(at("elsewhere/there"), std::string("old")));
  fs::create_symlink("elsewhere/there", at("link"));
  fs::create_symlink("link", at("link_to_link"));
  fs::create_symlink("elsewhere/to_come", at("dangling"));
  for (const char *name : {"link", "link_to_link"}) {
    EXPECT_TRUE(write_file(at(name), std::string(name)));
    EXPECT_TRUE(fs::is_symlink(at(name)));
    EXPECT_EQ(text_of(at("elsewhere/there")), name);
  }
  EXPECT_TRUE(write_files(at("."), {{"link", "again"}, {"dangling", "new"}}));
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_TRUE(fs::is_symlink(at("dangling")));
  EXPECT_EQ(text_of(at("elsewhere/there")), "again");
  EXPECT_EQ(text_of(at("elsewhere/to_come")), "new");
  EXPECT_EQ(entries(at("elsewhere")), 2u);
}

TEST_F(Places, WhatCannotBeWrittenIsSaidAndStaysAsItIs) {
  fs::create_symlink("loop", at("loop"));
  const auto loop = write_file(at("loop"), std::string("x"));
  ASSERT_FALSE(loop);
  EXPECT_NE(loop.error().text().find("loop: cannot be written: "), std::string::npos);
  EXPECT_TRUE(fs::is_symlink(at("loop")));

  // A socket is nothing that one can open.
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  at("socket").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof(address)), 0);
  EXPECT_FALSE(write_file(at("socket"), std::string("x")));
  EXPECT_TRUE(fs::is_socket(at("socket")));
  close(socket);

  fs::create_directory(at("folder"));
  EXPECT_NE(write_file(at("folder"), std::string("x")).error().text().find("is a folder"), std::string::npos);
  EXPECT_EQ(entries(at(".")), 3u);
}

TEST_F(Places, AWriteThatStopsHalfWayIsAnErrorAndLeavesTheOldFile) {
  ASSERT_TRUE(write_file(at("file"), std::string("old")));
  // The limit of a file's size stands for a full disk.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto one = write_file(at("file"), std::string(200, 'x'));
  const auto several = write_files(at("made/deep"), {{"a", "short"}, {"b", std::string(200, 'x')}});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(one);
  EXPECT_NE(one.error().text().find("file: cannot be written: File too large"), std::string::npos)
      << one.error().text();
  EXPECT_FALSE(several);
  EXPECT_EQ(text_of(at("file")), "old");
  EXPECT_EQ(entries(at(".")), 1u) << "the folders that were made are gone again";
}

TEST_F(Places, AFolderInTheWayIsSeenBeforeAnythingChanges) {
  ASSERT_TRUE(write_file(at("a"), std::string("old")));
  fs::create_directory(at("b"));
  EXPECT_FALSE(write_files(at("."), {{"a", "new"}, {"b", "new"}, {"c/d", "new"}}));
  EXPECT_EQ(text_of(at("a")), "old");
  EXPECT_EQ(entries(at(".")), 2u);
}

TEST_F(Places, ARenameThatFailsTakesTheEarlierOnesBack) {
  ASSERT_TRUE(write_file(at("a"), std::string("old")));
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  // The FIFO is written before the renames and holds less than a million bytes: while the writer waits, a
  // folder appears where "z" has to go.
  std::thread reader([&] {
    const int fifo = open(at("fifo").c_str(), O_RDONLY);
    char chunk[4096];
    if (read(fifo, chunk, sizeof(chunk)) > 0) fs::create_directories(at("z/occupied"));
    while (read(fifo, chunk, sizeof(chunk)) > 0) {
    }
    close(fifo);
  });
  const auto written =
      write_files(at("."), {{"a", "new"}, {"b", "new"}, {"fifo", std::string(1000000, 'x')}, {"z", "new"}});
  reader.join();
  EXPECT_FALSE(written);
  EXPECT_EQ(text_of(at("a")), "old");
  EXPECT_EQ(entries(at(".")), 3u) << "a, fifo and z";
}

TEST_F(Places, AnAbsoluteNameNeedsAFolderThatExists) {
  EXPECT_FALSE(write_files(at("new"), {{"a", "text"}, {at("absent/report").string(), "text"}}));
  EXPECT_EQ(entries(at(".")), 0u);
  EXPECT_TRUE(write_files(at("new"), {{"a", "text"}, {at("report").string(), "text"}}));
  EXPECT_EQ(text_of(at("report")), "text");
}

TEST(Files, TemporaryFoldersCanBeRemovedAtOnce) {
  auto first = TemporaryFolder::make(), second = TemporaryFolder::make();
  ASSERT_TRUE(first && second);
  for (int i = 0; i < 200; ++i) {  // more than one read of the folder gives
    ASSERT_TRUE(write_file(first->path() / ("a_name_of_some_length_" + std::to_string(i)), std::string("x")));
  }
  ASSERT_TRUE(write_files(first->path() / "sources" / "deep", {{"a", "b"}}));
  const fs::path outside = second->path().string() + "_outside";
  fs::create_directory(outside);
  ASSERT_TRUE(write_file(outside / "kept", std::string("x")));
  fs::create_symlink(outside, second->path() / "link");
  remove_temporary_folders();
  EXPECT_FALSE(fs::exists(first->path()));
  EXPECT_FALSE(fs::exists(second->path()));
  EXPECT_TRUE(fs::exists(outside / "kept")) << "links are not followed";
  fs::remove_all(outside);
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
