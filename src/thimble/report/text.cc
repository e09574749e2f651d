#include "thimble/report/text.h"

#include <algorithm>
#include <numeric>

#include "thimble/graph/rules.h"
#include "thimble/report/describe.h"
#include "thimble/report/deviation.h"
#include "thimble/report/passes.h"
#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"

namespace thimble::report {
namespace {

constexpr Align L = Align::left;
constexpr Align R = Align::right;
constexpr std::size_t kStagesShown = 5;

/// "cortex-m4, 168 MHz"
std::string device_text(const Profile &profile) {
  if (profile.clock_hz == 0) return profile.name;
  const bool whole = profile.clock_hz % 1'000'000 == 0;
  return profile.name + ", " + fixed(static_cast<double>(profile.clock_hz) / 1e6, whole ? 0 : 3) + " MHz";
}

std::string quantization_text(const Quantization &quantization) {
  if (!quantization.present()) return "";
  if (quantization.per_channel()) return "per channel x " + std::to_string(quantization.scales.size());
  return "scale " + fixed(quantization.scale(), 6) + " zero " + std::to_string(quantization.zero_point());
}

std::string arena_text(const Network &network) {
  const MemoryCost &memory = network.memory;
  return bytes_text(memory.arena_bytes) + " arena (largest live sum " +
         bytes_text(memory.allocation_bound_bytes) + ", no plan below " +
         bytes_text(network.lower_bound_bytes) + ")";
}

/// What lies in which memory, where the plan knows several.
void add_memories(Table &table, const Network &network) {
  const std::vector<Memory> memories = memories_of(network);
  if (memories.empty()) return;
  std::string used;
  for (const MemoryRegion &region : network.schedule.regions) {
    const auto memory = std::find_if(memories.begin(), memories.end(),
                                     [&](const Memory &one) { return one.name == region.name; });
    used += (used.empty() ? "" : " + ") + region.name + " " + grouped(region.size);
    if (memory != memories.end()) used += " of " + bytes_text(memory->bytes);
  }
  table.add({"memories", used});
  const bool waits = std::any_of(memories.begin(), memories.end(),
                                 [](const Memory &memory) { return memory.wait_cycles > 0; });
  if (!waits) return;
  table.add({"stalls", "about " + grouped(network.stall_cycles) +
                           " cycles of waiting for memories (estimate; no choice for these buffers below " +
                           grouped(network.stall_bound_cycles) + ")"});
}

/// A warning when the network does not fit the target's typical board, else nothing.
void add_fit(Table &table, const Network &network, const Flash &flash) {
  const Profile &profile = network.profile;
  const std::int64_t flash_bytes = flash.weights_bytes + flash.code_bytes.value_or(0);
  if (profile.ram_bytes > 0 && network.memory.arena_bytes > profile.ram_bytes) {
    table.add({"note", "the arena exceeds the " + bytes_text(profile.ram_bytes) + " of RAM of a typical " +
                           profile.name + " board"});
  }
  if (profile.flash_bytes > 0 && flash_bytes > profile.flash_bytes) {
    table.add({"note", "flash exceeds the " + bytes_text(profile.flash_bytes) + " of a typical " +
                           profile.name + " board"});
  }
}

std::string flash_text(const Flash &flash) {
  std::string text = bytes_text(flash.weights_bytes) + " weights";
  if (flash.code_bytes) text += " + " + bytes_text(*flash.code_bytes) + " code";
  return flash.code_note.empty() ? text : text + " (" + flash.code_note + ")";
}

/// "input 0 784 + 1:CONV_2D 12,544": the buffers by offset, those at one place joined by '='. Of several
/// memories one after the other: "ccm: ...; sram: ...".
std::string holdings(const Network &network, const StagePeak &peak) {
  std::string text;
  const Buffer *previous = nullptr;
  for (std::int32_t index : peak.buffers) {
    const Buffer &buffer = network.schedule.buffers[static_cast<std::size_t>(index)];
    const bool shared = previous != nullptr && previous->region == buffer.region &&
                        previous->offset == buffer.offset && previous->size == buffer.size;
    if (shared) {
      // The size stands behind the last name.
      text.resize(text.size() - grouped(previous->size).size() - 1);
      text += " = ";
    } else if (previous != nullptr && previous->region == buffer.region) {
      text += " + ";
    } else if (network.schedule.regions.size() > 1) {
      text += (previous == nullptr ? "" : "; ") +
              network.schedule.regions[static_cast<std::size_t>(buffer.region)].name + ": ";
    }
    text += buffer_label(*network.graph, buffer) + " " + grouped(buffer.size);
    previous = &buffer;
  }
  return text;
}

std::string stage_name(const Network &network, std::size_t stage) {
  std::string text;
  for (const StageOp &op : network.schedule.stages[stage].ops) {
    text += (text.empty() ? "" : " ") + op_label(*network.graph, op.op);
  }
  return text;
}

std::string stages_text(const Network &network, bool all) {
  std::vector<std::size_t> order(network.peaks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t s) {  // arrivals of inputs hold nothing of their own
    const auto &ops = network.schedule.stages[s].ops;
    return ops.size() == 1 && network.graph->op(ops[0].op).is<Input>();
  });
  const std::size_t total = order.size();
  if (!all && total > kStagesShown) {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return network.peaks[a].bytes > network.peaks[b].bytes;
    });
    order.resize(kStagesShown);
  }
  Table table({L, R, R, L});
  table.add({"stage", "peak B", "MACs", "holds"});
  for (std::size_t s : order) {
    table.add({stage_name(network, s), grouped(network.peaks[s].bytes), grouped(network.stage_macs[s]),
               holdings(network, network.peaks[s])});
  }
  std::string text = "\n" + table.text();
  if (order.size() < total) {
    text += "(the " + std::to_string(order.size()) + " largest of " + std::to_string(total) +
            " stages; -v shows all)\n";
  }
  return text;
}

