#include "thimble/report/any_stream.h"

#include "thimble/read/tflite.h"

namespace thimble::report {
namespace {

template <class Stream>
Result<AnyStream> as_any(Result<Stream> stream) {
  if (!stream) return tl::unexpected(stream.error());
  return AnyStream(std::move(*stream));
}

}  // namespace

Result<AnyStream> plan_any_stream(const StreamRequest &request) {
  auto file = read_tflite(std::filesystem::path(request.compile.model));
  if (!file) return tl::unexpected(file.error());
  const bool keeps = !file->states.empty();
  if (!keeps && request.keep_states)
    return file_failure(request.compile.model, "the network keeps no states", "leave out --keep-states");
  if (!keeps || !request.keep_states) {
    auto by_frame = plan_stream_network(*file, request);
    if (by_frame || !keeps || speaks_of_frames(request)) return as_any(std::move(by_frame));
  }
  auto network = network_of(std::move(*file), request.compile);
  if (!network) return tl::unexpected(network.error());
  return as_any(plan_state_stream(std::move(*network), request));
}

}  // namespace thimble::report
