// What the rewrite passes take off networks, and whether they change a byte:
//
//   bench_rewrite [IMAGES] MODEL...
//
// prints multiply-accumulates and bytes of constants before and after, what each pass has done, and how many
// output bytes of IMAGES (default 0) random, flat, checkered and natural-like inputs differ: of the network,
// and of the network up to its last map.
#include <cstdio>
#include <cstdlib>

#include "support/images.h"
#include "support/last_map.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/convert.h"
#include "thimble/rewrite/passes.h"

namespace {

using namespace thimble;

std::vector<Bytes> images(const Graph &graph, int number, test::Random &random) {
  std::vector<Bytes> inputs;
  for (const TensorId input : graph.inputs) {
    const Tensor &tensor = graph.tensor(input);
    const int kind = size_of(tensor.type) == 1 ? number : 0;
    inputs.push_back(test::image(tensor, kind, random));
  }
  return inputs;
}

/// Output bytes that differ and all of them; -1 where a graph cannot be run.
std::pair<std::int64_t, std::int64_t> compare(const Graph &before, const Graph &after, int count) {
  const auto ends = match_ends(before, after);
  if (!ends) return {-1, 0};
  test::Random random(2026);
  std::int64_t different = 0, all = 0;
  for (int i = 0; i < count; ++i) {
    std::vector<Bytes> inputs = images(before, i, random);
    const auto expected = interpret_outputs(before, inputs);
    for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] = *to_network(ends->inputs[k], inputs[k]);
    const auto outputs = interpret_outputs(after, inputs);
    if (!expected || !outputs) return {-1, 0};
    for (std::size_t o = 0; o < outputs->size(); ++o) {
      const Bytes &want = (*expected)[o];
      const Bytes got = *to_file(ends->outputs[o], (*outputs)[o]);
      for (std::size_t b = 0; b < want.size(); ++b) different += want[b] != got[b];
      all += static_cast<std::int64_t>(want.size());
    }
  }
  return {different, all};
}

void print_differences(const char *what, const Graph &before, const Graph &after, int count) {
  const auto [different, all] = compare(before, after, count);
  std::printf("    %d inputs, %s: %lld of %lld output bytes differ\n", count, what,
              static_cast<long long>(different), static_cast<long long>(all));
}

}  // namespace

int main(int argc, char **argv) {
  int first = 1, count = 0;
  if (argc > 1 && std::atoi(argv[1]) > 0) count = std::atoi(argv[first++]);
  for (int i = first; i < argc; ++i) {
    const auto before = read_tflite(std::filesystem::path(argv[i]));
    if (!before) {
      std::printf("%s: not read\n", argv[i]);
      continue;
    }
    const auto after = rewrite_and_tell(*before, {});
    if (!after) {
      std::printf("%s: %s\n", argv[i], after.error().text().c_str());
      return 1;
    }
    std::printf("%s: %lld -> %lld MACs, %lld -> %lld bytes of constants\n", argv[i],
                static_cast<long long>(macs(*before)), static_cast<long long>(macs(after->graph)),
                static_cast<long long>(constant_bytes(*before)),
                static_cast<long long>(constant_bytes(after->graph)));
    for (const PassEffect &effect : after->effects) {
      if (effect.changes == 0) continue;
      std::printf("    %-26s %d changes, %lld operators, %lld MACs, %lld bytes less\n", effect.pass.name,
                  effect.changes, static_cast<long long>(effect.operators_less),
                  static_cast<long long>(effect.macs_less),
                  static_cast<long long>(effect.constant_bytes_less));
    }
    if (count == 0) continue;
    print_differences("network", *before, after->graph, count);
    const Graph map = test::up_to_last_map(*before);
    if (const auto rewritten = rewrite(map, {})) print_differences("last map", map, *rewritten, count);
  }
  return 0;
}