std::string count_text(const std::optional<std::int64_t> &count) {
  return count ? grouped(*count) : "-";
}

std::string milliseconds_text(const std::optional<double> &value) {
  return value ? fixed(*value, 2) : "-";
}

Table run_table() {
  Table table({L, R, R, R, R, R, R, L});
  table.add({"on", "instructions", "cycles est.", "ms est.", "loads", "stores", "stack B", "mismatched B"});
  return table;
}

void add_run(Table &table, const RunFigures &run, const std::string &verdict) {
  table.add({run.on, count_text(run.instructions), count_text(run.cycles_estimate),
             milliseconds_text(run.milliseconds_estimate), count_text(run.loads), count_text(run.stores),
             count_text(run.stack_bytes), verdict});
}

std::string ratio_text(std::int64_t part, std::int64_t of, int decimals) {
  return of == 0 ? "-" : fixed(static_cast<double>(part) / static_cast<double>(of), decimals);
}

/// What each operator took on the target.
std::string operators_text(const Network &network, const std::vector<OperatorFigures> &operators) {
  if (operators.empty()) return "";
  OperatorFigures total;
  for (const OperatorFigures &one : operators) {
    total.macs += one.macs;
    total.instructions += one.instructions;
    total.cycles_estimate += one.cycles_estimate;
    total.loads += one.loads;
    total.stores += one.stores;
  }
  Table table({L, L, R, R, R, R, R, R, R, R, R});
  table.add({"operator", "kernel", "MACs", "instructions", "predicted", "per MAC", "cycles est.", "per MAC",
             "loads", "stores", "share %"});
  const auto add = [&](const std::string &name, const std::string &variant, const OperatorFigures &one,
                       const KernelCost *predicted) {
    table.add({name, variant, grouped(one.macs), grouped(one.instructions),
               predicted == nullptr ? "" : grouped(predicted->instructions),
               ratio_text(one.instructions, one.macs, 2), grouped(one.cycles_estimate),
               ratio_text(one.cycles_estimate, one.macs, 2), grouped(one.loads), grouped(one.stores),
               ratio_text(100 * one.instructions, total.instructions, 1)});
  };
  for (const OperatorFigures &one : operators) {
    if (one.op < 0) {
      add("around", "", one, nullptr);
    } else {
      add(op_label(*network.graph, one.op), variants_text(network.schedule, one.op), one,
          predicted_cost(network, one.op));
    }
  }
  const KernelCost predicted = sum_of(network.operator_costs);
  add("all", "", total, network.operator_costs.empty() ? nullptr : &predicted);
  return "\noperators on " + network.profile.name + ":\n" + table.text() + "\n";
}

