#include "thimble/report/stream_run.h"

#include "thimble/graph/interpret.h"
#include "thimble/report/state_feeder.h"
#include "thimble/report/stream_batch.h"

namespace thimble::report {
namespace {

/// `end` for `elements` of its axis of time, which an end of the whole network has many more of.
End end_of(End end, std::optional<int> axis, std::int64_t elements) {
  for (Tensor *tensor : {&end.file, &end.network}) {
    if (axis) tensor->shape[static_cast<std::size_t>(*axis)] = static_cast<std::int32_t>(elements);
  }
  return end;
}

/// What the two kinds of streams differ in.
struct RingSteps {
  const StreamNetwork &stream;

  const Network &network() const { return stream.network; }
  std::int64_t first_step() const { return stream.plan.first_output / stream.request.hop; }
  std::int64_t period() const { return static_cast<std::int64_t>(stream.macs.steps.size()); }
  StreamFeeder feeder() const { return make_stream_feeder(stream); }

  std::vector<End> inputs() const {
    const TimeSpan &time = span(stream.schedule().graph->inputs[0]);
    return {end_of(network().ends.inputs[0], time.axis, std::int64_t{time.grain} * stream.request.hop)};
  }
  /// Of one element of time.
  std::vector<End> outputs() const {
    const TensorId y = stream.schedule().graph->outputs[0];
    End end = network().ends.outputs[0];
    end.file.shape = end.network.shape = stream.schedule().graph->tensor(y).shape;
    return {end_of(end, span(y).axis, span(y).grain)};
  }

  Result<std::vector<Inference>> interpret(const std::vector<Inference> &steps) const {
    auto outputs = batch_outputs(stream, steps, false);
    if (!outputs) return tl::unexpected(outputs.error());
    std::vector<Inference> found;
    for (Bytes &output : *outputs) found.push_back({std::move(output)});
    return found;
  }

 private:
  const TimeSpan &span(TensorId tensor) const {
    return stream.schedule().time->tensors[static_cast<std::size_t>(tensor)];
  }
};

struct StateSteps {
  const StateStream &stream;

  const Network &network() const { return stream.network; }
  std::int64_t first_step() const { return 0; }
  std::int64_t period() const { return 1; }
  StreamFeeder feeder() const { return make_state_feeder(stream); }
  const std::vector<End> &inputs() const { return network().ends.inputs; }
  const std::vector<End> &outputs() const { return network().ends.outputs; }

