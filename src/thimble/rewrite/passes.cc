#include "thimble/rewrite/passes.h"

#include <fmt/format.h>

#include "thimble/rewrite/fold_constants.h"
#include "thimble/rewrite/fold_ends.h"
#include "thimble/rewrite/remove_dead.h"

namespace thimble {

namespace {

constexpr Pass kCanonicalise[] = {
    {"fold_constants", "operators with only constant inputs become constants",
     [](Graph graph, const RewriteOptions &) { return fold_constants(std::move(graph)); }},
    {"fold_quantization_at_ends",
     "QUANTIZE after an input and DEQUANTIZE before an output move to the caller",
     [](Graph graph, const RewriteOptions &options) {
       return options.float_io ? Result<Graph>(std::move(graph))
                               : fold_quantization_at_ends(std::move(graph));
     }},
    {"remove_dead", "operators and tensors that no output needs are removed",
     [](Graph graph, const RewriteOptions &) { return remove_dead(std::move(graph)); }},
};

Result<Graph> run(std::span<const Pass> passes, Graph graph, const RewriteOptions &options) {
  for (const Pass &pass : passes) {
    Result<Graph> result = pass.run(std::move(graph), options);
    if (!result) return result;
    graph = std::move(*result);
    if (Result<void> verified = verify(graph); !verified) {
      Error error = std::move(verified.error());
      for (Diagnostic &line : error.lines)
        line.reason = fmt::format("after pass {}: {}", pass.name, line.reason);
      return tl::unexpected(std::move(error));
    }
  }
  return graph;
}

}  // namespace

std::span<const Pass> canonicalise() {
  return kCanonicalise;
}

std::span<const Pass> lower() {
  return {};
}

Result<Graph> rewrite(Graph graph, const RewriteOptions &options) {
  Result<Graph> canonical = run(canonicalise(), std::move(graph), options);
  if (!canonical) return canonical;
  return run(lower(), std::move(*canonical), options);
}

}  // namespace thimble