/// "code 2,005 r, weights 1,204 r, arena 1,040 r 980 w, stack 12 r 30 w": loads and stores by where they
/// went; parts that are never touched are left out.
std::string parts_text(const RunFigures &run) {
  std::string text;
  for (const PartFigures &part : run.parts) {
    if (part.loads == 0 && part.stores == 0) continue;
    text += (text.empty() ? "" : ", ") + part.part;
    if (part.loads > 0) text += " " + grouped(part.loads) + " r";
    if (part.stores > 0) text += " " + grouped(part.stores) + " w";
  }
  std::string arenas;
  for (const PartFigures &arena : run.arenas) {
    arenas += (arenas.empty() ? " (arena: " : ", ") + arena.part + " " + grouped(arena.loads) + " r " +
              grouped(arena.stores) + " w";
  }
  return text + arenas + (arenas.empty() ? "" : ")");
}

/// Whose types the files have, where that makes a difference.
std::string ends_text(const Network &network, const RunReport &run) {
  const auto folded = [](const End &end) { return end.folded(); };
  const Ends &ends = network.ends;
  const bool any = std::any_of(ends.inputs.begin(), ends.inputs.end(), folded) ||
                   std::any_of(ends.outputs.begin(), ends.outputs.end(), folded);
  if (!any) return "";
  return run.ends == "file" ? ", files in the model file's types (converted outside the measured region)"
                            : ", files in the network's types";
}

/// Every pass, where the options ask for that.
std::string listed_passes(const Network &network) {
  return network.options.list_passes ? passes_text(network.passes) : "";
}

void add_rounding(Table &table, const Network &network) {
  const std::string text = rounding_text(network.passes);
  if (!text.empty()) table.add({"rounding", text});
}

Table static_table(const Network &network, const Flash &flash) {
  const MemoryCost &memory = network.memory;
  Table table({L, L});
  table.add({"RAM", arena_text(network)});
  add_memories(table, network);
  table.add({"inside", "input " + bytes_text(memory.input_bytes) + ", output " +
                           bytes_text(memory.output_bytes) + ", kernel scratch " +
                           bytes_text(memory.scratch_bytes) + ", state " + bytes_text(memory.state_bytes)});
  table.add({"flash", flash_text(flash)});
  add_fit(table, network, flash);
  add_rounding(table, network);
  return table;
}

}  // namespace

std::string bytes_text(std::int64_t bytes) {
  return grouped(bytes) + " B";
}

std::string headline(const Graph &graph, std::int64_t macs) {
  return graph.file + ": " + tensors_text(graph, graph.inputs) + " -> " + tensors_text(graph, graph.outputs) +
         ", " + grouped(operator_count(graph)) + " operators, " + grouped(macs) + " MACs, arithmetic " +
         name_of(graph.numerics) + "\n";
}

std::string inspect_text(const Graph &graph) {
  Table table({R, L, L, L, R, R, L});
  table.add({"op", "kind", "inputs", "output", "MACs", "weights B", "quantisation of the output"});
  std::int64_t total_macs = 0;
  for (std::size_t id = 0; id < graph.ops.size(); ++id) {
    const Op &op = graph.ops[id];
    std::vector<TensorId> computed;
    for (TensorId input : op.inputs) {
      if (input != kNone && !graph.tensor(input).constant()) computed.push_back(input);
    }
    total_macs += macs(graph, op);
    table.add({std::to_string(id), name_of(op), tensors_text(graph, computed),
               tensor_text(graph.tensor(op.output())), grouped(macs(graph, op)),
               grouped(constant_bytes(graph, op)),
               quantization_text(graph.tensor(op.output()).quantization)});
  }
  return headline(graph, total_macs) + "sha256 " + graph.sha256 + "\nweights " +
         bytes_text(constant_bytes(graph)) + "\n" +
         (graph.states.empty()
              ? ""
              : "state   " + bytes_text(state_bytes(graph)) + " in " +
                    grouped(static_cast<std::int64_t>(graph.states.size())) + " variables\n") +
         "\n" + table.text();
}

