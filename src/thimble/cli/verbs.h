// The verbs of the tool. Each adds its subcommand and, when it is the one called, sets the action to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "thimble/report/network.h"

namespace thimble::cli {

/// Does the work of a verb and returns the exit code.
using Action = std::function<int()>;

void add_inspect(CLI::App &app, Action &action);
void add_compile(CLI::App &app, Action &action);
void add_run(CLI::App &app, Action &action);
void add_verify(CLI::App &app, Action &action);
void add_pareto(CLI::App &app, Action &action);

/// The options of `compile` that `run` and `verify` share, the model included.
void add_compile_options(CLI::App &verb, report::CompileOptions &options);
void add_json_option(CLI::App &verb, std::string &path);

}  // namespace thimble::cli
