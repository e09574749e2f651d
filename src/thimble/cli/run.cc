#include "thimble/report/run.h"

#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/json.h"
#include "thimble/report/stream_run.h"
#include "thimble/report/text.h"

namespace thimble::cli {
namespace {

struct Options {
  report::CompileOptions compile;
  report::RunOptions run;
  bool stream = false;
  report::StreamRequest time;
  std::string json;
};

/// Frames in, outputs when due.
int run_stream(const Options &options) {
  report::StreamRequest request = options.time;
  request.compile = options.compile;
  const auto stream = report::plan_any_stream(request);
  if (!stream) return fail(stream.error());
  const report::StreamRunOptions wanted{options.run.input, options.run.output, options.run.on,
                                        options.run.ends, options.run.compare};
  const auto outcome = [&] {
    Progress progress;
    return report::run_stream(*stream, wanted, [&](const std::string &what) { progress.step(what); });
  }();
  if (!outcome) return fail(outcome.error());
  OutputFiles outputs;
  if (!options.run.output.empty())
    outputs.add(options.run.output, {outcome->output.begin(), outcome->output.end()});
  const auto printed =
      print_report(report::stream_run_text(*stream, outcome->report),
                   report::stream_run_json(*stream, outcome->report), options.json, std::move(outputs));
  if (!printed) return fail(printed.error());
  return outcome->report.mismatched_bytes.value_or(0) == 0 ? kGood : kBad;
}

int run(Options options) {
  const std::string &on = options.run.on;
  if (on != "interpreter" && on != "schedule") options.compile.target = on;
  if (options.stream) return run_stream(options);
  const auto network = report::plan_network(options.compile);
  if (!network) return fail(network.error());
  const auto outcome = [&] {
    Progress progress;
    return report::run_network(*network, options.run, [&](const std::string &what) { progress.step(what); });
  }();
  if (!outcome) return fail(outcome.error());
  OutputFiles outputs;
  if (!options.run.output.empty())
    outputs.add(options.run.output, {outcome->output.begin(), outcome->output.end()});
  const auto printed =
      print_report(report::run_text(*network, outcome->report), report::run_json(*network, outcome->report),
                   options.json, std::move(outputs));
  if (!printed) return fail(printed.error());
  return outcome->report.figures.mismatched_bytes.value_or(0) == 0 ? kGood : kBad;
}

}  // namespace

void add_run(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand("run", "Run inputs of your own");
  auto options = std::make_shared<Options>();
  add_compile_options(*verb, options->compile);
  verb->add_option("--input", options->run.input,
                   "Inputs: raw, inference after inference with tensors in file order; or one tensor as .npy")
      ->required()
      ->option_text("FILE");
  verb->add_option("--output", options->run.output, "Where the outputs go, likewise")->option_text("FILE");
  verb->add_option("--on", options->run.on, "interpreter, schedule or a device as for --target")
      ->capture_default_str()
      ->option_text("WHERE");
  const std::map<std::string, report::RawEnds> names{{"auto", report::RawEnds::automatic},
                                                     {"file", report::RawEnds::file},
                                                     {"network", report::RawEnds::network}};
  verb->add_option(
          "--ends", options->run.ends,
          "Whose types the files have: the model file's, or those of the network without QUANTIZE and "
          "DEQUANTIZE at its ends; auto takes what fits the size, the model file's first")
      ->transform(CLI::Transformer(names, CLI::ignore_case))
      ->option_text("auto|file|network");
  verb->add_option("--labels", options->run.labels,
                   "One class per inference (raw bytes or .npy): prints accuracy")
      ->option_text("FILE");
  verb->add_flag("--compare", options->run.compare,
                 "Also run the interpreter; exit code 1 when an output byte differs");
  add_stream_option(
      *verb, options->stream, options->time,
      "As a stream: the input holds frames, those of a step together, as many as there are; the "
      "output gets what is due")
      ->excludes("--labels");
  add_json_option(*verb, options->json);
  verb->footer(
      "Examples:\n"
      "  thimble run net.tflite --input x.bin --output y.bin\n"
      "  thimble run net.tflite --input x.npy --output y.npy --on schedule\n"
      "  thimble run net.tflite --input x.bin --labels labels.bin --on cortex-m4 --compare\n"
      "  thimble run keywords.tflite --stream --input frames.bin --output scores.bin --on cortex-m4");
  verb->callback([options, verb, &action] {
    // A device that was asked for by --target alone is where to run.
    if (verb->count("--on") == 0 && verb->count("--target") > 0) options->run.on = options->compile.target;
    action = [options] { return run(*options); };
  });
}

}  // namespace thimble::cli
