#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/read/tflite.h"
#include "thimble/report/json.h"
#include "thimble/report/text.h"

namespace thimble::cli {
namespace {

struct Options {
  std::string model, json;
};

int inspect(const Options &options) {
  const auto graph = read_tflite(options.model);
  if (!graph) return fail(graph.error());
  const auto printed = print_report(report::inspect_text(*graph), report::inspect_json(*graph), options.json);
  return printed ? kGood : fail(printed.error());
}

}  // namespace

void add_inspect(CLI::App &app, Action &action) {
  CLI::App *verb =
      app.add_subcommand("inspect", "Show operators, shapes, types, quantisation, MACs, weights");
  auto options = std::make_shared<Options>();
  verb->add_option("MODEL", options->model, "Model file (.tflite)")->required()->option_text(" ");
  add_json_option(*verb, options->json);
  verb->footer(
      "Examples:\n  thimble inspect net.tflite\n  thimble inspect net.tflite --json - | jq .compute.macs");
  verb->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace thimble::cli
