#include "thimble/report/state_stream.h"

#include "thimble/plan/states.h"

namespace thimble::report {
namespace {

/// How to call the tool again for the same bytes.
std::string canonical_options(const StateStream &stream) {
  const CompileOptions &options = stream.request.compile;
  std::string text = "--target " + stream.network.profile.name + " --name " + stream.network.options.name;
  if (stream.request.keep_states) text += " --keep-states";
  if (options.float_io) text += " --float-io";
  if (options.fold_floats) text += " --fold-floats";
  for (const std::string &pass : options.without) text += " --no-pass " + pass;
  return text;
}

Result<void> expect_whole_inputs(const StreamRequest &request) {
  if (!is_about_time(request)) return {};
  return file_failure(request.compile.model,
                      "the network keeps states, so that a step is one inference of it, with its whole input",
                      "leave out --axis, --mode, --hop, --causal and --extra");
}

}  // namespace

bool is_about_time(const StreamRequest &request) {
  return request.axis || request.hop > 0 || request.causal || request.extras.any() ||
         request.mode != stream::StreamMode::scheduled;
}

Result<StateStream> plan_state_stream(Network network, const StreamRequest &request) {
  if (auto ok = expect_whole_inputs(request); !ok) return tl::unexpected(ok.error());
  PlanOptions wanted;
  wanted.ram_limit = request.compile.ram_limit;
  auto plan = plan_states(*network.graph, wanted, network.profile.kernels);
  if (!plan) return tl::unexpected(plan.error());
  if (auto ok = add_plan(network, std::move(*plan)); !ok) return tl::unexpected(ok.error());
  if (auto ok = check_ram_limit(request.compile, network.memory.arena_bytes); !ok)
    return tl::unexpected(ok.error());
  return StateStream{request, std::move(network), {}};
}

Result<EmittedProgram> emit_stream(const StateStream &stream) {
  return emit(stream.schedule(), emit_options(stream.network, canonical_options(stream)));
}

}  // namespace thimble::report
