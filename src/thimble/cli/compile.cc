#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"
#include "thimble/report/execute_on.h"
#include "thimble/report/json.h"
#include "thimble/report/text.h"

namespace thimble::cli {
namespace {

struct Options {
  report::CompileOptions compile;
  std::string folder, json;
  bool verbose = false;
};

int compile(const Options &options) {
  const auto network = report::plan_network(options.compile);
  if (!network) return fail(network.error());
  const auto program = report::emit_network(*network);
  if (!program) return fail(program.error());
  const auto flash = report::measure_flash(*network, *program);
  if (!flash) return fail(flash.error());

  std::vector<std::string> names;
  for (const auto &[name, text] : program->files) names.push_back(name);
  std::string text = report::compile_text(*network, *flash, {options.verbose});
  text += "\nwrote " + std::to_string(names.size()) + " files to " + options.folder + ", " +
          network->options.name + ".h first\n";

  const auto printed = print_report(text, report::compile_json(*network, *flash, names), options.json,
                                    {options.folder, program->files});
  return printed ? kGood : fail(printed.error());
}

}  // namespace

void add_compile(CLI::App &app, Action &action) {
  CLI::App *verb = app.add_subcommand("compile", "Write C and print the plan");
  auto options = std::make_shared<Options>();
  add_compile_options(*verb, options->compile);
  verb->add_option("-o,--output-folder", options->folder, "Folder for the C sources, made when absent")
      ->required()
      ->option_text("DIR");
  verb->add_flag("-v,--verbose", options->verbose, "Show every stage of the plan");
  add_json_option(*verb, options->json);
  verb->footer(
      "Examples:\n"
      "  thimble compile net.tflite -o out/net\n"
      "  thimble compile net.tflite -o out/net --target cortex-m0plus --name net --selftest\n"
      "  thimble compile net.tflite -o out/net --ram 64k --json plan.json");
  verb->callback([options, &action] { action = [options] { return compile(*options); }; });
}

}  // namespace thimble::cli
