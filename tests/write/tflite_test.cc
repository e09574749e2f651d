// Graphs written as TFLite files and read back.
#include "thimble/write/tflite.h"

#include <gtest/gtest.h>

#include <iostream>

#include "stream/stream_graphs.h"
#include "support/random.h"
#include "support/random_graph.h"
#include "support/shared_data.h"
#include "thimble/base/files.h"
#include "thimble/graph/interpret.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/fold_padding.h"

namespace thimble::test {
namespace {

bool same_bytes(const Tensor &a, const Tensor &b) {
  return a.constant() == b.constant() && (!a.constant() || *a.data == *b.data);
}

/// Of one scale the axis means nothing.
bool same_quantization(Quantization a, Quantization b) {
  if (!a.per_channel()) a.axis = b.axis;
  return a == b;
}

/// Tensors may have other numbers; each has one that stands for it.
void expect_same(const Graph &a, const Graph &b) {
  ASSERT_EQ(a.ops.size(), b.ops.size());
  for (std::size_t o = 0; o < a.ops.size(); ++o) {
    SCOPED_TRACE("operator " + std::to_string(o) + " " + name_of(a.ops[o]));
    EXPECT_TRUE(a.ops[o].attributes == b.ops[o].attributes);
    ASSERT_EQ(a.ops[o].inputs.size(), b.ops[o].inputs.size());
    std::vector<std::pair<TensorId, TensorId>> both = {{a.ops[o].output(), b.ops[o].output()}};
    for (std::size_t j = 0; j < a.ops[o].inputs.size(); ++j)
      both.emplace_back(a.ops[o].inputs[j], b.ops[o].inputs[j]);
    for (const auto &[x, y] : both) {
      ASSERT_EQ(x == kNone, y == kNone);
      if (x == kNone) continue;
      EXPECT_EQ(a.tensor(x).name, b.tensor(y).name);
      EXPECT_EQ(a.tensor(x).type, b.tensor(y).type);
      EXPECT_EQ(a.tensor(x).shape, b.tensor(y).shape);
      EXPECT_TRUE(same_quantization(a.tensor(x).quantization, b.tensor(y).quantization));
      EXPECT_TRUE(same_bytes(a.tensor(x), b.tensor(y))) << a.tensor(x).name;
    }
  }
}

/// Back through a file; nothing where the file cannot say it.
std::optional<Graph> through_file(const Graph &graph) {
  const auto bytes = write_tflite(graph);
  if (!bytes) {
    EXPECT_EQ(bytes.error().lines.size(), 1u);
    EXPECT_NE(bytes.error().text().find("neither SAME nor VALID"), std::string::npos) << bytes.error().text();
    return std::nullopt;
  }
  auto read = read_tflite(*bytes, "written.tflite");
  EXPECT_TRUE(read) << read.error().text();
  if (!read) return std::nullopt;
  auto folded = fold_padding(std::move(*read));
  EXPECT_TRUE(folded);
  return *folded;
}

TEST(WriteTflite, RandomNetworksComeBack) {
  int written = 0, refused = 0;
  for (const ElementType type : {ElementType::int8, ElementType::int16, ElementType::float32}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(std::string(name_of(type)) + " seed " + std::to_string(seed));
      RandomGraphOptions options;
      options.type = type;
      const Graph graph = fold_padding(random_graph(seed, options)).value();
      const auto back = through_file(graph);
      ++(back ? written : refused);
      if (!back) continue;
      expect_same(graph, *back);
      const auto inputs = random_inputs(graph, seed);
      EXPECT_EQ(*interpret_outputs(graph, inputs), *interpret_outputs(*back, inputs));
    }
  }
  std::cout << written << " written, " << refused << " refused\n";
  EXPECT_GE(written, 250);
}

TEST(WriteTflite, RandomStreamsComeBack) {
  int written = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Graph graph = fold_padding(random_stream_graph(seed)).value();
    const auto back = through_file(graph);
    ++(back ? written : refused);
    if (back) expect_same(graph, *back);
  }
  std::cout << written << " written, " << refused << " refused\n";
  EXPECT_GE(written, 90);
}

TEST(WriteTflite, SlicesOfEveryKindComeBack) {
  GraphBuilder builder(1);
  const TensorId x = builder.input({1, 6, 5, 4});
  const TensorId backwards = builder.strided_slice(x, {{0, 5, 4, 0}, {1, -1, -2, 1}, {1, 6, 3, 4}, {}});
  const TensorId one = builder.strided_slice(
      backwards, {{0, 2, 0, 1}, {1, 1, 1, 2}, {1, 1, 3, 2}, {false, true, false, false}});
  const Graph graph = builder.build({builder.logistic(one)});
  const auto back = through_file(graph);
  ASSERT_TRUE(back);
  const auto inputs = random_inputs(graph, 1);
  EXPECT_EQ(*interpret_outputs(graph, inputs), *interpret_outputs(*back, inputs));
}

std::string refusal(const Graph &graph) {
  const auto bytes = write_tflite(graph);
  EXPECT_FALSE(bytes);
  return bytes ? "written" : bytes.error().text();
}

TEST(WriteTflite, WhatNoFileCanSayIsRefused) {
  GraphBuilder tables(1), pools(1);
  const TensorId x = tables.input({1, 8, 4, 4});
  const Quantization same = tables.tensor(x).quantization;
  EXPECT_NE(
      refusal(tables.build({tables.op(Lookup{std::vector<std::uint8_t>(256)}, {x}, same)})).find("no table"),
      std::string::npos);
  const TensorId y = pools.input({1, 8, 4, 4});
  EXPECT_NE(refusal(pools.build({pools.max_pool_2d(y, {3, 1}, {1, 1}, Padding2D{2, 0, 0, 0})}))
                .find("neither SAME nor VALID"),
            std::string::npos);
}

TEST(WriteTflite, RealModelsComeBack) {
  THIMBLE_NEEDS_SHARED_DATA();
  int files = 0, compared = 0, refused = 0;
  for (auto &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (!row["path"].ends_with(".tflite")) continue;
    SCOPED_TRACE(row["path"]);
    auto graph = read_tflite(shared_data() / "models" / row["path"]);
    if (!graph || !graph->states.empty()) continue;
    graph = fold_padding(std::move(*graph));
    ASSERT_TRUE(graph);
    ++files;
    const auto back = through_file(*graph);
    refused += !back;
    if (!back) continue;
    expect_same(*graph, *back);
    ++compared;
  }
  std::cout << files << " files, " << compared << " came back, " << refused << " refused\n";
  EXPECT_GE(compared, 300);
}

}  // namespace
}  // namespace thimble::test
