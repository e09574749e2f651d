// Planned model files: nothing is lost, the plan arrives, and bad input gives one clear line.
#include "thimble/write/offline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "annotated_generated.h"
#include "read/small_model.h"
#include "support/random.h"
#include "thimble/graph/interpret.h"
#include "thimble/plan/offline.h"
#include "thimble/read/tflite.h"

namespace thimble::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
namespace annotated = thimble::tflite::annotated;

constexpr std::int32_t kLogits = 9, kMore = 10;

/// small_model() with a second branch behind the map, so that there are several orders.
ModelBuilder branched_model() {
  ModelBuilder b = small_model();
  b.int8("logits", {1, 4, 4, 3}, 1.0f / 256.0f, -128);
  b.int8("more", {1, 4, 4, 3}, 1.0f / 256.0f, -128);
  b.add_op(kLogistic, {kMap}, {kLogits});
  b.add_op(kLogistic, {kLogits}, {kMore});
  b.ends({kX}, {kScores, kMore});
  return b;
}

FileOutline outline_or_die(const Bytes &bytes) {
  auto outline = outline_tflite(bytes, "m.tflite");
  EXPECT_TRUE(outline.has_value()) << outline.error().text();
  return outline ? *outline : FileOutline();
}

/// Planned for `order` (empty: the file's own) and proved.
Bytes planned(const Bytes &bytes, std::vector<std::int32_t> order = {}) {
  const auto plan = plan_offline(outline_or_die(bytes), order);
  EXPECT_TRUE(plan.has_value()) << plan.error().text();
  auto written = write_offline_plan(bytes, plan->order, plan->offsets, "m.tflite");
  EXPECT_TRUE(written.has_value()) << written.error().text();
  const auto offsets = read_offline_plan(*written, "m.tflite");
  EXPECT_TRUE(offsets.has_value()) << offsets.error().text();
  EXPECT_EQ(*offsets, plan->offsets);
  const auto proof = check_offline_plan(outline_or_die(*written), *offsets);
  EXPECT_TRUE(proof.has_value()) << proof.error().text();
  return *written;
}

TEST(OfflinePlan, TheOldFileLiesUnchangedBehindTheNewRoot) {
  const Bytes before = branched_model().bytes();
  const Bytes after = planned(before);
  ASSERT_GT(after.size(), before.size());
  EXPECT_EQ((after.size() - before.size()) % 16, 0u) << "alignment stays";
  EXPECT_TRUE(std::equal(before.rbegin(), before.rend(), after.rbegin()));
  EXPECT_EQ(planned(before), after) << "the same bytes every time";
}

TEST(OfflinePlan, OnlyTheListOfOperatorsChanges) {
  const Bytes before = branched_model().bytes();
  const std::vector<std::int32_t> order{0, 4, 1, 5, 2, 3};
  const Bytes after = planned(before, order);
  std::size_t differing = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    differing += before[before.size() - 1 - i] != after[after.size() - 1 - i];
  EXPECT_GT(differing, 0u);
  EXPECT_LE(differing, 4 * order.size());
}

TEST(OfflinePlan, TheNetworkIsTheSameInAnotherOrder) {
  const Bytes bytes = branched_model().bytes();
  const std::vector<std::int32_t> order{0, 4, 1, 5, 2, 3};
  const auto before = read_tflite(bytes, "m.tflite");
  const auto after = read_tflite(planned(bytes, order), "m.tflite");
  ASSERT_TRUE(before && after);
  ASSERT_EQ(after->tensors.size(), before->tensors.size());
  for (std::size_t t = 0; t < before->tensors.size(); ++t) {
    const Tensor &a = before->tensors[t], &b = after->tensors[t];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_EQ(a.quantization, b.quantization);
    ASSERT_EQ(a.constant(), b.constant());
    if (a.constant()) {
      EXPECT_EQ(*a.data, *b.data);
    }
  }
  ASSERT_EQ(after->ops.size(), before->ops.size());
  for (std::size_t i = 1; i < after->ops.size(); ++i) {
    const Op &now = after->ops[i], &was = before->ops[static_cast<std::size_t>(order[i - 1]) + 1];
    EXPECT_STREQ(name_of(now), name_of(was));
    EXPECT_EQ(now.inputs, was.inputs);
    EXPECT_EQ(now.outputs, was.outputs);
  }
  const auto inputs = random_inputs(*before, 1);
  EXPECT_EQ(*interpret_outputs(*before, inputs), *interpret_outputs(*after, inputs));
}

