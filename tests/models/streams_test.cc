// Real models that keep states, as C: frame after frame the bytes that TensorFlow Lite Micro gives, whether
// their states have become rings or stay what they are.
#include <gtest/gtest.h>

#include <iostream>

#include "models/comparison.h"
#include "models/expected_rows.h"
#include "support/shared_data.h"
#include "thimble/base/files.h"
#include "thimble/read/tflite.h"
#include "thimble/report/stream_run.h"

namespace thimble::test {
namespace {

using namespace thimble::report;

/// The inputs of all steps, one behind the other, in the model file's types.
Bytes frames_of(const Graph &file, int steps) {
  InputGenerator generator;
  Bytes all;
  for (int t = 0; t < steps; ++t) {
    for (TensorId id : file.inputs) {
      const Bytes bytes = generator.next(file.tensor(id));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
  }
  return all;
}

std::string compare_steps(const Graph &file, const Bytes &found, const Bytes &expected) {
  if (found.size() != expected.size())
    return std::to_string(found.size()) + " bytes for " + std::to_string(expected.size());
  for (std::size_t at = 0; at < found.size();) {
    for (TensorId id : file.outputs) {
      const auto bytes = static_cast<std::size_t>(file.tensor(id).bytes());
      const std::string text =
          difference(file.tensor(id), {found.data() + at, bytes}, {expected.data() + at, bytes});
      if (!text.empty()) return "byte " + std::to_string(at) + ": " + text;
      at += bytes;
    }
  }
  return "";
}

class StreamRows {
 public:
  StreamRows(std::string model, int steps, Bytes expected) : steps_(steps), expected_(std::move(expected)) {
    request_.compile.model = std::move(model);
    request_.compile.target = "host";
  }

  /// As the tool does it; true when states have become rings.
  bool run_any() {
    const auto any = plan_any_stream(request_);
    EXPECT_TRUE(any) << any.error().text();
    if (any) run(*any);
    return any && std::holds_alternative<StreamNetwork>(*any);
  }

  void run_states() {
    StreamRequest request = request_;
    request.keep_states = true;
    const auto any = plan_any_stream(request);
    ASSERT_TRUE(any) << any.error().text();
    ASSERT_TRUE(std::holds_alternative<StateStream>(*any));
    run(*any);
  }

 private:
  void run(const AnyStream &stream) {
    const auto file = read_tflite(std::filesystem::path(request_.compile.model));
    ASSERT_TRUE(file);
    const auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder);
    const Bytes frames = frames_of(*file, steps_);
    ASSERT_TRUE(write_files(folder->path(), {{"frames.bin", {frames.begin(), frames.end()}}}));
    const StreamRunOptions options{folder->path() / "frames.bin", "scores.bin", "host", RawEnds::file, true};
    const auto outcome = run_stream(stream, options, {});
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->report.mismatched_bytes, 0);
    EXPECT_EQ(compare_steps(*file, outcome->output, expected_), "");
  }

  StreamRequest request_;
  int steps_;
  Bytes expected_;
};

TEST(Streams, ProgramsGiveTheBytesOfTensorFlowLiteMicro) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::filesystem::path models = shared_data() / "models";
  int rows = 0, rings = 0;
  for (const auto &row : read_tsv(models / "EXPECTED.tsv")) {
    if (row.at("set") != "stream") continue;
    const std::string &path = row.at("path");
    SCOPED_TRACE(path);
    if (const auto file = read_tflite(models / path); !file) {
      std::cout << "refused: " << file.error().lines.front().text() << "\n";
      continue;
    }
    StreamRows stream((models / path).string(), std::stoi(row.at("inputs")),
                      read_bytes(models / row.at("file")));
    const bool became_rings = stream.run_any();
    if (became_rings) stream.run_states();
    rings += became_rings ? 1 : 0;
    ++rows;
  }
  std::cout << rows << " models, the states of " << rings << " as rings\n";
  EXPECT_GE(rows, 15);
  EXPECT_GE(rings, 12);
}

}  // namespace
}  // namespace thimble::test
