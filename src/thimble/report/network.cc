#include "thimble/report/network.h"

#include <algorithm>
#include <charconv>

#include "thimble/emit/c_text.h"
#include "thimble/graph/rules.h"
#include "thimble/plan/kernels.h"
#include "thimble/plan/spread.h"
#include "thimble/plan/wider_tiles.h"
#include "thimble/read/tflite.h"
#include "thimble/report/table.h"

namespace thimble::report {
namespace {

// Not std::isalnum: the locale has no say in what a C identifier is.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::size_t kMostNameCharacters = 64;

/// Stems of the C library's headers. A folder with a file of such a name on the include path breaks every
/// program that asks for the library's.
constexpr std::string_view kLibraryHeaders[] = {
    "assert", "complex", "ctype",     "errno",  "fenv",   "float",    "inttypes", "iso646",
    "limits", "locale",  "math",      "setjmp", "signal", "stdalign", "stdarg",   "stdatomic",
    "stdbit", "stdbool", "stdckdint", "stddef", "stdint", "stdio",    "stdlib",   "stdnoreturn",
    "string", "tgmath",  "threads",   "time",   "uchar",  "wchar",    "wctype"};

/// An error says which model it is about, whoever found it.
tl::unexpected<Error> about(const std::string &model, Error error) {
  for (Diagnostic &line : error.lines) {
    if (line.file.empty()) line.file = model;
  }
  return tl::unexpected(std::move(error));
}

std::vector<std::int64_t> macs_of_stages(const Schedule &schedule) {
  std::vector<std::int64_t> sums(schedule.stages.size(), 0);
  for_each_firing(schedule, [&](const Firing &firing) {
    sums[static_cast<std::size_t>(firing.stage)] +=
        macs(*schedule.graph, schedule.graph->op(firing.op), firing.tile, firing.reduction);
  });
  return sums;
}

/// The shortest text that reads as this number, in any locale.
std::string number_text(double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return {std::begin(text), end};
}

/// How to call the tool again for the same bytes; without folders, which differ from machine to machine.
std::string canonical_options(const Network &network) {
  const CompileOptions &options = network.options;
  std::string text = "--target " + network.profile.name + " --name " + options.name;
  if (options.input == InputMode::rows) text += " --stream-input";
  if (options.input == InputMode::kept) text += " --keep-input";
  if (options.minimize != Objective::ram) text += std::string(" --minimize ") + name_of(options.minimize);
  if (options.kernels) text += std::string(" --kernels ") + name_of(*options.kernels);
  if (options.space != PlanSpace::all) text += std::string(" --space ") + name_of(options.space);
  if (options.max_overhead != 1.0) text += " --max-overhead " + number_text(options.max_overhead);
  if (!options.plan.empty()) text += " --plan " + options.plan;
  for (const Memory &memory : options.memories) {
    text += " --memory " + memory.name + "=" + std::to_string(memory.bytes);
    if (memory.wait_cycles > 0) text += ":" + std::to_string(memory.wait_cycles);
  }
  if (options.ram_limit) text += " --ram " + std::to_string(*options.ram_limit);
  if (options.float_io) text += " --float-io";
  if (options.fold_floats) text += " --fold-floats";
  for (const std::string &pass : options.without) text += " --no-pass " + pass;
  if (options.selftest) text += " --selftest";
  return text;
}

/// How callers convert where a QUANTIZE or DEQUANTIZE was folded away.
void add_notes(const std::vector<End> &ends, const std::vector<TensorId> &tensors, const char *conversion,
               std::map<TensorId, std::string> &notes) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i].folded()) {
      notes[tensors[i]] = std::string(name_of(ends[i].file.type)) + " in the model file: " + conversion;
    }
  }
}

Result<SelfTest> make_selftest(const Network &network) {
  auto inputs = to_network_inputs(network, random_inputs(*network.file, 1, kDefaultSeed)[0]);
  if (!inputs) return tl::unexpected(inputs.error());
  auto outputs = interpret_outputs(*network.graph, *inputs);
  if (!outputs) return tl::unexpected(outputs.error());
  return SelfTest{std::move(*inputs), std::move(*outputs)};
}

