#include "thimble/report/state_stream_verify.h"

#include <algorithm>

#include "thimble/report/random_inputs.h"
#include "thimble/report/state_feeder.h"
#include "thimble/schedule/execute.h"

namespace thimble::report {
namespace {

std::int64_t differences(const Inference &a, const Inference &b) {
  return compare({a}, {b}).bytes;
}

class StateVerifier {
 public:
  StateVerifier(const StateStream &stream, std::uint32_t seed, const Step &step)
      : stream_(stream), network_(stream.network), step_(step) {
    result_.steps = result_.outputs = kStateSteps;
    result_.seed = seed;
  }

  Result<StreamVerification> run() {
    if (auto ok = expect(); !ok) return tl::unexpected(ok.error());
    if (auto ok = run_interpreter_again(); !ok) return tl::unexpected(ok.error());
    if (auto ok = run_schedule(); !ok) return tl::unexpected(ok.error());
    auto program = emit_stream(stream_);
    if (!program) return tl::unexpected(program.error());
    result_.flash.weights_bytes = program->weight_bytes;
    result_.flash.code_note = "code not measured on the host";
    const auto run = [&](const Profile &profile, bool hard) { return run_on(profile, *program, hard); };
    if (auto ok = on_each_machine(network_.profile, run); !ok) return tl::unexpected(ok.error());
    return std::move(result_);
  }

 private:
  void tell(const std::string &what) const {
    if (step_) step_(what);
  }

  /// What the model file gives for random inputs.
  Result<void> expect() {
    tell("interpreting the model file");
    StateBytes states;
    for (const Inference &inputs : random_inputs(*network_.file, kStateSteps, result_.seed)) {
      auto outputs = interpret_outputs(*network_.file, inputs, states);
      if (!outputs) return tl::unexpected(outputs.error());
      for (const Bytes &bytes : *outputs) result_.output_bytes += static_cast<std::int64_t>(bytes.size());
      expected_.push_back(std::move(*outputs));
      auto frames = to_network_inputs(network_, inputs);
      if (!frames) return tl::unexpected(frames.error());
      frames_.push_back(std::move(*frames));
    }
    return {};
  }

  /// `found`: the network's outputs of each step. Outputs after passes that round differently are compared
  /// with the interpreter's of the network as it is planned.
  Result<void> add(StreamRun run, const std::vector<Inference> &found) {
    for (std::size_t t = 0; t < expected_.size(); ++t) {
      auto outputs = to_file_outputs(network_, found[t]);
      if (!outputs) return tl::unexpected(outputs.error());
      run.mismatched_bytes += differences(expected_[t], *outputs);
    }
    result_.mismatched_bytes += run.mismatched_bytes;
    result_.runs.push_back(std::move(run));
    return {};
  }

  Result<void> run_interpreter_again() {
    std::vector<Inference> found;
    StateBytes states;
    for (const Inference &frames : frames_) {
      auto outputs = interpret_outputs(*network_.graph, frames, states);
      if (!outputs) return tl::unexpected(outputs.error());
      found.push_back(std::move(*outputs));
    }
    if (!rounds_differently(network_.passes)) return add({"interpreter"}, found);
    for (std::size_t t = 0; t < found.size(); ++t) {
      auto outputs = to_file_outputs(network_, found[t]);
      if (!outputs) return tl::unexpected(outputs.error());
      expected_[t] = std::move(*outputs);
    }
    return {};
  }

  Result<void> run_schedule() {
    tell("executing the schedule");
    std::vector<Inference> found;
    StateBytes states;
    for (const Inference &frames : frames_) {
      auto outputs = execute(stream_.schedule(), frames, states);
      if (!outputs) return tl::unexpected(outputs.error());
      found.push_back(std::move(*outputs));
    }
    return add({"schedule"}, found);
  }

  /// Calls of the emitted program. `hard`: the stream begins after another one, and its state is moved.
  Result<void> run_on(const Profile &profile, const EmittedProgram &program, bool hard) {
    const CallList list = calls_of(frames_, hard ? Pace::hard : Pace::plain);
    const auto made = run_calls(profile, program, make_state_feeder(stream_), list.calls, step_);
    if (!made) return tl::unexpected(made.error());
    std::vector<Inference> found;
    for (std::size_t c = list.first; c < list.calls.size(); ++c) {
      const TensorBytes &out = made->outputs[c];
      found.emplace_back(out.begin() + 1, out.end());
    }
    StreamRun run{profile.name};
    if (made->flash) {
      run.count(step_figures(list, *made, 0, 1));
      // An inference needs its frame from the beginning.
      run.instructions_with_frame.reset();
      result_.flash = *made->flash;
    }
    return add(std::move(run), found);
  }

  const StateStream &stream_;
  const Network &network_;
  const Step &step_;
  std::vector<Inference> frames_;    ///< what each step takes
  std::vector<Inference> expected_;  ///< and gives, as the model file has it
  StreamVerification result_;
};

}  // namespace

Result<StreamVerification> verify_stream(const StateStream &stream, std::uint32_t seed, const Step &step) {
  return StateVerifier(stream, seed, step).run();
}

}  // namespace thimble::report
