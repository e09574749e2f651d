#include "thimble/rewrite/passes.h"

#include <fmt/format.h>

#include <algorithm>

#include "thimble/graph/rules.h"
#include "thimble/rewrite/drop_identities.h"
#include "thimble/rewrite/fold_constants.h"
#include "thimble/rewrite/fold_ends.h"
#include "thimble/rewrite/fold_padding.h"
#include "thimble/rewrite/fold_scales.h"
#include "thimble/rewrite/merge_common.h"
#include "thimble/rewrite/merge_conversions.h"
#include "thimble/rewrite/merge_filters.h"
#include "thimble/rewrite/merge_lookups.h"
#include "thimble/rewrite/merge_max_pools.h"
#include "thimble/rewrite/merge_reshapes.h"
#include "thimble/rewrite/relax_activations.h"
#include "thimble/rewrite/remove_channels.h"
#include "thimble/rewrite/remove_dead.h"
#include "thimble/rewrite/sink_transposes.h"
#include "thimble/rewrite/widen_depthwise.h"

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
    {"drop_identities", "operators that pass their input on as it is go",
     [](Graph graph, const RewriteOptions &) { return drop_identities(std::move(graph)); }},
    {"fold_scales", "MUL, ADD and SUB per channel become part of float filters, where no bit changes",
     [](Graph graph, const RewriteOptions &) { return fold_scales(std::move(graph)); }},
    {"fold_floats", "the same where results round differently; only with --fold-floats",
     [](Graph graph, const RewriteOptions &) { return fold_floats(std::move(graph)); }, false},
    {"merge_conversions", "two conversions in a row become one or none, where every value agrees",
     [](Graph graph, const RewriteOptions &) { return merge_conversions(std::move(graph)); }},
    {"merge_common", "what is computed or stored twice is once",
     [](Graph graph, const RewriteOptions &) { return merge_common(std::move(graph)); }},
    {"merge_filters", "filters side by side whose channels are joined at once become one",
     [](Graph graph, const RewriteOptions &) { return merge_filters(std::move(graph)); }},
    {"merge_max_pools", "MAX_POOL_2D of a MAX_POOL_2D becomes one, where that keeps no more rows",
     [](Graph graph, const RewriteOptions &) { return merge_max_pools(std::move(graph)); }},
    {"widen_depthwise", "DEPTHWISE_CONV_2D of one input channel becomes CONV_2D",
     [](Graph graph, const RewriteOptions &) { return widen_depthwise(std::move(graph)); }},
    {"remove_channels", "channels that are constant for every input become biases, unread ones go",
     [](Graph graph, const RewriteOptions &) { return remove_channels(std::move(graph)); }},
    {"relax_activations", "clamps that no value reaches go",
     [](Graph graph, const RewriteOptions &) { return relax_activations(std::move(graph)); }},
    {"remove_dead", "operators, states and tensors that no output needs are removed",
     [](Graph graph, const RewriteOptions &) { return remove_dead(std::move(graph)); }},
};

/// What other passes would not know again.
constexpr Pass kLower[] = {
    {"merge_lookups", "operators that are functions of one byte of a tensor become one table",
     [](Graph graph, const RewriteOptions &) { return merge_lookups(std::move(graph)); }},
};

/// Real networks need a few rounds, the last of which finds nothing. Passes only remove operators or move
/// them down, so that they end; the limit guards the time that a hostile file may take, and a graph is right
/// after every pass.
constexpr int kMostRounds = 16;

/// Whether two graphs have the same operators between the same tensors.
bool equal(const Graph &a, const Graph &b) {
  const auto same_op = [](const Op &x, const Op &y) {
    return x.attributes == y.attributes && x.inputs == y.inputs && x.outputs == y.outputs;
  };
  const auto same_state = [](const State &x, const State &y) {
    return x.read == y.read && x.written == y.written;
  };
  const auto same_tensor = [](const Tensor &x, const Tensor &y) {
    return x.shape == y.shape && x.type == y.type && x.data == y.data;
  };
  return std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(), same_op) &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(), same_tensor) &&
         std::equal(a.states.begin(), a.states.end(), b.states.begin(), b.states.end(), same_state) &&
         a.inputs == b.inputs && a.outputs == b.outputs;
}