using Converter = Result<Bytes>(const End &, std::span<const std::uint8_t>);

Result<Inference> convert(const std::vector<End> &ends, const Inference &tensors, Converter *converter) {
  Inference converted;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    auto bytes = converter(ends[i], tensors.at(i));
    if (!bytes) return tl::unexpected(bytes.error());
    converted.push_back(std::move(*bytes));
  }
  return converted;
}

}  // namespace

bool is_program_name(std::string_view name) {
  const std::string small = c_text::lower(name);
  return name.size() <= kMostNameCharacters && c_text::is_identifier(name) && small != "main" &&
         small.rfind("thimble", 0) != 0 &&
         std::find(std::begin(kLibraryHeaders), std::end(kLibraryHeaders), small) ==
             std::end(kLibraryHeaders);
}

std::string default_name(const std::string &model) {
  std::string name = std::filesystem::path(model).stem().string();
  for (char &c : name) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  name = name.substr(0, kMostNameCharacters);
  return is_program_name(name) ? name : ("network_" + name).substr(0, kMostNameCharacters);
}

Result<void> check_ram_limit(const CompileOptions &options, std::int64_t arena_bytes) {
  if (!options.ram_limit || arena_bytes <= *options.ram_limit) return {};
  return file_failure(options.model,
                      "the arena takes " + grouped(arena_bytes) + " bytes, more than the limit of " +
                          grouped(*options.ram_limit),
                      "raise --ram");
}

namespace {

bool exceeds_limit(const Network &network) {
  return network.options.ram_limit && network.memory.arena_bytes > *network.options.ram_limit;
}

/// What the arena does not keep to.
std::string limit_text(const Network &network) {
  if (exceeds_limit(network)) return "more than the limit of " + grouped(*network.options.ram_limit);
  std::int64_t room = 0;
  std::string list;
  for (const Memory &memory : memories_of(network)) {
    room += memory.bytes;
    list += (list.empty() ? "" : " + ") + memory.name + " " + grouped(memory.bytes);
  }
  return (network.memory.arena_bytes > room ? "more than the memories hold: "
                                            : "for which no way was found into the memories: ") +
         list;
}

/// Why no plan keeps to the limit: the least there is, what is there at its peak, and what would help.
Error too_small(const Network &network) {
  const auto peak =
      std::max_element(network.peaks.begin(), network.peaks.end(),
                       [](const StagePeak &a, const StagePeak &b) { return a.bytes < b.bytes; });
  const auto largest =
      std::max_element(peak->buffers.begin(), peak->buffers.end(), [&](std::int32_t a, std::int32_t b) {
        return network.schedule.buffers[static_cast<std::size_t>(a)].size <
               network.schedule.buffers[static_cast<std::size_t>(b)].size;
      });
  const Buffer &forces = network.schedule.buffers[static_cast<std::size_t>(*largest)];
  Diagnostic line;
  line.file = network.options.model;
  if (forces.tensor != kNone) line.tensor = network.graph->tensor(forces.tensor).name;
  line.reason = "the least RAM of any plan found is " + grouped(network.memory.arena_bytes) + " bytes, " +
                limit_text(network) + "; its peak holds " + grouped(forces.size) + " bytes of this " +
                name_of(forces.kind);
  const std::string more = exceeds_limit(network) ? "raise --ram" : "give more memory (--memory)";
  const bool input_forces = forces.kind == BufferKind::input && network.options.input != InputMode::rows;
  line.hint = input_forces ? "feed the input row by row (--stream-input), lower its resolution, or " + more
              : network.options.space != PlanSpace::all
                  ? "allow all stages (--space all), lower the resolution, or " + more
                  : "lower the input's resolution, prune the channels of this tensor, or " + more;
  Error error;
  error.lines.push_back(std::move(line));
  return error;
}

}  // namespace

