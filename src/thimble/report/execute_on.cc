#include "thimble/report/execute_on.h"

#include <algorithm>

#include "thimble/base/files.h"
#include "thimble/emit/c_text.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/rules.h"
#include "thimble/report/feeder.h"
#include "thimble/schedule/execute.h"
#include "thimble/target/emulate.h"
#include "thimble/target/process.h"

namespace thimble::report {
namespace {

/// Runs a host executor, one inference at a time.
template <class Run>
Result<Execution> run_each(const std::string &on, const std::vector<Inference> &inputs, Run &&run) {
  Execution execution;
  execution.figures.on = on;
  for (const Inference &inference : inputs) {
    auto outputs = run(inference);
    if (!outputs) return tl::unexpected(outputs.error());
    execution.outputs.push_back(std::move(*outputs));
  }
  return execution;
}

Result<ArenaRange> arena_range(const Schedule &schedule, TensorId tensor) {
  const Buffer *buffer = buffer_of(schedule, tensor, kNone);
  if (buffer == nullptr) {
    return failure({schedule.graph->file, kNone, "", schedule.graph->tensor(tensor).name,
                    "has no place in the arena: no operator computes it",
                    "remove this constant output from the model"});
  }
  return ArenaRange{buffer->offset, buffer->size, static_cast<std::size_t>(buffer->region)};
}

Result<std::vector<ArenaRange>> arena_ranges(const Schedule &schedule, const std::vector<TensorId> &tensors) {
  std::vector<ArenaRange> ranges;
  for (TensorId tensor : tensors) {
    const auto range = arena_range(schedule, tensor);
    if (!range) return tl::unexpected(range.error());
    ranges.push_back(*range);
  }
  return ranges;
}

Result<ArenaInterface> arena_interface(const Network &network, const std::optional<Feeder> &feeder) {
  auto outputs = arena_ranges(network.schedule, network.graph->outputs);
  if (!outputs) return tl::unexpected(outputs.error());
  if (feeder) {
    for (ArenaRange &range : *outputs) {
      range.offset += feeder->arena;
      // The first of several is the image.
      if (network.schedule.regions.size() > 1) ++range.arena;
    }
    return ArenaInterface{{feeder->image}, std::move(*outputs)};
  }
  auto inputs = arena_ranges(network.schedule, network.graph->inputs);
  if (!inputs) return tl::unexpected(inputs.error());
  return ArenaInterface{std::move(*inputs), std::move(*outputs)};
}

/// Where the arenas lie on a device, in the order in which the program points to them.
std::vector<ArenaPlace> arena_places(const Network &network, const Profile &profile,
                                     const std::optional<Feeder> &feeder) {
  const std::vector<MemoryRegion> &regions = network.schedule.regions;
  const std::string prefix = network.options.name + "_arena";
  std::vector<ArenaPlace> places;
  if (regions.size() == 1 && feeder) {  // inside the feeder's own array
    places.push_back({feeder->name + "_arena"});
    places.back().wait_cycles = regions[0].wait_cycles;
    return places;
  }
  if (feeder) places.push_back({feeder->name + "_image"});
  for (const MemoryRegion &region : regions) {
    ArenaPlace place;
    place.symbol = regions.size() == 1 ? prefix : prefix + "_" + region.name;
    place.section = region.section;
    place.attribute = c_text::upper(place.symbol) + "_ATTRIBUTE";
    place.wait_cycles = region.wait_cycles;
    // A user's own memories are not in the emulator's map: they are parts of its RAM.
    for (const MemoryProfile &memory : profile.memories) {
      if (!network.options.memories.empty() || memory.name != region.name) continue;
      if (profile.architecture == Architecture::host) continue;
      place.address = memory.address;
      place.bytes = memory.bytes;
    }
    places.push_back(std::move(place));
  }
  return places;
}

Result<FirmwareRequest> write_sources(const Network &network, const EmittedProgram &program,
                                      const TemporaryFolder &folder) {
  const auto sources = folder.path() / "sources";
  if (auto written = write_files(sources, program.files); !written) return tl::unexpected(written.error());
  return FirmwareRequest{sources, network.options.name, {}, folder.path() / "work", {}, {}};
}

Flash flash_of(const Firmware &firmware) {
  return {firmware.linked.weights + firmware.linked.data, firmware.linked.text + firmware.linked.rodata, ""};
}

std::optional<std::int64_t> count(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::vector<PartFigures> parts_of(const Counts &counts) {
  std::vector<PartFigures> parts;
  for (std::size_t i = 0; i < kMemoryParts; ++i) {
    const AccessCounts &part = counts.parts[i];
    parts.push_back({std::string(memory_part_name(static_cast<MemoryPart>(i))),
                     static_cast<std::int64_t>(part.loads), static_cast<std::int64_t>(part.stores)});
  }
  return parts;
}

/// By memory, where there are several.
std::vector<PartFigures> arenas_of(const Network &network, const Counts &counts, bool fed) {
  const std::vector<MemoryRegion> &regions = network.schedule.regions;
  std::vector<PartFigures> figures;
  for (std::size_t r = 0; r < regions.size() && regions.size() > 1; ++r) {
    const AccessCounts &arena = counts.arenas[r + (fed ? 1 : 0)];
    figures.push_back(
        {regions[r].name, static_cast<std::int64_t>(arena.loads), static_cast<std::int64_t>(arena.stores)});
  }
  return figures;
}

/// The emitted program on a profile, built and run.
struct TargetRun {
  Firmware firmware;
  Emulation emulation;
  bool fed = false;  ///< rows were pushed
};

Result<TargetRun> build_and_run(const Network &network, const EmittedProgram &program, const Profile &profile,
                                const std::vector<std::string> &flags, const std::vector<Inference> &inputs,
                                const Step &step) {
  const auto tell = [&](const std::string &what) {
    if (step) step(what + profile.name);
  };
  const auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  tell("building for ");
  std::optional<Feeder> feeder;
  EmittedProgram fed = program;
  if (is_row_fed(network.schedule, network.graph->inputs[0])) {
    feeder = make_feeder(network);
    fed.files[feeder->name + ".c"] = feeder->source;
  }
  auto request = write_sources(network, fed, *folder);
  if (!request) return tl::unexpected(request.error());
  request->extra_flags = flags;
  request->arenas = arena_places(network, profile, feeder);
  if (feeder) {
    request->weights = request->name + "_weights";
    request->name = feeder->name;
  }
  auto firmware = build_firmware(profile, *request);
  if (!firmware) return tl::unexpected(firmware.error());
  const auto interface = arena_interface(network, feeder);
  if (!interface) return tl::unexpected(interface.error());
  tell("running on ");
  auto emulation = emulate(profile, *firmware, *interface, inputs);
  if (!emulation) return tl::unexpected(emulation.error());
  return TargetRun{std::move(*firmware), std::move(*emulation), feeder.has_value()};
}

/// Over all firings, by operator.
std::vector<std::int64_t> macs_of_operators(const Schedule &schedule) {
  const Graph &graph = *schedule.graph;
  std::vector<std::int64_t> sums(graph.ops.size());
  for_each_firing(schedule, [&](const Firing &firing) {
    sums[static_cast<std::size_t>(firing.op)] +=
        macs(graph, graph.op(firing.op), firing.tile, firing.reduction);
  });
  return sums;
}

}  // namespace

Result<Execution> run_interpreter(const Network &network, const std::vector<Inference> &inputs) {
  return run_each("interpreter", inputs,
                  [&](const Inference &inference) { return interpret_outputs(*network.graph, inference); });
}

Result<Execution> run_schedule(const Network &network, const std::vector<Inference> &inputs) {
  return run_each("schedule", inputs,
                  [&](const Inference &inference) { return execute(network.schedule, inference); });
}

Result<Execution> run_target(const Network &network, const EmittedProgram &program, const Profile &profile,
                             const std::vector<Inference> &inputs, const Step &step) {
  auto target = build_and_run(network, program, profile, {}, inputs, step);
  if (!target) return tl::unexpected(target.error());

  Execution execution;
  execution.outputs = std::move(target->emulation.outputs);
  execution.figures.on = profile.name;
  if (const auto most = target->emulation.maximum()) {
    execution.figures.instructions = count(most->instructions);
    execution.figures.cycles_estimate = count(most->cycles_estimate);
    execution.figures.loads = count(most->loads);
    execution.figures.stores = count(most->stores);
    execution.figures.stack_bytes = most->stack_bytes;
    execution.figures.parts = parts_of(*most);
    execution.figures.arenas = arenas_of(network, *most, target->fed);
    execution.figures.milliseconds_estimate =
        milliseconds(profile, static_cast<std::int64_t>(most->cycles_estimate));
  }
  if (profile.architecture != Architecture::host) execution.flash = flash_of(target->firmware);
  return execution;
}

Result<std::vector<OperatorFigures>> count_operators(const Network &network, const EmittedProgram &program,
                                                     const std::vector<Inference> &inputs, const Step &step) {
  const std::string flag = "-D" + c_text::upper(network.options.name) + "_MARKS";
  const auto target = build_and_run(network, program, network.profile, {flag}, inputs, step);
  if (!target) return tl::unexpected(target.error());
  const Emulation &emulation = target->emulation;
  const auto most =
      std::max_element(emulation.counts.begin(), emulation.counts.end(),
                       [](const Counts &a, const Counts &b) { return a.instructions < b.instructions; });
  const auto which = static_cast<std::size_t>(most - emulation.counts.begin());
  const std::vector<std::int64_t> macs = macs_of_operators(network.schedule);
  std::vector<OperatorFigures> figures;
  for (const OperatorCounts &one : emulation.operators.at(which)) {
    figures.push_back({one.op, one.op < 0 ? 0 : macs[static_cast<std::size_t>(one.op)],
                       static_cast<std::int64_t>(one.counts.instructions),
                       static_cast<std::int64_t>(one.counts.cycles_estimate),
                       static_cast<std::int64_t>(one.counts.loads),
                       static_cast<std::int64_t>(one.counts.stores)});
  }
  return figures;
}

Result<Flash> measure_flash(const Network &network, const EmittedProgram &program) {
  Flash flash{program.weight_bytes, std::nullopt, "code not measured: " + network.profile.name};
  if (network.profile.architecture == Architecture::host) return flash;
  const CompilerProfile &compiler = network.profile.compiler;
  ProcessRequest probe;
  probe.arguments = {compiler.command, "--version"};
  probe.package = compiler.package;
  if (const auto there = run_process(probe); !there) {
    flash.code_note = "code not measured: " + there.error().text();
    return flash;
  }
  const auto folder = TemporaryFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  const auto request = write_sources(network, program, *folder);
  if (!request) return tl::unexpected(request.error());
  const auto code = measure_code(network.profile, *request);
  if (!code) return tl::unexpected(code.error());
  flash.code_bytes = code->text + code->rodata;
  flash.code_note = compiler.command + ", before linking";
  return flash;
}

Difference compare(const std::vector<Inference> &expected, const std::vector<Inference> &found) {
  static const Inference kNothing;
  static const Bytes kNoBytes;
  Difference difference;
  const std::size_t inferences = std::max(expected.size(), found.size());
  for (std::size_t i = 0; i < inferences; ++i) {
    // A missing inference, tensor or byte is a difference too.
    const Inference &a = i < expected.size() ? expected[i] : kNothing;
    const Inference &b = i < found.size() ? found[i] : kNothing;
    for (std::size_t t = 0; t < std::max(a.size(), b.size()); ++t) {
      const Bytes &x = t < a.size() ? a[t] : kNoBytes;
      const Bytes &y = t < b.size() ? b[t] : kNoBytes;
      for (std::size_t k = 0; k < std::max(x.size(), y.size()); ++k) {
        const int left = k < x.size() ? x[k] : -1;
        const int right = k < y.size() ? y[k] : -1;
        if (left == right) continue;
        ++difference.bytes;
        if (!difference.first) difference.first = Mismatch{"", i, t, k, left, right};
      }
    }
  }
  return difference;
}

}  // namespace thimble::report
