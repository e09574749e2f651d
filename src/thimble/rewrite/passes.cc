#include "thimble/rewrite/passes.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/rewrite/fold_constants.h"
#include "thimble/rewrite/fold_ends.h"
#include "thimble/rewrite/fold_padding.h"
#include "thimble/rewrite/merge_reshapes.h"
#include "thimble/rewrite/remove_dead.h"
#include "thimble/rewrite/sink_transposes.h"

namespace thimble {

namespace {

constexpr Pass kCanonicalise[] = {
    {"fold_constants", "operators with only constant inputs become constants",
     [](Graph graph, const RewriteOptions &) { return fold_constants(std::move(graph)); }},
    {"fold_padding", "PAD becomes the padding of the convolutions behind it",
     [](Graph graph, const RewriteOptions &) { return fold_padding(std::move(graph)); }},
    {"merge_reshapes", "chains of RESHAPE become one, those that change nothing go",
     [](Graph graph, const RewriteOptions &) { return merge_reshapes(std::move(graph)); }},
    {"sink_transposes", "TRANSPOSE moves down past MEAN and element-wise operators, and cancels",
     [](Graph graph, const RewriteOptions &) { return sink_transposes(std::move(graph)); }},
    {"fold_quantization_at_ends",
     "QUANTIZE after an input and DEQUANTIZE before an output move to the caller",
     [](Graph graph, const RewriteOptions &options) {
       return options.float_io ? Result<Graph>(std::move(graph))
                               : fold_quantization_at_ends(std::move(graph));
     }},
    {"remove_dead", "operators and tensors that no output needs are removed",
     [](Graph graph, const RewriteOptions &) { return remove_dead(std::move(graph)); }},
};

/// Real networks need two rounds at most, the last of which finds nothing. Passes only remove operators or
/// move them down, so that they end; the limit guards the time that a hostile file may take, and a graph is
/// right after every pass.
constexpr int kMostRounds = 16;

/// Whether two graphs have the same operators between tensors of the same shapes. Every change that a pass
/// makes shows in this.
bool same_wiring(const Graph &a, const Graph &b) {
  const auto same_op = [](const Op &x, const Op &y) {
    return x.attributes.index() == y.attributes.index() && x.inputs == y.inputs && x.outputs == y.outputs;
  };
  const auto same_tensor = [](const Tensor &x, const Tensor &y) {
    return x.shape == y.shape && x.type == y.type && x.data == y.data;
  };
  return std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(), same_op) &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(), same_tensor) &&
         a.inputs == b.inputs && a.outputs == b.outputs;
}

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
  for (int round = 0; round < kMostRounds; ++round) {
    Result<Graph> canonical = run(canonicalise(), graph, options);
    if (!canonical) return canonical;
    const bool settled = same_wiring(*canonical, graph);
    graph = std::move(*canonical);
    if (settled) break;
  }
  return run(lower(), std::move(graph), options);
}

}  // namespace thimble
