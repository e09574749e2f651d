#include "thimble/report/verify.h"

#include "thimble/cli/console.h"
#include "thimble/cli/stream.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/json.h"
#include "thimble/report/text.h"

namespace thimble::cli {
namespace {

struct Options {
  report::CompileOptions compile;
  int inputs = 3;
  std::uint32_t seed = report::kDefaultSeed;
  bool by_operator = false;
  bool stream = false;
  report::StreamRequest time;
  std::string json;
};

int verify(const Options &options) {
  if (options.stream) {
    StreamCommand command{options.time, {}, options.json, true, options.seed};
    command.request.compile = options.compile;
    return stream(command);
  }
  const auto network = report::plan_network(options.compile);
  if (!network) return fail(network.error());
  const auto verification = [&] {
    Progress progress;
    return report::verify_network(*network, options.inputs, options.seed, options.by_operator,
                                  [&](const std::string &what) { progress.step(what); });
  }();
  if (!verification) return fail(verification.error());
  const auto printed = print_report(report::verify_text(*network, *verification),
                                    report::verify_json(*network, *verification), options.json);
  if (!printed) return fail(printed.error());
  return verification->mismatched_bytes == 0 ? kGood : kBad;
}

}  // namespace

void add_verify(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand(
      "verify", "Run interpreter, schedule and emitted C, here and on the target, and compare every byte");
  auto options = std::make_shared<Options>();
  add_compile_options(*verb, options->compile);
  verb->add_option("--inputs", options->inputs, "Random inputs to run")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->option_text("K");
  verb->add_option("--seed", options->seed, "Where their generator starts")
      ->capture_default_str()
      ->option_text("S");
  verb->add_flag("--operators", options->by_operator,
                 "Also tell what each operator takes on the target: instructions, cycles, and both per MAC");
  add_stream_option(*verb, options->stream, options->time,
                    "As a stream: its steps against the batch, as thimble stream --verify does")
      ->excludes("--operators")
      ->excludes("--inputs");
  add_json_option(*verb, options->json);
  verb->footer(
      "Exit code 1 when a byte differs.\n\n"
      "Examples:\n"
      "  thimble verify net.tflite\n"
      "  thimble verify net.tflite --target cortex-m55 --inputs 16 --seed 1 --json -");
  verb->callback([options, &action] { action = [options] { return verify(*options); }; });
}

}  // namespace thimble::cli
