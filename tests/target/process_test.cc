// Child processes: output, exit codes, time limits; and the ELF reader on damaged files.
#include "thimble/target/process.h"

#include <gtest/gtest.h>

#include <chrono>

#include "sample.h"
#include "thimble/target/elf.h"

namespace thimble {
namespace {

ProcessRequest shell(const std::string &script) {
  ProcessRequest request;
  request.arguments = {"sh", "-c", script};
  return request;
}

TEST(Process, CapturesBothStreamsAndTheExitCode) {
  const auto outcome = run_process(shell("echo out; echo err >&2; exit 7"));
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(outcome->out, "out\n");
  EXPECT_EQ(outcome->err, "err\n");
  EXPECT_EQ(outcome->exit_code, 7);
  EXPECT_EQ(outcome->signal, 0);
  EXPECT_FALSE(outcome->timed_out);
}

TEST(Process, LongOutputIsCutAndDoesNotBlock) {
  const auto outcome = run_process(shell("head -c 5000000 /dev/zero; echo done >&2"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out.size(), std::size_t{1} << 20);
  EXPECT_EQ(outcome->err, "done\n");
}

TEST(Process, FolderSettingsAndEmptyInput) {
  ProcessRequest request = shell("pwd; echo $THIMBLE_TEST $LC_ALL; cat");
  request.folder = "/";
  request.settings = {"THIMBLE_TEST=seen"};
  const auto outcome = run_process(request);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out, "/\nseen C\n");
}

TEST(Process, ATimeLimitKills) {
  ProcessRequest request;
  request.arguments = {"sleep", "60"};
  request.timeout_seconds = 1;
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = run_process(request);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->timed_out);
  EXPECT_EQ(outcome->exit_code, -1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(Process, WhatIsNotThereNamesItsPackage) {
  ProcessRequest request;
  request.arguments = {"no-such-program"};
  request.package = "some-package";
  EXPECT_EQ(run_process(request).error().text(),
            "'no-such-program' is not installed; apt-get install some-package");
}

TEST(Elf, DamagedFilesAreRefusedOrReadButNeverFollowed) {
  const test::Sample sample = test::build_sample("cortex-m4");
  ASSERT_TRUE(sample.firmware);
  const auto good = read_file(sample.firmware->image);
  const auto path = sample.folder.path() / "damaged.elf";
  for (std::size_t size = 0; size < good->size(); size += 397) {
    ASSERT_TRUE(write_file(path, std::span(*good).first(size)));
    EXPECT_FALSE(read_elf(path)) << "cut to " << size << " bytes";  // the section headers come last
  }
  std::vector<std::uint8_t> bytes = *good;
  int refused = 0;
  // Every byte of the header, of the section headers, and some of the rest.
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : at + 1024 > bytes.size() ? 3 : 251) {
    for (const std::uint8_t value : {std::uint8_t{0xff}, static_cast<std::uint8_t>(bytes[at] + 1)}) {
      const std::uint8_t before = bytes[at];
      bytes[at] = value;
      ASSERT_TRUE(write_file(path, bytes));
      const auto elf = read_elf(path);
      refused += !elf;
      if (elf) elf->place_of(0x08000000);
      bytes[at] = before;
    }
  }
  EXPECT_GT(refused, 50);
  EXPECT_FALSE(read_elf(sample.folder.path() / "absent.elf"));
}

}  // namespace
}  // namespace thimble