Result<Network> read_network(const CompileOptions &options) {
  auto file = read_tflite(std::filesystem::path(options.model));
  if (!file) return tl::unexpected(file.error());
  if (auto none = expect_no_states(*file, "planning"); !none) return tl::unexpected(none.error());
  return network_of(std::move(*file), options);
}

Result<Network> network_of(Graph file, const CompileOptions &options) {
  Network network;
  network.options = options;
  if (options.name.empty()) network.options.name = default_name(options.model);
  auto profile = load_profile(options.target);
  if (!profile) return tl::unexpected(profile.error());
  network.profile = std::move(*profile);
  network.profile.kernels = options.kernels.value_or(network.profile.kernels);

  RewriteOptions rewriting;
  rewriting.float_io = options.float_io;
  rewriting.fold_floats = options.fold_floats;
  rewriting.without = options.without;
  auto rewritten = rewrite_and_tell(file, rewriting);
  if (!rewritten) return tl::unexpected(rewritten.error());
  network.passes = std::move(rewritten->effects);
  network.file = std::make_shared<const Graph>(std::move(file));
  network.graph = std::make_shared<const Graph>(std::move(rewritten->graph));
  auto ends = match_ends(*network.file, *network.graph);
  if (!ends) return tl::unexpected(ends.error());
  network.ends = std::move(*ends);
  return network;
}

