#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/any_stream.h"
#include "thimble/report/stream_json.h"
#include "thimble/report/stream_text.h"

namespace thimble::cli {
namespace {

struct Options {
  report::StreamRequest request;
  std::string output, json;
  bool verify = false;
  std::uint32_t seed = report::kDefaultSeed;
};

template <class Stream>
Result<report::StreamVerification> verify(const Stream &stream, const Options &options) {
  Progress progress;
  return report::verify_stream(stream, options.seed, [&](const std::string &what) { progress.step(what); });
}

/// Writes what has been planned, whichever kind of stream it is.
template <class Stream>
int write(const Stream &stream, const Options &options) {
  const auto program = report::emit_stream(stream);
  if (!program) return fail(program.error());
  std::string text = report::stream_text(stream);

  std::optional<report::StreamVerification> verification;
  report::Flash flash{program->weight_bytes, std::nullopt, ""};
  if (options.verify) {
    auto verified = verify(stream, options);
    if (!verified) return fail(verified.error());
    verification = std::move(*verified);
    flash = verification->flash;
    text += report::stream_verify_text(stream, *verification);
  }

  OutputFiles outputs;
  std::optional<std::vector<std::string>> names;
  if (!options.output.empty()) {
    outputs = {options.output, program->files};
    names.emplace();
    for (const auto &[name, unused] : program->files) names->push_back(name);
    text += "\nwrote " + std::to_string(names->size()) + " files to " + options.output + ", " +
            stream.network.options.name + ".h first\n";
  }
  const auto printed = print_report(text, report::stream_json(stream, flash, verification, names),
                                    options.json, std::move(outputs));
  if (!printed) return fail(printed.error());
  return verification && verification->mismatched_bytes > 0 ? kBad : kGood;
}

int stream(const Options &options) {
  const auto stream = report::plan_any_stream(options.request);
  if (!stream) return fail(stream.error());
  return std::visit([&](const auto &one) { return write(one, options); }, *stream);
}

}  // namespace

void add_stream(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand(
      "stream", "Write C that takes one frame per call and computes nothing twice, and print the plan");
  auto options = std::make_shared<Options>();
  report::StreamRequest &request = options->request;
  add_network_options(*verb, request.compile);
  verb->add_option("-o,--output", options->output, "Folder for the C sources, made when absent")
      ->option_text("DIR");
  verb->add_option("--axis", request.axis,
                   "Axis of the input along which time runs; default: the only one along which it can")
      ->option_text("A");
  add_word_option<stream::StreamMode>(
      *verb, "--mode", request.mode,
      {{"dense", stream::StreamMode::dense}, {"scheduled", stream::StreamMode::scheduled}},
      "scheduled (the default): an operator of stride s fires in every s-th call; dense: all fire in each "
      "call, and an output comes with each frame",
      "MODE");
  verb->add_option(
          "--hop", request.hop,
          "Frames that each step takes; default: 1, or those of an inference of a network with states")
      ->check(CLI::Range(1, 255))
      ->option_text("N");
  verb->add_flag("--causal", request.causal,
                 "Pad before the window what the network pads behind it, so that nothing waits for later "
                 "frames: another function, for networks that were trained so");
  verb->add_flag("--keep-states", request.keep_states,
                 "Keep the variables of a network that has some as they are: a step is one inference");
  verb->add_flag("--verify", options->verify,
                 "Also run schedule and emitted C, here and on the target, and compare every byte with the "
                 "batch's");
  verb->add_option("--seed", options->seed, "Where the generator of the frames to verify with starts")
      ->capture_default_str()
      ->option_text("S");
  add_json_option(*verb, options->json);
  verb->footer(
      "Exit code 1 when time could run along several axes, and when a byte differs.\n\n"
      "Examples:\n"
      "  thimble stream keywords.tflite -o out/keywords\n"
      "  thimble stream keywords.tflite --axis 1 --mode dense --verify --target cortex-m4 --json -");
  verb->callback([options, &action] { action = [options] { return stream(*options); }; });
}

}  // namespace thimble::cli
