#include "thimble/report/soi.h"

#include <charconv>

#include "thimble/read/tflite.h"
#include "thimble/rewrite/fold_padding.h"
#include "thimble/soi/hold.h"
#include "thimble/stream/causal.h"
#include "thimble/write/tflite.h"

namespace thimble::report {
namespace {

/// What was written computes what was meant: one inference tells.
Result<void> compare(const Graph &meant, const Graph &read) {
  const Inference inputs = random_inputs(meant, 1, kDefaultSeed)[0];
  const auto expected = interpret_outputs(meant, inputs);
  if (!expected) return tl::unexpected(expected.error());
  const auto found = interpret_outputs(read, inputs);
  if (!found) return tl::unexpected(found.error());
  if (*expected != *found)
    return file_failure(meant.file, "reads as another network than was written",
                        "report this as a bug of Thimble");
  return {};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<SoiNetwork> read_soi_network(const CompileOptions &options, std::optional<int> axis, bool causal) {
  auto file = read_tflite(std::filesystem::path(options.model));
  if (!file) return tl::unexpected(file.error());
  if (auto none = expect_no_states(*file, "compressing"); !none) return tl::unexpected(none.error());
  auto graph = fold_padding(std::move(*file));
  if (!graph) return tl::unexpected(graph.error());
  SoiNetwork network;
  network.options = options;
  auto axes = stream::find_time(*graph, axis);
  if (!axes) return tl::unexpected(axes.error());
  if (causal) graph = stream::make_causal(std::move(*graph), *axes).graph;
  network.graph = std::make_shared<const Graph>(std::move(*graph));
  network.axes = std::move(*axes);
  auto rates = stream::stream_rates(*network.graph, network.axes);
  if (!rates) return tl::unexpected(rates.error());
  network.rates = std::move(*rates);
  auto cost = soi::stream_cost(*network.graph, network.axes.input_axis);
  if (!cost) return tl::unexpected(cost.error());
  network.cost = *cost;
  auto positions = soi::positions(network.timed());
  if (!positions) return tl::unexpected(positions.error());
  network.positions = std::move(*positions);
  return network;
}

Result<SoiModel> make_soi_model(const SoiNetwork &network, const SoiRequest &request) {
  auto made = request.training_free ? soi::hold(network.timed(), network.positions, request.pairs)
                                    : soi::compress(network.timed(), network.positions, request.pairs);
  if (!made) return tl::unexpected(made.error());
  const auto cost = soi::stream_cost(made->graph, network.axes.input_axis);
  if (!cost) return tl::unexpected(cost.error());
  const auto bytes = write_tflite(made->graph);
  if (!bytes) return tl::unexpected(bytes.error());
  auto read = read_tflite(*bytes, network.graph->file);
  if (!read) return tl::unexpected(read.error());
  if (auto same = compare(made->graph, *read); !same) return tl::unexpected(same.error());
  StreamRequest streaming;
  streaming.compile = network.options;
  streaming.axis = network.axes.input_axis;
  auto planned = network_of(std::move(*read), network.options);
  if (!planned) return tl::unexpected(planned.error());
  auto stream = plan_stream_network(std::move(*planned), streaming);
  if (!stream) return tl::unexpected(stream.error());
  return SoiModel{
      request, std::move(made->regions), *cost, {bytes->begin(), bytes->end()}, std::move(*stream)};
}

std::optional<double> parse_share(std::string_view text, double full) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto number = parse_number<double>(text);
  if (!number || !(*number >= 0)) return std::nullopt;
  return percent ? *number * full / 100.0 : *number;
}

std::optional<std::vector<std::int32_t>> parse_pairs(std::string_view text) {
  std::vector<std::int32_t> numbers;
  while (true) {
    const std::size_t end = text.find_first_of("|,");
    const auto number = parse_number<std::int32_t>(text.substr(0, end));
    if (!number || *number < 1 || numbers.size() == soi::kMostPairs) return std::nullopt;
    numbers.push_back(*number);
    if (end == std::string_view::npos) return numbers;
    text.remove_prefix(end + 1);
  }
}

std::string pairs_options(const soi::Pairs &pairs, bool training_free) {
  std::string text = "--pairs '" + soi::pairs_text(pairs.numbers) + "'";
  if (training_free) text += " --hold";
  if (!training_free && pairs.shift > 0) text += " --kind fp --shift " + std::to_string(pairs.shift);
  if (pairs.factor != 2) text += " --factor " + std::to_string(pairs.factor);
  if (!training_free && pairs.extrapolation != soi::Extrapolation::hold)
    text += std::string(" --extrapolate ") + soi::name_of(pairs.extrapolation);
  return text;
}

}  // namespace thimble::report
