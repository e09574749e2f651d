// The way through the house, once: a model file becomes a network that is planned, proved and ready to emit.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "thimble/device/profile.h"
#include "thimble/emit/emit.h"
#include "thimble/plan/plan.h"
#include "thimble/report/random_inputs.h"
#include "thimble/rewrite/convert.h"
#include "thimble/rewrite/passes.h"
#include "thimble/schedule/check.h"
#include "thimble/schedule/cost.h"
#include "thimble/schedule/kernel_cost.h"
#include "thimble/schedule/loads.h"

namespace thimble::report {

/// What `compile` can be told; `run` and `verify` take all of it.
struct CompileOptions {
  std::string model = {};            ///< path of the model file
  std::string target = "cortex-m4";  ///< name of a built-in device profile, or a path to one
  std::string name = {};             ///< prefix of all C symbols; empty: made of the model's file name
  bool float_io = false;             ///< keep QUANTIZE and DEQUANTIZE at the network's ends
  bool fold_floats = false;          ///< fold factors and offsets into float weights: rounds differently
  bool selftest = false;             ///< add one golden vector to the program
  std::optional<std::int64_t> ram_limit = {};  ///< bytes that the arena may take at most
  Objective minimize = Objective::ram;
  std::optional<KernelSet> kernels = {};  ///< instead of the target's
  PlanSpace space = PlanSpace::all;
  InputMode input = InputMode::consumed;
  double max_overhead = 1.0;              ///< multiply-accumulates of the plan against those of the graph
  std::vector<Memory> memories = {};      ///< RAMs of the user's board; none: those of the target's profile
  std::vector<std::string> without = {};  ///< names of rewrite passes to leave out
  bool list_passes = false;               ///< reports tell what every pass did
  std::string plan = {};  ///< name of a point of the front ("p3"); empty: the best plan under the limits
};

/// How far the front goes when no limit is given.
constexpr double kFrontOverhead = 4.0;

/// A network with its plan. The figures are all static: nothing has run yet.
struct Network {
  CompileOptions options;  ///< with `name` filled in
  Profile profile;
  std::shared_ptr<const Graph> file;   ///< as read
  std::shared_ptr<const Graph> graph;  ///< after the rewrite passes
  std::vector<PassEffect> passes;      ///< what each pass did on the way from one to the other
  Ends ends;                           ///< how the inputs and outputs of the two relate
  Schedule schedule;
  Proof proof;
  MemoryCost memory;
  std::int64_t lower_bound_bytes = 0;
  std::vector<BufferAccesses> accesses;  ///< by buffer
  std::int64_t stall_cycles = 0;         ///< of one run: loads and stores wait for slow memories, an estimate
  std::int64_t stall_bound_cycles = 0;   ///< no choice of memories for these buffers waits less
  ComputeCost compute;
  std::vector<StagePeak> peaks;          ///< one per stage
  std::vector<std::int64_t> stage_macs;  ///< one per stage, over its firings
  /// What each operator takes in one run by what its kernel took elsewhere; empty for targets whose kernels
  /// were not measured.
  std::vector<KernelCost> operator_costs;
};

/// The model file's name made a program's: "models/my net-2.tflite" -> "my_net_2", and where that cannot be
/// one "int.tflite" -> "network_int".
std::string default_name(const std::string &model);

/// Whether `name` can be the prefix of a program's symbols and files: a C identifier of at most 64 characters
/// that begins with a letter, is no keyword and not Thimble's own, and whose NAME.h and NAME.c stand in for
/// neither a header of the C library nor main.c (in small or capital letters: some file systems take them
/// for the same).
bool is_program_name(std::string_view name);

/// "p1" for the first point of the front, and so on.
std::string point_name(std::size_t index);

/// Multiply-accumulates of the plan against those of the graph; 1 for a graph without any.
double overhead(const ComputeCost &compute);

/// The memories that a plan may use: those of the options, or of the target's profile; none: one arena.
std::vector<Memory> memories_of(const Network &network);

/// Fails when the arena is larger than the options allow.
Result<void> check_ram_limit(const CompileOptions &options, std::int64_t arena_bytes);

/// read -> rewrite: a network without a plan.
Result<Network> read_network(const CompileOptions &options);
/// The same for a graph that is there already.
Result<Network> network_of(Graph file, const CompileOptions &options);

/// What the emitted program's documentation says of the network and its ends; `options`: how the tool was
/// called.
EmitOptions emit_options(const Network &network, std::string options);

/// Adds a plan, with its kernels, and its figures. The plan's graph may have operators more than the
/// network's: it becomes the network's.
Result<void> add_plan(Network &network, Plan plan);

/// read -> rewrite -> plan -> check.
Result<Network> plan_network(const CompileOptions &options);

/// The same for every point of the front of arena bytes against multiply-accumulates.
Result<std::vector<Network>> plan_front(const CompileOptions &options);

/// Schedule -> C sources.
Result<EmittedProgram> emit_network(const Network &network);

/// Converts one inference from the model file's own ends to the network's, and network outputs back. The
/// identity where no QUANTIZE or DEQUANTIZE was folded away.
Result<Inference> to_network_inputs(const Network &network, const Inference &inputs);
Result<Inference> to_file_outputs(const Network &network, const Inference &outputs);

/// Instructions of one inference, where kernels were measured.
std::optional<std::int64_t> estimated_instructions(const Network &network);
/// Cycles of one inference, likewise or by the profile's rule of thumb per multiply-accumulate, and what
/// loads and stores wait for slow memories; nothing for the host.
std::optional<std::int64_t> estimated_cycles(const Network &network);
/// What an operator was predicted to take; null where kernels were not measured, and for kNone.
const KernelCost *predicted_cost(const Network &network, OpId op);
/// Milliseconds that `cycles` take at the profile's clock; nothing without a clock.
std::optional<double> milliseconds(const Profile &profile, std::int64_t cycles);

}  // namespace thimble::report
