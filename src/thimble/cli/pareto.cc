#include "thimble/report/pareto.h"

#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"

namespace thimble::cli {
namespace {

struct Options {
  report::CompileOptions compile;
  std::string json;
};

int pareto(const Options &options) {
  const auto points = [&] {
    Progress progress;
    progress.step("searching the front");
    return report::plan_front(options.compile);
  }();
  if (!points) return fail(points.error());
  const auto printed = print_report(report::pareto_text(*points), report::pareto_json(*points), options.json);
  return printed ? kGood : fail(printed.error());
}

}  // namespace

void add_pareto(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand(
      "pareto",
      "List the plans that trade multiply-accumulates for RAM: the front, up to --max-overhead (4)");
  auto options = std::make_shared<Options>();
  add_compile_options(*verb, options->compile);
  add_json_option(*verb, options->json);
  verb->footer(
      "Every point has passed the proof. With the same options, compile, run and verify take it by its "
      "name.\n\n"
      "Examples:\n"
      "  thimble pareto net.tflite\n"
      "  thimble pareto net.tflite --stream-input --max-overhead 1.5 --json -\n"
      "  thimble compile net.tflite --plan p3 -o out/net");
  verb->callback([options, &action] { action = [options] { return pareto(*options); }; });
}

}  // namespace thimble::cli
