// Every operator computes the same bytes tile by tile, with reductions in parts, from and into folded memory
// that holds nothing but the footprint, as it does whole.
#include <gtest/gtest.h>

#include <map>

#include "graph/single_op.h"
#include "support/random_graph.h"

namespace thimble::test {
namespace {

constexpr std::uint8_t kPoison = 0x5B;

/// Memory that holds one box of a tensor, folded at random as rings, slices, windows or pixel FIFOs are.
class FoldedBox {
 public:
  FoldedBox(Random &random, const Shape &shape, const Region &box, ElementType type) : type_(type) {
    layout_.shape = shape;
    layout_.element_size = size_of(type);
    for (int a = 0; a < box.rank; ++a) {
      const std::int32_t least = std::max(box.axis[a].size(), 1);
      layout_.fold.push_back(random.integer(least, shape[static_cast<std::size_t>(a)]));
    }
    if (box.rank == 4 && !box.empty() && random.chance(30)) {
      const auto pixel = [&](std::int32_t n, std::int32_t y, std::int32_t x) {
        return (n * shape[1] + y) * shape[2] + x;
      };
      const std::int32_t first = pixel(box.axis[0].begin, box.axis[1].begin, box.axis[2].begin);
      const std::int32_t last = pixel(box.axis[0].end - 1, box.axis[1].end - 1, box.axis[2].end - 1);
      layout_.fifo_pixels = last - first + 1;
    }
    // 8-byte elements keep the widest accumulators aligned.
    storage_.resize(static_cast<std::size_t>(layout_.bytes() + 7) / 8);
    std::memset(storage_.data(), kPoison, storage_.size() * 8);
  }

  View view() { return {reinterpret_cast<std::byte *>(storage_.data()), layout_, type_}; }

  /// Copies the box from or to a whole tensor.
  void fill(const Bytes &whole, const Region &box) { copy(box, const_cast<Bytes &>(whole), false); }
  void drain(Bytes &whole, const Region &box) { copy(box, whole, true); }

 private:
  void copy(const Region &box, Bytes &whole, bool out) {
    Layout plain = layout_;
    plain.fold = plain.shape;
    plain.fifo_pixels = 0;
    const std::size_t size = static_cast<std::size_t>(layout_.element_size);
    for_each_run(box, [&](std::array<std::int32_t, kMaxRank> at, std::int32_t length) {
      for (std::int32_t i = 0; i < length; ++i) {
        std::uint8_t *outside = whole.data() + plain.offset(at);
        std::byte *inside = view().at<std::byte>(at);
        if (out) {
          std::memcpy(outside, inside, size);
        } else {
          std::memcpy(inside, outside, size);
        }
        if (box.rank > 0) ++at[static_cast<std::size_t>(box.rank - 1)];
      }
    });
  }

