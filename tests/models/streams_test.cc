// Real models that keep states, as C: frame after frame the bytes that TensorFlow Lite Micro gives.
#include <gtest/gtest.h>

#include <iostream>

#include "models/comparison.h"
#include "models/expected_rows.h"
#include "support/shared_data.h"
#include "thimble/base/files.h"
#include "thimble/report/any_stream.h"
#include "thimble/report/state_feeder.h"
#include "thimble/schedule/execute.h"

namespace thimble::test {
namespace {

using namespace thimble::report;

/// Network outputs of each step on this machine, under sanitizers.
Result<std::vector<Inference>> steps_on_host(const StateStream &stream,
                                             const std::vector<Inference> &frames) {
  auto program = emit_stream(stream);
  if (!program) return tl::unexpected(program.error());
  const StreamFeeder feeder = make_state_feeder(stream);
  program->files[feeder.name + ".c"] = feeder.source;
  const auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  const auto sources = folder->path() / "sources";
  if (auto ok = write_files(sources, program->files); !ok) return tl::unexpected(ok.error());
  const auto host = load_profile("host");
  if (!host) return tl::unexpected(host.error());
  const FirmwareRequest request{sources, feeder.name, {}, folder->path() / "work", {}, {}};
  const auto firmware = build_firmware(*host, request);
  if (!firmware) return tl::unexpected(firmware.error());
  std::vector<TensorBytes> calls{step_inputs(Feed::reset, frames[0])};
  for (const Inference &frame : frames) calls.push_back(step_inputs(Feed::step, frame));
  const auto emulation = emulate(*host, *firmware, feeder.interface, calls);
  if (!emulation) return tl::unexpected(emulation.error());
  std::vector<Inference> outputs;
  for (std::size_t c = 1; c < calls.size(); ++c)
    outputs.emplace_back(emulation->outputs[c].begin() + 1, emulation->outputs[c].end());
  return outputs;
}

std::string compare_steps(const StateStream &stream, const std::vector<Inference> &found,
                          const Bytes &expected) {
  const Graph &file = *stream.network.file;
  std::size_t at = 0;
  for (std::size_t t = 0; t < found.size(); ++t) {
    const auto outputs = to_file_outputs(stream.network, found[t]);
    if (!outputs) return outputs.error().text();
    for (std::size_t o = 0; o < outputs->size(); ++o) {
      const Bytes &bytes = (*outputs)[o];
      if (at + bytes.size() > expected.size()) return "the expected outputs end too early";
      const std::string text =
          difference(file.tensor(file.outputs[o]), bytes, {expected.data() + at, bytes.size()});
      if (!text.empty()) return "frame " + std::to_string(t) + ": " + text;
      at += bytes.size();
    }
  }
  return at == expected.size() ? "" : "more outputs are expected";
}

TEST(Streams, ProgramsGiveTheBytesOfTensorFlowLiteMicro) {
  THIMBLE_NEEDS_SHARED_DATA();
  const std::filesystem::path models = shared_data() / "models";
  int equal = 0, refused = 0;
  for (const auto &row : read_tsv(models / "EXPECTED.tsv")) {
    if (row.at("set") != "stream") continue;
    const std::string &path = row.at("path");
    SCOPED_TRACE(path);
    StreamRequest request;
    request.compile.model = (models / path).string();
    request.compile.target = "host";
    request.keep_states = true;
    const auto any = plan_any_stream(request);
    if (!any) {
      std::cout << "refused: " << any.error().lines.front().text() << "\n";
      ++refused;
      continue;
    }
    const auto *stream = std::get_if<StateStream>(&*any);
    if (stream == nullptr) continue;
    InputGenerator generator;
    std::vector<Inference> frames, executed;
    StateBytes states;
    for (int t = 0; t < std::stoi(row.at("inputs")); ++t) {
      Inference inputs;
      for (TensorId id : stream->network.file->inputs)
        inputs.push_back(generator.next(stream->network.file->tensor(id)));
      auto frame = to_network_inputs(stream->network, inputs);
      ASSERT_TRUE(frame) << frame.error().text();
      auto outputs = execute(stream->schedule(), *frame, states);
      ASSERT_TRUE(outputs) << outputs.error().text();
      frames.push_back(std::move(*frame));
      executed.push_back(std::move(*outputs));
    }
    const Bytes expected = read_bytes(models / row.at("file"));
    EXPECT_EQ(compare_steps(*stream, executed, expected), "");
    const auto found = steps_on_host(*stream, frames);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(compare_steps(*stream, *found, expected), "");
    std::cout << path << ": " << total_bytes(stream->schedule().regions) << " bytes of RAM, "
              << region_bytes(stream->schedule(), true) << " of them between steps\n";
    ++equal;
  }
  std::cout << equal << " models equal, " << refused << " refused\n";
  EXPECT_GE(equal, 7);
}

}  // namespace
}  // namespace thimble::test