namespace {

PlanOptions plan_options(const CompileOptions &options) {
  PlanOptions wanted;
  wanted.space = options.space;
  wanted.input = options.input;
  wanted.objective = options.minimize;
  wanted.ram_limit = options.ram_limit;
  wanted.max_overhead = options.max_overhead;
  return wanted;
}

Result<std::vector<Plan>> find_front(const Network &network) {
  PlanOptions wanted = plan_options(network.options);
  wanted.objective = Objective::ram;
  if (wanted.max_overhead == 1.0) wanted.max_overhead = kFrontOverhead;
  return search_front(network.graph, wanted);
}

/// Bytes to which speed may make the least arena grow: an eightieth, or 320 bytes if that is more, but no
/// more than an eighth, never beyond the limit. Without limit where all is for speed.
std::int64_t most_arena_bytes(const CompileOptions &options, std::int64_t own) {
  constexpr std::int64_t kPart = 80, kLeast = 320, kMostPart = 8;
  const std::int64_t growth = std::min(std::max(own / kPart, kLeast), own / kMostPart);
  const std::int64_t most = options.minimize == Objective::latency ? kMaxRegionBytes : own + growth;
  return std::min(most, options.ram_limit.value_or(most));
}

Measure measure_of(const Network &network) {
  return network.options.minimize == Objective::latency ? Measure::cycles : Measure::both;
}

void choose_kernels(const Network &network, Plan &plan) {
  choose_kernels(plan.schedule, network.profile.kernels, plan.most_bytes, measure_of(network));
}

/// What decides between plans with kernels: their cost where it is known, which is that of kernels for pairs;
/// elsewhere fewer calls.
std::int64_t cost_of(const Network &network, const Plan &plan) {
  if (network.profile.kernels != KernelSet::pairs) return count_firings(plan.schedule);
  return sum_of(operator_costs(plan.schedule)).by(measure_of(network));
}

/// For kernels with much to set up in every firing, where firings are small: the plan of fewest when tiles
/// become wider. Elsewhere this gains little, and tiles that vary take more code.
void choose_wider(const PlanOptions &wanted, std::int64_t most, std::vector<Plan> plans, Plan &best) {
  constexpr std::int64_t kSmall = 8192;  // multiply-accumulates
  std::int64_t firings = count_firings(best.schedule);
  if (compute_cost(best.schedule).macs >= kSmall * firings) return;
  for (Plan &plan : plans) {
    widen_tiles(plan, wanted, most);
    const std::int64_t own = count_firings(plan.schedule);
    if (own >= firings) continue;
    firings = own;
    best = std::move(plan);
  }
}

/// Arenas to look for fast plans in. Maps that take all of the room leave none to the kernels' working
/// memory: how much that should be nobody knows beforehand.
std::vector<std::int64_t> arenas_to_try(std::int64_t least, std::int64_t most, bool timed) {
  const std::int64_t half = least + (most - least) / 2;
  if (!timed) return {most, half};
  return {most, most - most / 16, most - most / 8, most - most / 4, half};
}

/// The plan of the least arena, or one that needs little more and is faster; where time matters within a
/// limit, the fastest of several.
Result<Plan> find_small_plan(const Network &network, PlanOptions wanted) {
  const bool choice = network.profile.kernels != KernelSet::portable && wanted.memories.empty();
  const bool timed = choice && wanted.objective == Objective::latency && wanted.ram_limit;
  if (timed) wanted.objective = Objective::ram;
  auto best = search_plan(network.graph, wanted);
  if (!best) return best;
  const std::int64_t bound = best->lower_bound_bytes, least = total_bytes(best->schedule.regions);
  const std::int64_t most = most_arena_bytes(network.options, least);
  best->most_bytes = most;
  choose_kernels(network, *best);
  if (!choice || wanted.objective != Objective::ram) return best;
  wanted.objective = Objective::latency;
  std::vector<Plan> plans = {*best};
  std::int64_t cost = cost_of(network, *best);
  for (const std::int64_t limit : arenas_to_try(least, most, timed)) {
    wanted.ram_limit = limit;
    auto other = search_plan(network.graph, wanted);
    if (!other || !other->fits) continue;
    other->lower_bound_bytes = bound;
    other->most_bytes = most;
    choose_kernels(network, *other);
    plans.push_back(*other);
    const std::int64_t own = cost_of(network, *other);
    if (own >= cost) continue;
    best = std::move(other);
    cost = own;
  }
  if (network.profile.kernels == KernelSet::helium) choose_wider(wanted, most, std::move(plans), *best);
  return best;
}

/// With its kernels.
Result<Plan> find_plan(const Network &network) {
  const CompileOptions &options = network.options;
  PlanOptions wanted = plan_options(options);
  wanted.memories = memories_of(network);
  if (options.plan.empty()) return find_small_plan(network, wanted);
  auto front = find_front(network);
  if (!front) return tl::unexpected(front.error());
  for (std::size_t p = 0; p < front->size(); ++p) {
    if (point_name(p) != options.plan) continue;
    Plan plan = std::move((*front)[p]);
    if (!wanted.memories.empty()) {
      if (auto ok = spread_plan(plan, wanted); !ok) return tl::unexpected(ok.error());
    }
    choose_kernels(network, plan);
    return plan;
  }
  return file_failure(options.model,
                      "has no plan '" + options.plan + "'; its front has " + std::to_string(front->size()) +
                          " points, the last is " + point_name(front->size() - 1),
                      "list them: thimble pareto");
}

}  // namespace

Result<void> add_plan(Network &network, Plan plan) {
  network.schedule = std::move(plan.schedule);
  network.graph = network.schedule.graph;
  network.lower_bound_bytes = plan.lower_bound_bytes;
  const auto proof = check(network.schedule);
  if (!proof) return about(network.options.model, proof.error());
  network.proof = *proof;
  network.memory = memory_cost(network.schedule);
  network.accesses = measure_accesses(network.schedule);
  network.stall_cycles = stall_cycles(network.schedule, network.accesses);
  network.stall_bound_cycles = plan.stall_bound_cycles;
  network.compute = compute_cost(network.schedule);
  network.peaks = stage_peaks(network.schedule);
  network.stage_macs = macs_of_stages(network.schedule);
  if (network.profile.kernels == KernelSet::pairs) network.operator_costs = operator_costs(network.schedule);
  return {};
}