void add_difference(PassEffect &effect, const Graph &before, const Graph &after) {
  const auto operators = [](const Graph &graph) { return static_cast<std::int64_t>(graph.ops.size()); };
  ++effect.changes;
  effect.operators_less += operators(before) - operators(after);
  effect.macs_less += macs(before) - macs(after);
  effect.constant_bytes_less += constant_bytes(before) - constant_bytes(after);
}

/// Verifies what a pass has made, and runs it when there is a sample.
Result<void> examine(const Pass &pass, const Graph &graph, const RewriteOptions &options,
                     std::optional<Sample> &sample) {
  Result<void> good = verify(graph);
  if (good && sample && pass.exact) good = check_outputs(*sample, graph);
  if (good && sample && !pass.exact) sample = take_sample(graph, options.most_reads);
  if (good) return good;
  Error error = std::move(good.error());
  for (Diagnostic &line : error.lines) line.reason = fmt::format("after pass {}: {}", pass.name, line.reason);
  return tl::unexpected(std::move(error));
}

Result<std::vector<PassEffect>> enabled_passes(const RewriteOptions &options) {
  std::vector<PassEffect> effects;
  for (const Pass &pass : all_passes()) {
    const bool left_out =
        std::find(options.without.begin(), options.without.end(), pass.name) != options.without.end();
    effects.push_back({pass, !left_out && (pass.exact || options.fold_floats)});
  }
  for (const std::string &name : options.without) {
    const bool known = std::any_of(effects.begin(), effects.end(),
                                   [&](const PassEffect &effect) { return effect.pass.name == name; });
    if (!known) return failure(fmt::format("there is no pass '{}'", name));
  }
  return effects;
}

}  // namespace

std::span<const Pass> canonicalise() {
  return kCanonicalise;
}

std::span<const Pass> lower() {
  return kLower;
}

std::vector<Pass> all_passes() {
  std::vector<Pass> passes(canonicalise().begin(), canonicalise().end());
  passes.insert(passes.end(), lower().begin(), lower().end());
  return passes;
}

bool rounds_differently(std::span<const PassEffect> effects) {
  return std::any_of(effects.begin(), effects.end(),
                     [](const PassEffect &effect) { return !effect.pass.exact && effect.changes > 0; });
}

Result<bool> run_once(std::span<PassEffect> effects, Graph &graph, const RewriteOptions &options,
                      std::optional<Sample> &sample) {
  bool changed = false;
  for (PassEffect &effect : effects) {
    if (!effect.enabled) continue;
    Result<Graph> result = effect.pass.run(graph, options);
    if (!result) return tl::unexpected(std::move(result.error()));
    if (equal(graph, *result)) continue;
    if (Result<void> good = examine(effect.pass, *result, options, sample); !good)
      return tl::unexpected(std::move(good.error()));
    add_difference(effect, graph, *result);
    graph = std::move(*result);
    changed = true;
  }
  return changed;
}

Result<Rewritten> rewrite_and_tell(Graph graph, const RewriteOptions &options) {
  if (Result<void> good = verify(graph); !good) return tl::unexpected(std::move(good.error()));
  Result<std::vector<PassEffect>> effects = enabled_passes(options);
  if (!effects) return tl::unexpected(std::move(effects.error()));
  std::optional<Sample> sample =
      options.most_reads > 0 ? take_sample(graph, options.most_reads) : std::nullopt;
  const std::span<PassEffect> all(*effects), first = all.first(canonicalise().size());
  Result<bool> changed = true;
  for (int round = 0; round < kMostRounds && changed && *changed; ++round) {
    changed = run_once(first, graph, options, sample);
    if (changed && !*changed) changed = run_once(all.subspan(first.size()), graph, options, sample);
  }
  if (!changed) return tl::unexpected(std::move(changed.error()));
  return Rewritten{std::move(graph), std::move(*effects)};
}

Result<Graph> rewrite(Graph graph, const RewriteOptions &options) {
  Result<Rewritten> rewritten = rewrite_and_tell(std::move(graph), options);
  if (!rewritten) return tl::unexpected(std::move(rewritten.error()));
  return std::move(rewritten->graph);
}

}  // namespace thimble
