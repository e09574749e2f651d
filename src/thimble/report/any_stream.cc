#include "thimble/report/any_stream.h"

namespace thimble::report {

Result<AnyStream> plan_any_stream(const StreamRequest &request) {
  auto network = read_network(request.compile);
  if (!network) return tl::unexpected(network.error());
  const bool keeps = !network->graph->states.empty();
  const auto as_any = [](auto stream) -> Result<AnyStream> {
    if (!stream) return tl::unexpected(stream.error());
    return AnyStream(std::move(*stream));
  };
  if (keeps) return as_any(plan_state_stream(std::move(*network), request));
  return as_any(plan_stream_network(std::move(*network), request));
}

}  // namespace thimble::report
