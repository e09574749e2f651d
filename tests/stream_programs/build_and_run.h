// An emitted program with a `main` of the test's own, under sanitizers.
#pragma once

#include <gtest/gtest.h>

#include "thimble/base/files.h"
#include "thimble/emit/emit.h"
#include "thimble/target/process.h"

namespace thimble::test {

/// Builds the program and expects that, given these bytes, it gives those.
inline void expect_output(const EmittedProgram &program, const std::string &given, const Bytes &expected) {
  const auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_files(folder->path(), program.files));
  ASSERT_TRUE(write_files(folder->path(), {{"given", given}}));
  ProcessRequest build;
  build.arguments = {
      "sh", "-c",
      "gcc -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -fsanitize=address,undefined "
      "-fno-sanitize-recover=all *.c -o program && ./program < given > found"};
  build.folder = folder->path();
  const auto outcome = run_process(build);
  ASSERT_TRUE(outcome) << outcome.error().text();
  ASSERT_EQ(outcome->exit_code, 0) << outcome->err;
  const auto found = read_file((folder->path() / "found").string(), 1 << 20);
  ASSERT_TRUE(found);
  EXPECT_EQ(Bytes(found->begin(), found->end()), expected);
}

}  // namespace thimble::test
