// The verbs of the tool. Each adds its subcommand and, when it is the one called, sets the action to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "thimble/report/stream.h"

namespace thimble::cli {

/// Does the work of a verb and returns the exit code.
using Action = std::function<int()>;

void add_inspect(CLI::App &app, Action &action);
void add_compile(CLI::App &app, Action &action);
void add_run(CLI::App &app, Action &action);
void add_verify(CLI::App &app, Action &action);
void add_pareto(CLI::App &app, Action &action);
void add_stream(CLI::App &app, Action &action);
void add_soi(CLI::App &app, Action &action);

/// The model, the target and the passes: options of every verb that compiles.
void add_network_options(CLI::App &verb, report::CompileOptions &options);
/// The options of `compile` that `run` and `verify` share, those of the network included.
void add_compile_options(CLI::App &verb, report::CompileOptions &options);
/// How time runs through a stream.
void add_time_options(CLI::App &verb, report::StreamRequest &request);
/// `--stream` of a verb that takes compile options: with it the time options make sense, and what chooses
/// among the plans of a single run does not.
CLI::Option *add_stream_option(CLI::App &verb, bool &stream, report::StreamRequest &request,
                               const char *help);
void add_json_option(CLI::App &verb, std::string &path);

/// One of the words of `words`, or a line that lists them.
template <class Word, class Value>
void add_word_option(CLI::App &verb, const char *name, Value &value, const std::map<std::string, Word> &words,
                     const char *description, const char *text) {
  verb.add_option_function<std::string>(
          name,
          [name, &value, words](const std::string &word) {
            const auto known = words.find(word);
            if (known == words.end()) {
              std::string all;
              for (const auto &[other, unused] : words) all += (all.empty() ? "" : ", ") + other;
              throw CLI::ValidationError(name, "'" + word + "' is none of " + all);
            }
            value = known->second;
          },
          description)
      ->option_text(text);
}

}  // namespace thimble::cli
