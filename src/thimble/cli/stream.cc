#include "thimble/cli/stream.h"

#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/any_stream.h"
#include "thimble/report/stream_json.h"
#include "thimble/report/stream_text.h"

namespace thimble::cli {
namespace {

template <class Stream>
Result<report::StreamVerification> verify(const Stream &stream, const StreamCommand &options) {
  Progress progress;
  return report::verify_stream(stream, options.seed, [&](const std::string &what) { progress.step(what); });
}

/// Writes what has been planned, whichever kind of stream it is.
template <class Stream>
int write(const Stream &stream, const StreamCommand &options) {
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

}  // namespace

int stream(const StreamCommand &command) {
  const auto stream = report::plan_any_stream(command.request);
  if (!stream) return fail(stream.error());
  return std::visit([&](const auto &one) { return write(one, command); }, *stream);
}

void add_stream(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand(
      "stream", "Write C that takes one frame per call and computes nothing twice, and print the plan");
  auto options = std::make_shared<StreamCommand>();
  report::StreamRequest &request = options->request;
  add_network_options(*verb, request.compile);
  verb->add_option("-o,--output", options->output, "Folder for the C sources, made when absent")
      ->option_text("DIR");
  add_time_options(*verb, request);
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