std::vector<Memory> memories_of(const Network &network) {
  if (!network.options.memories.empty()) return network.options.memories;
  std::vector<Memory> memories;
  for (const MemoryProfile &memory : network.profile.memories)
    memories.push_back({memory.name, memory.bytes, memory.wait_cycles, memory.section});
  return memories;
}

std::string point_name(std::size_t index) {
  return "p" + std::to_string(index + 1);
}

double overhead(const ComputeCost &compute) {
  if (compute.macs_unplanned == 0) return 1.0;
  return static_cast<double>(compute.macs) / static_cast<double>(compute.macs_unplanned);
}

Result<Network> plan_network(const CompileOptions &options) {
  auto network = read_network(options);
  if (!network) return network;
  if (auto none = expect_no_states(*network->file, "a single run"); !none)
    return tl::unexpected(none.error());
  auto found = find_plan(*network);
  if (!found) return about(options.model, found.error());
  const bool fits = found->fits;
  if (auto ok = add_plan(*network, std::move(*found)); !ok) return tl::unexpected(ok.error());
  if (!fits) return tl::unexpected(too_small(*network));
  return network;
}

Result<std::vector<Network>> plan_front(const CompileOptions &options) {
  auto network = read_network(options);
  if (!network) return tl::unexpected(network.error());
  if (auto none = expect_no_states(*network->file, "a single run"); !none)
    return tl::unexpected(none.error());
  auto front = find_front(*network);
  if (!front) return about(options.model, front.error());
  std::vector<Network> points;
  for (Plan &plan : *front) {
    points.push_back(*network);
    choose_kernels(*network, plan);
    if (auto ok = add_plan(points.back(), std::move(plan)); !ok) return tl::unexpected(ok.error());
  }
  return points;
}

EmitOptions emit_options(const Network &network, std::string text) {
  EmitOptions options;
  options.name = network.options.name;
  options.options = std::move(text);
  options.helium = network.profile.kernels == KernelSet::helium;
  add_notes(network.ends.inputs, network.graph->inputs, "quantise before the run", options.notes);
  add_notes(network.ends.outputs, network.graph->outputs, "dequantise after the run", options.notes);
  return options;
}

Result<EmittedProgram> emit_network(const Network &network) {
  EmitOptions options = emit_options(network, canonical_options(network));
  if (network.options.selftest) {
    auto selftest = make_selftest(network);
    if (!selftest) return tl::unexpected(selftest.error());
    options.selftest = std::move(*selftest);
  }
  return emit(network.schedule, options);
}

Result<Inference> to_network_inputs(const Network &network, const Inference &inputs) {
  return convert(network.ends.inputs, inputs, to_network);
}

Result<Inference> to_file_outputs(const Network &network, const Inference &outputs) {
  return convert(network.ends.outputs, outputs, to_file);
}

std::optional<std::int64_t> estimated_instructions(const Network &network) {
  if (network.operator_costs.empty()) return std::nullopt;
  return sum_of(network.operator_costs).instructions;
}

std::optional<std::int64_t> estimated_cycles(const Network &network) {
  if (!network.operator_costs.empty()) return sum_of(network.operator_costs).cycles + network.stall_cycles;
  const std::int64_t per_1000_macs = network.profile.cycles.per_1000_macs;
  if (per_1000_macs == 0) return std::nullopt;
  return network.compute.macs / 1000 * per_1000_macs + network.compute.macs % 1000 * per_1000_macs / 1000 +
         network.stall_cycles;
}

const KernelCost *predicted_cost(const Network &network, OpId op) {
  if (network.operator_costs.empty() || op == kNone) return nullptr;
  return &network.operator_costs[static_cast<std::size_t>(op)];
}

std::optional<double> milliseconds(const Profile &profile, std::int64_t cycles) {
  if (profile.clock_hz <= 0) return std::nullopt;
  return 1000.0 * static_cast<double>(cycles) / static_cast<double>(profile.clock_hz);
}

}  // namespace thimble::report