  ElementType type_;
  Layout layout_;
  std::vector<std::uint64_t> storage_;
};

ElementType accumulator_type(ElementType type) {
  return type == ElementType::float32 ? ElementType::float32
         : type == ElementType::int16 ? ElementType::int64
                                      : ElementType::int32;
}

/// Cuts [0, length) at random; at least one part.
std::vector<Range> cuts(Random &random, std::int32_t length) {
  std::vector<Range> parts;
  for (std::int32_t begin = 0; begin < length;) {
    const std::int32_t end = random.chance(40) ? length : random.integer(begin + 1, length);
    parts.push_back({begin, end});
    begin = end;
  }
  return parts;
}

std::vector<Region> tiles_of(Random &random, const Shape &shape) {
  std::vector<Region> tiles{Region::whole(shape)};
  for (std::size_t a = 0; a < shape.size(); ++a) {
    const std::vector<Range> parts = cuts(random, shape[a]);
    std::vector<Region> next;
    for (const Region &tile : tiles) {
      for (const Range &part : parts) {
        next.push_back(tile);
        next.back().axis[a] = part;
      }
    }
    tiles = next;
  }
  return tiles;
}

/// The operator's output computed in tiles, each in its own folded memory, each reduction in parts.
Bytes run_in_tiles(Random &random, const Graph &graph, const Op &op, const std::vector<Bytes> &values,
                   int &partial) {
  const Tensor &output = graph.tensor(op.output());
  Bytes result(static_cast<std::size_t>(output.bytes()), kPoison);
  const std::int32_t extent = reduction_extent(graph, op);
  for (const Region &tile : tiles_of(random, output.shape)) {
    FoldedBox target(random, output.shape, tile, output.type);
    FoldedBox sums(random, output.shape, tile, accumulator_type(output.type));
    for (const Range &part : cuts(random, extent)) {
      OpRun run{graph, op, {}, target.view(), {}, tile, part, part.begin == 0, part.end == extent};
      if (part.size() != extent) {
        run.accumulator = sums.view();
        ++partial;
      }
      std::vector<FoldedBox> sources;
      sources.reserve(op.inputs.size());
      for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        if (op.inputs[i] == kNone) {
          run.inputs.push_back({});
          continue;
        }
        const Tensor &tensor = graph.tensor(op.inputs[i]);
        if (tensor.constant()) {
          auto *data = const_cast<std::uint8_t *>(tensor.data->data());
          run.inputs.push_back({reinterpret_cast<std::byte *>(data), Layout::whole(tensor), tensor.type});
          continue;
        }
        const Region box = input_region(footprint(graph, op, static_cast<int>(i)), tensor.shape, tile, part);
        sources.emplace_back(random, tensor.shape, box, tensor.type);
        sources.back().fill(values[static_cast<std::size_t>(op.inputs[i])], box);
        run.inputs.push_back(sources.back().view());
      }
      thimble::run(run);
    }
    target.drain(result, tile);
  }
  return result;
}

class Tiles : public testing::TestWithParam<ElementType> {};

TEST_P(Tiles, GiveTheSameBytesAsTheWhole) {
  std::map<std::string, int> partial_firings;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for_each_single_op(seed, GetParam(), [&](const char *name, const Graph &graph) {
      const auto values = interpret(graph, random_inputs(graph, seed));
      ASSERT_TRUE(values) << values.error().text();
      Random random(seed + 1);
      const Op &op = single_op(graph);
      EXPECT_EQ(run_in_tiles(random, graph, op, *values, partial_firings[name]),
                (*values)[static_cast<std::size_t>(op.output())])
          << name << ", seed " << seed;
    });
  }
  for (const char *name : {"CONV_2D", "FULLY_CONNECTED", "MEAN"})
    EXPECT_GT(partial_firings[name], 50) << name;
  EXPECT_EQ(partial_firings["MAX_POOL_2D"], 0);
}

TEST_P(Tiles, OfWholeNetworksGiveTheSameBytes) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomGraphOptions options;
    options.type = GetParam();
    const Graph graph = random_graph(seed, options);
    const auto values = interpret(graph, random_inputs(graph, seed));
    ASSERT_TRUE(values) << values.error().text();
    Random random(seed + 2);
    int partial = 0;
    for (const Op &op : graph.ops) {
      if (op.is<Input>()) continue;
      EXPECT_EQ(run_in_tiles(random, graph, op, *values, partial),
                (*values)[static_cast<std::size_t>(op.output())])
          << name_of(op) << ", seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Tiles,
                         testing::Values(ElementType::int8, ElementType::int16, ElementType::float32),
                         [](const auto &type) { return name_of(type.param); });

TEST(InPlace, OperatorsThatSayItMayOverwriteTheirInput) {
  int in_place_runs = 0;
  for (ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      for_each_single_op(seed, type, [&](const char *name, const Graph &graph) {
        const Op &op = single_op(graph);
        const auto values = interpret(graph, random_inputs(graph, seed));
        ASSERT_TRUE(values);
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
          if (in_place(graph, op, static_cast<int>(i)) == InPlace::no) continue;
          std::vector<Bytes> memory = *values;
          const Bytes &expected = (*values)[static_cast<std::size_t>(op.output())];
          Bytes &shared = memory[static_cast<std::size_t>(op.inputs[i])];
          shared.resize(std::max(shared.size(), expected.size()));
          OpRun run{graph,
                    op,
                    {},
                    {},
                    {},
                    Region::whole(graph.tensor(op.output()).shape),
                    {0, reduction_extent(graph, op)}};
          for (TensorId id : op.inputs) {
            const Tensor &tensor = graph.tensor(id);
            auto *data = tensor.constant() ? const_cast<std::uint8_t *>(tensor.data->data())
                                           : memory[static_cast<std::size_t>(id)].data();
            run.inputs.push_back({reinterpret_cast<std::byte *>(data), Layout::whole(tensor), tensor.type});
          }
          run.output = {run.inputs[i].base, Layout::whole(graph.tensor(op.output())),
                        graph.tensor(op.output()).type};
          thimble::run(run);
          shared.resize(expected.size());
          EXPECT_EQ(shared, expected) << name << ", seed " << seed;
          ++in_place_runs;
        }
      });
    }
  }
  EXPECT_GT(in_place_runs, 500);
}

}  // namespace
}  // namespace thimble::test