std::string compile_text(const Network &network, const Flash &flash, const TextOptions &options) {
  Table table = static_table(network, flash);
  table.add({"MACs", grouped(network.compute.macs) + " (" +
                         grouped(network.compute.macs - network.compute.macs_unplanned) +
                         " recomputed, overhead " + fixed(overhead(network.compute), 3) + ")"});
  const std::vector<std::string> passes = pass_lines(network.passes);
  for (std::size_t i = 0; i < passes.size(); ++i) table.add({i == 0 ? "passes" : "", passes[i]});
  if (const auto cycles = estimated_cycles(network)) {
    table.add({"time", "about " + milliseconds_text(milliseconds(network.profile, *cycles)) + " ms on " +
                           device_text(network.profile) + " (estimate: " + grouped(*cycles) +
                           " cycles from the " + (network.operator_costs.empty() ? "MACs" : "kernels") +
                           (network.stall_cycles > 0 ? " and stalls)" : ")")});
  }
  table.add({"proof", grouped(network.proof.firings) + " firings, " + grouped(network.proof.bytes_read) +
                          " bytes read, each the right one"});
  return headline(*network.graph, network.compute.macs_unplanned) + table.text() +
         stages_text(network, options.all_stages) + listed_passes(network);
}

std::string verify_text(const Network &network, const Verification &verification) {
  Table table = run_table();
  for (const RunFigures &run : verification.runs) {
    add_run(table, run, run.on == "interpreter" ? "reference" : count_text(run.mismatched_bytes));
  }
  std::string text = headline(*network.graph, network.compute.macs_unplanned) +
                     static_table(network, verification.flash).text() + listed_passes(network) + "\n" +
                     table.text() + "\n";
  for (const RunFigures &run : verification.runs) {
    if (!run.parts.empty()) text += "accesses on " + run.on + ": " + parts_text(run) + "\n";
  }
  text += operators_text(network, verification.operators);
  if (verification.deviation) text += deviation_text(*verification.deviation) + "\n";
  const std::string scope =
      std::to_string(verification.inputs) + (verification.inputs == 1 ? " input" : " inputs") + " (seed " +
      std::to_string(verification.seed) + "), " + grouped(verification.output_bytes) + " output bytes each";
  if (verification.mismatched_bytes == 0) return text + "verified: " + scope + ", 0 mismatched bytes\n";
  text += "MISMATCH: " + scope + ", " + grouped(verification.mismatched_bytes) + " mismatched bytes";
  if (const auto &first = verification.first_mismatch) {
    text += "; first on " + first->on + ": inference " + std::to_string(first->inference) + ", output " +
            std::to_string(first->output) + ", byte " + std::to_string(first->byte) + ": expected " +
            std::to_string(first->expected) + ", found " + std::to_string(first->found);
  }
  return text + "\n";
}

std::string run_text(const Network &network, const RunReport &run) {
  std::string text = headline(*network.graph, network.compute.macs_unplanned);
  Table table({L, L});
  table.add({"on", run.figures.on});
  table.add({"inferences", grouped(static_cast<std::int64_t>(run.inferences)) + ends_text(network, run)});
  if (run.flash) {
    table.add({"RAM", arena_text(network)});
    table.add({"flash", flash_text(*run.flash)});
  }
  add_rounding(table, network);
  if (run.figures.stack_bytes) table.add({"stack", bytes_text(*run.figures.stack_bytes)});
  if (run.figures.instructions) {
    table.add({"instructions",
               grouped(*run.figures.instructions) + " per inference, the most over the inputs (" +
                   count_text(run.figures.loads) + " loads, " + count_text(run.figures.stores) + " stores)"});
  }
  if (!run.figures.parts.empty()) table.add({"accesses", parts_text(run.figures)});
  if (run.figures.cycles_estimate) {
    table.add({"time", "about " + milliseconds_text(run.figures.milliseconds_estimate) + " ms on " +
                           device_text(network.profile) +
                           " (estimate: " + grouped(*run.figures.cycles_estimate) + " cycles)"});
  }
  if (run.compared_bytes) {
    table.add({"equality", count_text(run.figures.mismatched_bytes) + " of " + grouped(*run.compared_bytes) +
                               " output bytes differ from the interpreter's"});
  }
  if (run.accuracy) {
    table.add({"accuracy", grouped(run.accuracy->right) + " of " + grouped(run.accuracy->of) + " right (" +
                               fixed(100.0 * static_cast<double>(run.accuracy->right) /
                                         static_cast<double>(std::max<std::int64_t>(run.accuracy->of, 1)),
                                     1) +
                               " %)"});
  }
  return text + table.text() + listed_passes(network);
}

}  // namespace thimble::report