/// The file with what our own schema does not have: description, other metadata, signatures, two more
/// buffers.
Bytes rich_model() {
  flatbuffers::FlatBufferBuilder builder;
  ModelBuilder model = branched_model();
  model.model.description = "made by a test";
  for (int i = 0; i < 2; ++i) {
    model.model.buffers.push_back(std::make_unique<schema::BufferT>());
    model.model.buffers.back()->data.assign(21, static_cast<std::uint8_t>(i + 1));
  }
  // The object API writes the tables that our schema has; the root is then written anew with more fields.
  std::vector<flatbuffers::Offset<schema::Buffer>> buffers;
  for (const auto &buffer : model.model.buffers)
    buffers.push_back(schema::Buffer::Pack(builder, buffer.get()));
  std::vector<flatbuffers::Offset<schema::OperatorCode>> codes;
  for (const auto &code : model.model.operator_codes)
    codes.push_back(schema::OperatorCode::Pack(builder, code.get()));
  const auto subgraphs =
      builder.CreateVector(std::vector{schema::SubGraph::Pack(builder, model.model.subgraphs[0].get())});
  const auto all_buffers = builder.CreateVector(buffers);
  const auto all_codes = builder.CreateVector(codes);
  const auto description = builder.CreateString(model.model.description);
  std::vector<flatbuffers::Offset<annotated::Metadata>> metadata;
  metadata.push_back(annotated::CreateMetadataDirect(builder, "min_runtime_version",
                                                     static_cast<std::uint32_t>(buffers.size() - 2)));
  metadata.push_back(annotated::CreateMetadataDirect(builder, "OfflineMemoryAllocation",
                                                     static_cast<std::uint32_t>(buffers.size() - 1)));
  const auto all_metadata = builder.CreateVector(metadata);
  const auto signatures =
      builder.CreateVector(std::vector{annotated::CreateOpaque(builder), annotated::CreateOpaque(builder)});
  annotated::ModelBuilder out(builder);
  out.add_version(3);
  out.add_operator_codes(all_codes.o);
  out.add_subgraphs(subgraphs.o);
  out.add_description(description);
  out.add_buffers(all_buffers.o);
  out.add_metadata(all_metadata);
  out.add_signature_defs(signatures);
  builder.Finish(out.Finish(), "TFL3");
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

TEST(OfflinePlan, OtherMetadataAndWhatWeDoNotKnowStay) {
  const Bytes before = rich_model();
  const Bytes after = planned(before);
  annotated::ModelT a, b;
  annotated::GetModel(before.data())->UnPackTo(&a);
  annotated::GetModel(after.data())->UnPackTo(&b);
  EXPECT_EQ(b.version, 3u);
  EXPECT_EQ(b.description, "made by a test");
  EXPECT_EQ(b.operator_codes.size(), a.operator_codes.size());
  EXPECT_EQ(b.signature_defs.size(), 2u);
  ASSERT_EQ(b.buffers.size(), a.buffers.size() + 1);
  for (std::size_t i = 0; i < a.buffers.size(); ++i) EXPECT_EQ(b.buffers[i]->data, a.buffers[i]->data);
  ASSERT_EQ(b.metadata.size(), 2u) << "the old offsets are replaced";
  EXPECT_EQ(b.metadata[0]->name, "min_runtime_version");
  EXPECT_EQ(b.metadata[0]->buffer, a.metadata[0]->buffer);
  EXPECT_EQ(b.metadata[1]->name, "OfflineMemoryAllocation");
  EXPECT_EQ(b.metadata[1]->buffer, a.buffers.size());
  const auto *data = annotated::GetModel(after.data())->buffers()->Get(b.metadata[1]->buffer)->data();
  EXPECT_EQ((data->data() - after.data()) % 16, 0);
}

TEST(OfflinePlan, APlannedFileCanBePlannedAgain) {
  const Bytes once = planned(branched_model().bytes(), {0, 4, 5, 1, 2, 3});
  const Bytes twice = planned(once, {0, 3, 4, 5, 1, 2});
  const auto graph = read_tflite(twice, "m.tflite");
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_STREQ(name_of(graph->ops[2]), "RESHAPE");
}

std::string refusal(const Bytes &bytes, std::vector<std::int32_t> order, std::vector<std::int64_t> offsets) {
  const auto written = write_offline_plan(bytes, order, offsets, "m.tflite");
  EXPECT_FALSE(written.has_value());
  return written ? "" : written.error().text();
}

TEST(OfflinePlan, BadPlansAndFilesAreRefused) {
  const Bytes bytes = branched_model().bytes();
  const std::vector<std::int32_t> order{0, 1, 2, 3, 4, 5};
  const std::vector<std::int64_t> offsets(11, -1);
  EXPECT_NE(refusal(bytes, {0, 1, 2}, offsets).find("another file"), std::string::npos);
  EXPECT_NE(refusal(bytes, order, {0, 16}).find("another file"), std::string::npos);
  EXPECT_NE(refusal(bytes, {0, 1, 2, 3, 4, 4}, offsets).find("no permutation"), std::string::npos);
  EXPECT_NE(refusal(bytes, {0, 1, 2, 3, 4, 6}, offsets).find("no permutation"), std::string::npos);
  std::vector<std::int64_t> wide = offsets;
  wide[3] = std::int64_t{1} << 31;
  EXPECT_NE(refusal(bytes, order, wide).find("range"), std::string::npos);
  EXPECT_NE(refusal(Bytes(40, 7), order, offsets).find("damaged"), std::string::npos);
  EXPECT_NE(refusal(Bytes(), order, offsets).find("damaged"), std::string::npos);

  ModelBuilder two = branched_model();
  two.model.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
  EXPECT_NE(refusal(two.bytes(), order, offsets).find("2 subgraphs"), std::string::npos);
  ModelBuilder outside = branched_model();
  outside.model.buffers.back()->data.clear();
  outside.model.buffers.back()->offset = 400;
  outside.model.buffers.back()->size = 16;
  EXPECT_NE(refusal(outside.bytes(), order, offsets).find("behind the FlatBuffer"), std::string::npos);
  EXPECT_FALSE(read_offline_plan(bytes, "m.tflite").has_value()) << "it has no plan";
}

TEST(OfflinePlan, DamagedFilesAreRefusedOrPlanned) {
  const Bytes whole = rich_model();
  const FileOutline outline = outline_or_die(whole);
  const auto plan = plan_offline(outline);
  ASSERT_TRUE(plan);
  int written = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const std::uint8_t mask : {0x01, 0x80, 0xff}) {
      Bytes bytes = whole;
      bytes[i] ^= mask;
      const auto result = write_offline_plan(bytes, plan->order, plan->offsets, "m.tflite");
      if (result) {
        ++written;
        (void)read_tflite(*result, "m.tflite");
      }
      (void)read_offline_plan(bytes, "m.tflite");
      if (const auto seen = outline_tflite(bytes, "m.tflite")) (void)plan_offline(*seen);
    }
  }
  EXPECT_GT(written, 100);
}

