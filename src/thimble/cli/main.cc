// thimble: trained networks become small, verified C for microcontrollers.
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "thimble/base/files.h"
#include "thimble/base/version.h"
#include "thimble/cli/console.h"
#include "thimble/cli/verbs.h"

namespace thimble::cli {
namespace {

/// Usage errors are one line and a hint.
int usage(const CLI::App &app, const std::string &what) {
  std::string verb;
  for (const CLI::App *sub : app.get_subcommands()) verb += " " + sub->get_name();
  return fail(what + "; see: thimble" + verb + " --help", kUsage);
}

/// The first signal cleans up and then ends the tool as it would have at once. A second one, perhaps in
/// another thread, waits for that: it must not cut the work short.
extern "C" void end_by_signal(int number) {
  static std::atomic_flag ending;
  if (ending.test_and_set()) {
    for (;;) pause();
  }
  remove_temporary_folders();
  std::signal(number, SIG_DFL);
  std::raise(number);  // pending until this function has returned
}

/// Whatever ends the tool, the folders in which it builds firmware go. A signal that is ignored (nohup) stays
/// so.
void clean_up_after_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = end_by_signal;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

int tool(int argc, char **argv) {
  CLI::App app("Compiles trained neural networks into small, verified C for microcontrollers.", "thimble");
  app.set_version_flag("--version", std::string("thimble ") + version());
  app.set_help_flag("-h,--help", "Print this help");
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  thimble inspect net.tflite\n"
      "  thimble compile net.tflite -o out/net --target cortex-m4\n"
      "  thimble run     net.tflite --input x.bin --output y.bin --on cortex-m4\n"
      "  thimble verify  net.tflite --target cortex-m4\n"
      "  thimble pareto  net.tflite\n"
      "  thimble stream  keywords.tflite -o out/keywords --verify\n"
      "  thimble soi     denoiser.tflite --pairs '1|3' --kind fp -o slower.tflite\n\n"
      "thimble VERB --help tells more. Exit codes: 0 good, 1 bad input or a mismatch, 2 bad usage.");
  clean_up_after_signals();
  Action action;
  add_inspect(app, action);
  add_compile(app, action);
  add_run(app, action);
  add_verify(app, action);
  add_pareto(app, action);
  add_stream(app, action);
  add_soi(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError &error) {
    return usage(app, error.what());
  }
  return action();
}

}  // namespace
}  // namespace thimble::cli

int main(int argc, char **argv) {
  return thimble::cli::tool(argc, argv);
}
