#include "thimble/cli/verbs.h"
#include "thimble/report/size.h"

namespace thimble::cli {
namespace {

std::string known_targets() {
  std::string names;
  for (const std::string &name : profile_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string check_name(const std::string &name) {
  if (report::is_program_name(name)) return "";
  return "'" + name + "' cannot name a C program: it takes letters, digits and underscores, begins with a " +
         "letter, and is no keyword, library header or 'thimble'";
}

void add_memory_option(CLI::App &verb, report::CompileOptions &options) {
  verb.add_option_function<std::vector<std::string>>(
          "--memory",
          [&options](const std::vector<std::string> &texts) {
            options.memories.clear();
            for (const std::string &text : texts) {
              const auto memory = report::parse_memory(text);
              if (!memory) throw CLI::ValidationError("--memory", memory.error().lines[0].reason);
              for (const Memory &other : options.memories) {
                if (other.name == memory->name)
                  throw CLI::ValidationError("--memory", "'" + memory->name + "' is there twice");
              }
              options.memories.push_back(*memory);
            }
            if (options.memories.size() > kMostMemories)
              throw CLI::ValidationError(
                  "--memory", "at most " + std::to_string(kMostMemories) + " memories are possible");
          },
          "A RAM that the plan may use, e.g. dtcm=128k or sram=512k:2 (cycles that a load or store waits); "
          "may "
          "be given several times; default: those of the target's profile, if it has any")
      ->option_text("NAME=SIZE[:WAIT]")
      ->allow_extra_args(false);
}

/// What decides which plan is taken.
void add_plan_options(CLI::App &verb, report::CompileOptions &options) {
  add_word_option<Objective>(
      verb, "--minimize", options.minimize,
      {{"ram", Objective::ram}, {"macs", Objective::macs}, {"latency", Objective::latency}},
      "ram (the default), macs or latency: what to make small within the limits", "WHAT");
  add_word_option<PlanSpace>(
      verb, "--space", options.space,
      {{"whole", PlanSpace::whole}, {"lines", PlanSpace::lines}, {"all", PlanSpace::all}},
      "Stages that the plan may have: whole tensors, rings of lines, too, or all (the default)", "SPACE");
  add_word_option<KernelSet>(
      verb, "--kernels", options.kernels,
      {{"portable", KernelSet::portable}, {"pairs", KernelSet::pairs}, {"helium", KernelSet::helium}},
      "portable, pairs or helium: what int8 filters are computed with (docs/emitted-code.md); default: the "
      "target's",
      "SET");
  verb.add_option(
          "--max-overhead", options.max_overhead,
          "Multiply-accumulates of the plan may be so many times those of the network, e.g. 1.2: rows are "
          "computed again where that needs less RAM; 1 (the default): nothing is")
      ->check(CLI::Range(1.0, 1000.0))
      ->option_text("F");
  verb.add_option("--plan", options.plan, "A point of the front by its name, as thimble pareto lists it")
      ->option_text("NAME");
  CLI::Option *rows = verb.add_flag_callback(
      "--stream-input", [&options] { options.input = InputMode::rows; },
      "The caller hands the input in row by row: it is never whole in RAM");
  verb.add_flag_callback(
          "--keep-input", [&options] { options.input = InputMode::kept; },
          "The caller finds the input unchanged after the run; default: its bytes are used again")
      ->excludes(rows);
}

}  // namespace

void add_network_options(CLI::App &verb, report::CompileOptions &options) {
  verb.add_option("MODEL", options.model, "Model file (.tflite)")->required()->option_text(" ");
  verb.add_option("--target", options.target, "Device: " + known_targets() + ", or a path to a .toml")
      ->capture_default_str()
      ->option_text("T");
  verb.add_option("--name", options.name, "Prefix of all C symbols and files; default: the model file's name")
      ->check(check_name)
      ->option_text("N");
  verb.add_flag("--float-io", options.float_io, "Keep QUANTIZE and DEQUANTIZE at the network's ends");
  verb.add_flag("--fold-floats", options.fold_floats,
                "Fold MUL, ADD and SUB per channel into the weights of float filters even where results then "
                "round differently (docs/passes.md); default: only where no bit changes");
  std::set<std::string> passes;
  for (const Pass &pass : all_passes()) passes.insert(pass.name);
  verb.add_option("--no-pass", options.without, "Leave out a rewrite pass (--passes lists them); repeatable")
      ->check(CLI::IsMember(passes))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text("NAME");
  verb.add_option_function<std::string>(
          "--ram", [&options](const std::string &text) { options.ram_limit = *report::parse_size(text); },
          "Most RAM that the arena may take, e.g. 64k (k = 1024); more is an error")
      ->check([](const std::string &text) {
        return report::parse_size(text) ? std::string() : "'" + text + "' is not a size such as 65536 or 64k";
      })
      ->option_text("SIZE");
}

void add_compile_options(CLI::App &verb, report::CompileOptions &options) {
  add_network_options(verb, options);
  verb.add_flag("--passes", options.list_passes,
                "List all rewrite passes with what each did to this network");
  verb.add_flag("--selftest", options.selftest, "Add a golden vector that proves bit-exactness on a board");
  add_memory_option(verb, options);
  add_plan_options(verb, options);
}

void add_time_options(CLI::App &verb, report::StreamRequest &request) {
  verb.add_option("--axis", request.axis,
                  "Axis of the input along which time runs; default: the only one along which it can")
      ->option_text("A");
  add_word_option<stream::StreamMode>(
      verb, "--mode", request.mode,
      {{"dense", stream::StreamMode::dense},
       {"scheduled", stream::StreamMode::scheduled},
       {"soi", stream::StreamMode::soi}},
      "scheduled (the default): an operator of stride s fires in every s-th call; dense: all fire in each "
      "call, and an output comes with each frame; soi: scheduled, of a network that repeats elements (see "
      "thimble soi), and an output comes with each frame, too",
      "MODE");
  verb.add_option(
          "--hop", request.hop,
          "Frames that each step takes; default: 1, or those of an inference of a network with states")
      ->check(CLI::Range(1, 255))
      ->option_text("N");
  verb.add_flag("--causal", request.causal,
                "Pad before the window what the network pads behind it, so that nothing waits for later "
                "frames: another function, for networks that were trained so");
  std::map<std::string, bool stream::Extras::*> extras;
  for (const auto &[name, extra] : stream::kExtras) extras.emplace(name, extra);
  verb.add_option_function<std::vector<std::string>>(
          "--extra",
          [&request, extras](const std::vector<std::string> &names) {
            for (const std::string &name : names) request.extras.*extras.at(name) = true;
          },
          "Convolutions in parts, with the same bytes; repeatable. past-taps: all but the newest tap before "
          "the frame; short-rings: all but the newest tap before the newest element is made, within the "
          "step, so "
          "that rings keep no more than they must; held-products: repeated elements are multiplied once; "
          "spread: taps of strided convolutions in the steps between their outputs")
      ->check(CLI::IsMember(extras))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->option_text("NAME");
  verb.add_flag("--keep-states", request.keep_states,
                "Keep the variables of a network that has some as they are: a step is one inference");
}

CLI::Option *add_stream_option(CLI::App &verb, bool &stream, report::StreamRequest &request,
                               const char *help) {
  CLI::Option *flag = verb.add_flag("--stream", stream, help);
  add_time_options(verb, request);
  for (const char *time : {"--axis", "--mode", "--causal", "--hop", "--extra", "--keep-states"})
    verb.get_option(time)->needs(flag);
  for (const char *plan : {"--minimize", "--space", "--max-overhead", "--plan", "--stream-input",
                           "--keep-input", "--memory", "--selftest", "--passes"})
    flag->excludes(plan);
  return flag;
}

void add_json_option(CLI::App &verb, std::string &path) {
  verb.add_option("--json", path, "Write the report as JSON (docs/json.md); - is standard output")
      ->option_text("FILE");
}

}  // namespace thimble::cli