TEST(CheckOfflinePlan, FindsEveryKindOfMistake) {
  const FileOutline outline = outline_or_die(branched_model().bytes());
  const auto plan = plan_offline(outline);
  ASSERT_TRUE(plan);
  const auto verdict = [&outline](const std::vector<std::int64_t> &offsets) {
    return check_offline_plan(outline, offsets).has_value();
  };
  EXPECT_TRUE(verdict(plan->offsets));
  EXPECT_FALSE(verdict({}));
  std::vector<std::int64_t> bad = plan->offsets;
  bad[kScores] += 8;
  EXPECT_FALSE(verdict(bad)) << "not aligned";
  bad = plan->offsets;
  bad[kMap] = -1;
  EXPECT_FALSE(verdict(bad)) << "no place";
  bad = plan->offsets;
  bad[kLogits] = bad[kMap];
  EXPECT_FALSE(verdict(bad)) << "an operator would work in place";
  bad = plan->offsets;
  bad[kX] = bad[kMap] + 32;
  EXPECT_FALSE(verdict(bad)) << "they overlap in part";
  bad = plan->offsets;
  bad[kMore] = bad[kScores];
  EXPECT_FALSE(verdict(bad)) << "an output does not survive";
}

/// By brute force: tensors overlap in time exactly as TensorFlow Lite Micro's rules say, in space never then.
TEST(CheckOfflinePlan, AgreesWithBruteForceOnRandomOffsets) {
  const FileOutline outline = outline_or_die(branched_model().bytes());
  struct Live {
    std::int32_t tensor;
    int first, last;
  };
  // x, map, flat, sums, scores, logits, more: made at, last read at (time 0 is the caller, 7 the end)
  const std::vector<Live> lives{{kX, 0, 1},      {kMap, 1, 5},    {kFlat, 2, 3}, {kSums, 3, 4},
                                {kScores, 4, 7}, {kLogits, 5, 6}, {kMore, 6, 7}};
  Random random(5);
  int good = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::int64_t> offsets(outline.tensor_bytes.size(), -1);
    for (const Live &live : lives)
      offsets[static_cast<std::size_t>(live.tensor)] = 16 * random.integer(0, 14);
    bool disjoint = true;
    for (const Live &a : lives) {
      for (const Live &b : lives) {
        if (a.tensor >= b.tensor || a.first > b.last || b.first > a.last) continue;
        const auto begin = [&](const Live &l) { return offsets[static_cast<std::size_t>(l.tensor)]; };
        const auto end = [&](const Live &l) {
          return begin(l) + outline.tensor_bytes[static_cast<std::size_t>(l.tensor)];
        };
        disjoint = disjoint && (end(a) <= begin(b) || end(b) <= begin(a));
      }
    }
    EXPECT_EQ(check_offline_plan(outline, offsets).has_value(), disjoint);
    good += disjoint;
  }
  EXPECT_GT(good, 20);
}

}  // namespace
}  // namespace thimble::test