  Result<std::vector<Inference>> interpret(const std::vector<Inference> &steps) const {
    StateBytes states;
    std::vector<Inference> found;
    for (const Inference &frames : steps) {
      auto outputs = interpret_outputs(*network().graph, frames, states);
      if (!outputs) return tl::unexpected(outputs.error());
      found.push_back(std::move(*outputs));
    }
    return found;
  }
};

RingSteps steps_of(const StreamNetwork &stream) {
  return {stream};
}
StateSteps steps_of(const StateStream &stream) {
  return {stream};
}

std::vector<TensorSpec> specs_of(const std::vector<End> &ends, bool file) {
  std::vector<TensorSpec> specs;
  for (const End &end : ends) {
    const Tensor &tensor = file ? end.file : end.network;
    specs.push_back({tensor.name, tensor.type, tensor.shape});
  }
  return specs;
}

template <class Convert>
Result<void> convert_all(const std::vector<End> &ends, std::vector<Inference> &all, Convert &&convert) {
  for (Inference &one : all) {
    for (std::size_t t = 0; t < one.size(); ++t) {
      auto bytes = convert(ends[t], one[t]);
      if (!bytes) return tl::unexpected(bytes.error());
      one[t] = std::move(*bytes);
    }
  }
  return {};
}

/// Outputs of the calls of an emitted stream, an inference for each.
template <class Steps>
Result<std::vector<Inference>> run_on_device(const Steps &stream, const EmittedProgram &program,
                                             const std::vector<Inference> &steps, StreamRunReport &report,
                                             const Step &step) {
  const auto profile = load_profile(report.on);
  if (!profile) return tl::unexpected(profile.error());
  const CallList list = calls_of(steps, Pace::plain);
  const auto made = run_calls(*profile, program, stream.feeder(), list.calls, step);
  if (!made) return tl::unexpected(made.error());
  std::vector<Inference> found;
  std::vector<std::int64_t> sizes;
  for (const TensorSpec &spec : specs_of(stream.outputs(), false)) sizes.push_back(spec.bytes());
  for (std::size_t c = list.first; c < list.calls.size(); ++c) {
    const TensorBytes &out = made->outputs[c];
    for (std::int64_t due = 0; due < out[0][0]; ++due) {
      Inference &one = found.emplace_back();
      for (std::size_t t = 0; t < sizes.size(); ++t) {
        const auto begin = out[t + 1].begin() + due * sizes[t];
        one.emplace_back(begin, begin + sizes[t]);
      }
    }
  }
  if (made->flash) {
    const StepFigures figures = step_figures(list, *made, stream.first_step(), stream.period());
    report.instructions = figures.instructions;
    report.cycles_estimate = figures.cycles_estimate;
    report.stack_bytes = figures.stack_bytes;
    report.flash = made->flash;
  }
  return found;
}

std::int64_t differing_bytes(const std::vector<Inference> &a, const std::vector<Inference> &b) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) bytes += compare({a[i]}, {b[i]}).bytes;
  const std::vector<Inference> &longer = a.size() > b.size() ? a : b;
  for (std::size_t i = std::min(a.size(), b.size()); i < longer.size(); ++i) {
    for (const Bytes &tensor : longer[i]) bytes += static_cast<std::int64_t>(tensor.size());
  }
  return bytes;
}

template <class Steps>
Result<StreamRunOutcome> run(const Steps &stream, const Result<EmittedProgram> &program,
                             const StreamRunOptions &options, const Step &step) {
  if (!program) return tl::unexpected(program.error());
  auto read = read_inputs(options.input, specs_of(stream.inputs(), true), specs_of(stream.inputs(), false),
                          options.ends);
  if (!read) return tl::unexpected(read.error());
  std::vector<Inference> &steps = read->inferences;
  const bool convert = read->ends == RawEnds::file;
  if (convert) {
    if (auto ok = convert_all(stream.inputs(), steps, to_network); !ok) return tl::unexpected(ok.error());
  }
  StreamRunOutcome outcome;
  StreamRunReport &report = outcome.report;
  report.on = options.on;
  report.steps = static_cast<std::int64_t>(steps.size());
  report.ends = convert ? "file" : "network";
  const bool interpreted = options.on == "interpreter";
  auto found = interpreted ? stream.interpret(steps) : run_on_device(stream, *program, steps, report, step);
  if (!found) return tl::unexpected(found.error());
  report.outputs = static_cast<std::int64_t>(found->size());
  if (options.compare) {
    const auto expected = stream.interpret(steps);
    if (!expected) return tl::unexpected(expected.error());
    report.compared_bytes =
        static_cast<std::int64_t>(expected->size()) * bytes_of(specs_of(stream.outputs(), false));
    report.mismatched_bytes = differing_bytes(*expected, *found);
  }
  if (options.output.empty()) return outcome;
  if (convert) {
    if (auto ok = convert_all(stream.outputs(), *found, to_file); !ok) return tl::unexpected(ok.error());
  }
  auto bytes = output_bytes(options.output, specs_of(stream.outputs(), convert), *found);
  if (!bytes) return tl::unexpected(bytes.error());
  outcome.output = std::move(*bytes);
  return outcome;
}

}  // namespace

Result<StreamRunOutcome> run_stream(const AnyStream &stream, const StreamRunOptions &options,
                                    const Step &step) {
  if (options.on == "schedule")
    return failure("the schedule of a stream is run by verify only", "use --on interpreter or a device");
  return std::visit([&](const auto &one) { return run(steps_of(one), emit_stream(one), options, step); },
                    stream);
}

}  // namespace thimble::report
