#include "thimble/report/run.h"

namespace thimble::report {
namespace {

Result<Execution> execute_on(const Network &network, const std::string &on,
                             const std::vector<Inference> &inputs, const Step &step) {
  if (on == "interpreter") return run_interpreter(network, inputs);
  if (on == "schedule") return run_schedule(network, inputs);
  const auto program = emit_network(network);
  if (!program) return tl::unexpected(program.error());
  const auto profile = load_profile(on);
  if (!profile) return tl::unexpected(profile.error());
  return run_target(network, *program, *profile, inputs, step);
}

/// Every inference through `convert`.
template <class Convert>
Result<std::vector<Inference>> convert_all(const Network &network, const std::vector<Inference> &inferences,
                                           Convert &&convert) {
  std::vector<Inference> converted;
  for (const Inference &inference : inferences) {
    auto one = convert(network, inference);
    if (!one) return tl::unexpected(one.error());
    converted.push_back(std::move(*one));
  }
  return converted;
}

/// The first output's largest element is the class.
Result<Accuracy> accuracy_of(const std::filesystem::path &path, const Graph &graph,
                             const std::vector<Inference> &outputs) {
  const auto labels = read_labels(path);
  if (!labels) return tl::unexpected(labels.error());
  if (labels->size() != outputs.size()) {
    return file_failure(path.string(),
                        "holds " + std::to_string(labels->size()) + " labels for " +
                            std::to_string(outputs.size()) + " inferences",
                        "give one label per inference");
  }
  Accuracy accuracy{0, static_cast<std::int64_t>(labels->size())};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const ElementType type = graph.tensor(graph.outputs[0]).type;
    if (argmax(outputs[i][0], type) == (*labels)[i]) ++accuracy.right;
  }
  return accuracy;
}

}  // namespace

Result<RunOutcome> run_network(const Network &network, const RunOptions &options, const Step &step) {
  const Graph &graph = *network.graph;
  auto read = read_inputs(options.input, specs_of(*network.file, network.file->inputs),
                          specs_of(graph, graph.inputs), options.ends);
  if (!read) return tl::unexpected(read.error());
  const bool convert = read->ends == RawEnds::file;
  if (convert) {
    auto converted = convert_all(network, read->inferences, to_network_inputs);
    if (!converted) return tl::unexpected(converted.error());
    read->inferences = std::move(*converted);
  }
  auto execution = execute_on(network, options.on, read->inferences, step);
  if (!execution) return tl::unexpected(execution.error());

  RunOutcome outcome;
  RunReport &report = outcome.report;
  report.inferences = read->inferences.size();
  report.ends = convert ? "file" : "network";
  report.figures = execution->figures;
  report.flash = execution->flash;
  if (options.compare) {
    const auto oracle = run_interpreter(network, read->inferences);
    if (!oracle) return tl::unexpected(oracle.error());
    report.figures.mismatched_bytes = compare(oracle->outputs, execution->outputs).bytes;
    report.compared_bytes =
        static_cast<std::int64_t>(report.inferences) * bytes_of(specs_of(graph, graph.outputs));
  }
  if (!options.labels.empty()) {
    const auto accuracy = accuracy_of(options.labels, graph, execution->outputs);
    if (!accuracy) return tl::unexpected(accuracy.error());
    report.accuracy = *accuracy;
  }
  if (!options.output.empty()) {
    std::vector<Inference> outputs = std::move(execution->outputs);
    if (convert) {
      auto converted = convert_all(network, outputs, to_file_outputs);
      if (!converted) return tl::unexpected(converted.error());
      outputs = std::move(*converted);
    }
    const Graph &ends = convert ? *network.file : graph;
    auto bytes = output_bytes(options.output, specs_of(ends, ends.outputs), outputs);
    if (!bytes) return tl::unexpected(bytes.error());
    outcome.output = std::move(*bytes);
  }
  return outcome;
}

}  // namespace thimble::report
