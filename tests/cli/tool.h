// Driving the built tool as a user does.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "thimble/base/files.h"
#include "thimble/target/process.h"

namespace thimble::test {

/// The shipped model.
inline std::string shipped(const std::string &file = "fashion_mnist.tflite") {
  return std::string(THIMBLE_SOURCE_DIR) + "/models/fashion_mnist/" + file;
}

/// Runs `thimble` with standard output and error in pipes. `settings` are environment variables,
/// "NAME=value".
inline ProcessOutcome thimble_tool(const std::vector<std::string> &arguments,
                                   const std::vector<std::string> &settings = {},
                                   const std::filesystem::path &folder = {}) {
  ProcessRequest request;
  request.arguments = {"env"};  // and not request.settings, in which LC_ALL is fixed
  request.arguments.insert(request.arguments.end(), settings.begin(), settings.end());
  request.arguments.emplace_back(THIMBLE_TOOL);
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.folder = folder;
  request.timeout_seconds = 300;
  const auto outcome = run_process(request);
  EXPECT_TRUE(outcome) << outcome.error().text();
  return outcome ? *outcome : ProcessOutcome{};
}

inline std::string text_of(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Every file below a folder, hidden ones included, by its relative name.
inline std::map<std::string, std::string> files_below(const std::filesystem::path &folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[std::filesystem::relative(entry.path(), folder).string()] = text_of(entry.path());
    }
  }
  return files;
}

/// A test with a folder of its own.
class ToolTest : public testing::Test {
 protected:
  ToolTest() : temporary_(std::move(*TemporaryFolder::make())) {}
  const std::filesystem::path &folder() const { return temporary_.path(); }
  std::string in_folder(const std::string &name) const { return (folder() / name).string(); }

 private:
  TemporaryFolder temporary_;
};

}  // namespace thimble::test
