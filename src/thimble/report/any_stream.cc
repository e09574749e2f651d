#include "thimble/report/any_stream.h"

#include "thimble/read/tflite.h"

namespace thimble::report {

Result<AnyStream> plan_any_stream(const StreamRequest &request) {
  const auto as_any = [](auto stream) -> Result<AnyStream> {
    if (!stream) return tl::unexpected(stream.error());
    return AnyStream(std::move(*stream));
  };
  auto file = read_tflite(std::filesystem::path(request.compile.model));
  if (!file) return tl::unexpected(file.error());
  const bool keeps = !file->states.empty();
  if (!keeps && request.keep_states)
    return file_failure(request.compile.model, "the network keeps no states", "leave out --keep-states");
  std::string no_rings;
  if (keeps && !request.keep_states) {
    auto rings = plan_without_states(*file, request);
    if (rings || is_about_time(request)) return as_any(std::move(rings));
    no_rings = rings.error().lines[0].reason;
  }
  auto network = network_of(std::move(*file), request.compile);
  if (!network) return tl::unexpected(network.error());
  if (!keeps) return as_any(plan_stream_network(std::move(*network), request));
  auto states = plan_state_stream(std::move(*network), request);
  if (states) states->no_rings = std::move(no_rings);
  return as_any(std::move(states));
}

}  // namespace thimble::report
