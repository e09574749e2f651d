#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/frames.h"
#include "thimble/report/size.h"
#include "thimble/report/soi_json.h"
#include "thimble/report/soi_text.h"
#include "thimble/report/stream_text.h"

namespace thimble::cli {
namespace {

/// Limits as they were written: shares are known only when the network is.
struct LimitTexts {
  std::string average, peak, critical;
  std::optional<std::int64_t> state_bytes, latency;
  std::optional<double> least_decibels;
};

struct Options {
  report::CompileOptions compile;
  std::optional<int> axis;
  report::SoiRequest request;
  bool predictive = false;
  std::optional<std::int32_t> shift;
  bool causal = false, list = false, search = false, verify = false, no_skips = false;
  LimitTexts limits;
  soi::SearchRequest searching;
  std::string data;
  std::size_t windows = 4;
  std::string output, json;
  std::uint32_t seed = report::kDefaultSeed;
};

/// What does not go together; empty where all does.
std::string conflict(const Options &options) {
  const bool pairs = !options.request.pairs.numbers.empty();
  const int modes = int{options.list} + int{options.search} + int{pairs};
  if (modes != 1) return "one of --list, --pairs and --search is needed";
  if (options.search && options.data.empty()) return "--search needs --data";
  if (!options.search && !options.data.empty()) return "--data is for --search";
  if (!pairs && (!options.output.empty() || options.verify)) return "-o and --verify need --pairs";
  const bool shifted = options.predictive || options.shift.value_or(0) > 0;
  if (options.request.training_free &&
      (shifted || options.request.pairs.extrapolation != soi::Extrapolation::hold))
    return "--hold neither shifts nor draws lines";
  if (!options.predictive && options.shift.value_or(0) > 0) return "--shift needs --kind fp";
  if (options.predictive && options.shift.value_or(1) == 0) return "--kind fp needs a --shift above 0";
  return "";
}

int list(const report::SoiNetwork &network, const Options &options) {
  const auto printed =
      print_report(report::soi_positions_text(network), report::soi_positions_json(network), options.json);
  return printed ? kGood : fail(printed.error());
}

soi::Limits limits_of(const report::SoiNetwork &network, const LimitTexts &texts) {
  soi::Limits limits{{}, {}, {}, texts.state_bytes, texts.latency, texts.least_decibels};
  const auto set = [](std::optional<double> &limit, const std::string &text, double own) {
    if (!text.empty()) limit = report::parse_share(text, own);
  };
  set(limits.average, texts.average, network.cost.average);
  set(limits.peak, texts.peak, static_cast<double>(network.cost.peak));
  set(limits.critical, texts.critical, static_cast<double>(network.cost.critical));
  return limits;
}

int search(const report::SoiNetwork &network, Options options) {
  const Tensor &input = network.graph->tensor(network.graph->inputs[0]);
  const auto windows = report::read_windows(options.data, input, network.axes.input_axis, options.windows);
  if (!windows) return fail(windows.error());
  soi::SearchRequest &request = options.searching;
  request.limits = limits_of(network, options.limits);
  request.extrapolation = options.request.pairs.extrapolation;
  request.factors = {options.request.pairs.factor};
  request.fresh_skips = !options.no_skips;
  request.training_free = options.request.training_free;
  Progress progress;
  progress.step("searching");
  const auto found = soi::search(network.timed(), network.positions, request, *windows);
  if (!found) return fail(found.error());
  const auto printed =
      print_report(report::soi_search_text(network, request, *found, windows->size()),
                   report::soi_search_json(network, request, *found, windows->size()), options.json);
  if (!printed) return fail(printed.error());
  return found->front.empty() ? kBad : kGood;
}

/// The model alone, or the program beside it.
Result<OutputFiles> files_of(const report::SoiModel &model, const Options &options) {
  OutputFiles outputs;
  if (options.output.empty()) return outputs;
  if (options.output.ends_with(".tflite")) {
    outputs.add(options.output, model.file);
    return outputs;
  }
  auto program = report::emit_stream(model.stream);
  if (!program) return tl::unexpected(program.error());
  outputs = {options.output, std::move(program->files)};
  outputs.files[model.stream.network.options.name + ".tflite"] = model.file;
  return outputs;
}

int rewrite(const report::SoiNetwork &network, Options options) {
  options.request.pairs.fresh_skips = !options.no_skips;
  options.request.pairs.shift = options.predictive ? options.shift.value_or(1) : 0;
  const auto model = report::make_soi_model(network, options.request);
  if (!model) return fail(model.error());
  std::string text = report::soi_text(network, *model) + "\n" + report::stream_text(model->stream);
  std::optional<report::StreamVerification> verification;
  if (options.verify) {
    Progress progress;
    auto verified = report::verify_stream(model->stream, options.seed,
                                          [&](const std::string &what) { progress.step(what); });
    if (!verified) return fail(verified.error());
    verification = std::move(*verified);
    text += report::stream_verify_text(model->stream, *verification);
  }
  auto outputs = files_of(*model, options);
  if (!outputs) return fail(outputs.error());
  std::optional<std::vector<std::string>> names;
  if (!options.output.empty()) {
    names.emplace();
    for (const auto &[name, unused] : outputs->files) names->push_back(name);
    text += "\nwrote " + options.output +
            (names->size() > 1 ? ": " + std::to_string(names->size()) + " files, " +
                                     model->stream.network.options.name + ".tflite among them\n"
                               : "\n");
  }
  const auto printed = print_report(text, report::soi_json(network, *model, verification, names),
                                    options.json, std::move(*outputs));
  if (!printed) return fail(printed.error());
  return verification && verification->mismatched_bytes > 0 ? kBad : kGood;
}

int soi(const Options &options) {
  if (const std::string what = conflict(options); !what.empty())
    return fail(what + "; see: thimble soi --help", kUsage);
  const auto network = report::read_soi_network(options.compile, options.axis, options.causal);
  if (!network) return fail(network.error());
  if (options.list) return list(*network, options);
  return options.search ? search(*network, options) : rewrite(*network, options);
}

std::string check_share(const std::string &text) {
  return report::parse_share(text, 1) ? "" : "'" + text + "' is neither a share such as 40% nor a number";
}

void add_rewriting_options(CLI::App &verb, Options &options) {
  soi::Pairs &pairs = options.request.pairs;
  verb.add_flag("--list", options.list, "List the positions of regions that can be compressed");
  verb.add_option_function<std::string>(
          "--pairs",
          [&pairs](const std::string &text) {
            const auto numbers = report::parse_pairs(text);
            if (!numbers)
              throw CLI::ValidationError("--pairs",
                                         "'" + text + "' is no list of positions such as 3 or 1|3");
            pairs.numbers = *numbers;
          },
          "Positions whose regions run at a fraction of the rate, e.g. 3 or '1|3' (nested)")
      ->option_text("P|Q");
  add_word_option<bool>(verb, "--kind", options.predictive, {{"pp", false}, {"fp", true}},
                        "pp (the default): partially predictive; fp: fully predictive, outermost regions are "
                        "shifted and run before their frame is there",
                        "KIND");
  verb.add_option("--shift", options.shift, "Frames by which fp shifts; default 1")
      ->check(CLI::Range(0, soi::kMostShift))
      ->option_text("D");
  add_word_option<soi::Extrapolation>(
      verb, "--extrapolate", pairs.extrapolation,
      {{"hold", soi::Extrapolation::hold},
       {"linear", soi::Extrapolation::linear},
       {"tconv", soi::Extrapolation::tconv}},
      "hold (the default), linear (waits for the next element: more latency) or tconv", "HOW");
  verb.add_option("--factor", pairs.factor,
                  "Each region runs in one of so many frames of what is around it; default 2")
      ->check(CLI::Range(2, soi::kMostFactor))
      ->option_text("N");
  verb.add_flag(
      "--hold", options.request.training_free,
      "Training-free, and not SOI: filters keep their taps, regions are skipped, their values held");
  verb.add_flag("--no-skips", options.no_skips, "Add no fresh skip connections around regions without one");
}

void add_search_options(CLI::App &verb, Options &options) {
  verb.add_flag("--search", options.search, "Search for pairs and print the Pareto front");
  verb.add_option("--data", options.data, "Recorded frames for --search: .npz, .npy or raw windows")
      ->option_text("FILE");
  verb.add_option("--windows", options.windows, "Windows of the data that are used; default 4")
      ->check(CLI::Range(1, 100000))
      ->option_text("N");
  verb.add_option("--macs-avg", options.limits.average, "Most multiply-accumulates of a step on average")
      ->check(check_share)
      ->option_text("SHARE");
  verb.add_option("--macs-peak", options.limits.peak, "Most multiply-accumulates of any step")
      ->check(check_share)
      ->option_text("SHARE");
  verb.add_option("--macs-critical", options.limits.critical,
                  "Most multiply-accumulates between a frame and its output")
      ->check(check_share)
      ->option_text("SHARE");
  verb.add_option_function<std::string>(
          "--state",
          [&options](const std::string &text) { options.limits.state_bytes = report::parse_size(text); },
          "Most bytes that live between steps, e.g. 8k")
      ->check([](const std::string &text) {
        return report::parse_size(text) ? std::string() : "'" + text + "' is not a size such as 65536 or 64k";
      })
      ->option_text("SIZE");
  verb.add_option("--latency", options.limits.latency, "Most frames between a frame and its output")
      ->check(CLI::NonNegativeNumber)
      ->option_text("N");
  verb.add_option("--min-snr", options.limits.least_decibels, "Least signal to injected error, in decibels")
      ->option_text("DB");
  verb.add_option("--most-pairs", options.searching.most_pairs, "Most pairs of a plan; default 3")
      ->check(CLI::Range(std::size_t{1}, soi::kMostPairs))
      ->option_text("N");
  verb.add_option("--shifts", options.searching.shifts, "Shifts to try, 0 is pp; default 0,1,2")
      ->delimiter(',')
      ->check(CLI::Range(0, soi::kMostShift))
      ->option_text("D,D");
}

}  // namespace

void add_soi(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand(
      "soi", "Let parts of a network over time run at a fraction of its rate, or search for such parts");
  auto options = std::make_shared<Options>();
  add_network_options(*verb, options->compile);
  add_rewriting_options(*verb, *options);
  add_search_options(*verb, *options);
  verb->add_option("-o,--output", options->output,
                   "OUT.tflite: the rewritten model; a folder: the model and C as of thimble stream")
      ->option_text("OUT");
  verb->add_option("--axis", options->axis, "Axis of the input along which time runs")->option_text("A");
  verb->add_flag("--causal", options->causal,
                 "Lay padding behind the window before it first: another function, of less latency");
  verb->add_flag("--verify", options->verify, "Also verify the stream, as thimble stream --verify does");
  verb->add_option("--seed", options->seed, "Where the generator of the frames to verify with starts")
      ->capture_default_str()
      ->option_text("S");
  add_json_option(*verb, options->json);
  verb->footer(
      "SHARE is a number of multiply-accumulates or a percentage of what the network itself takes, e.g. "
      "40%.\n"
      "Exit code 1 when a byte differs, and when no plan keeps to the limits.\n\n"
      "Examples:\n"
      "  thimble soi denoiser.tflite --list\n"
      "  thimble soi denoiser.tflite --pairs '1|3' --kind fp -o slower.tflite\n"
      "  thimble soi denoiser.tflite --pairs 2 --hold --verify -o out/denoiser\n"
      "  thimble soi denoiser.tflite --search --macs-avg 40% --macs-critical 10% --data stream.npz");
  verb->callback([options, &action] { action = [options] { return soi(*options); }; });
}

}  // namespace thimble::cli
