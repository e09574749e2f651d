// Real networks go through all passes.
#include <iostream>

#include "rewrite/rewriting.h"
#include "support/images.h"
#include "support/last_map.h"
#include "support/shared_data.h"
#include "thimble/graph/rules.h"
#include "thimble/read/tflite.h"
#include "thimble/rewrite/passes.h"
#include "thimble/rewrite/value_ranges.h"

namespace thimble::test {
namespace {

#ifdef NDEBUG
constexpr int kImages = 100;
constexpr std::int64_t kReads = 10'000'000;
#else
constexpr int kImages = 5;
constexpr std::int64_t kReads = kCheckedReads;
#endif

TEST(Models, EveryReadableNetworkIsRewritten) {
  THIMBLE_NEEDS_SHARED_DATA();
  int networks = 0, folded = 0, smaller = 0;
  for (auto &row : read_tsv(shared_data() / "models" / "INDEX.tsv")) {
    if (!row["path"].ends_with(".tflite")) continue;
    const auto before = read_tflite(shared_data() / "models" / row["path"]);
    if (!before) continue;
    ++networks;
    RewriteOptions options;
    options.most_reads = kReads;
    const auto after = rewrite(*before, options);
    ASSERT_TRUE(after.has_value()) << after.error().text();
    const auto again = rewrite(*after, {});
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->ops.size(), after->ops.size()) << row["path"] << ": no fixed point";
    EXPECT_EQ(macs(*again), macs(*after)) << row["path"] << ": no fixed point";
    EXPECT_LE(macs(*after), macs(*before)) << row["path"];
    smaller += macs(*after) < macs(*before);
    const auto ends = match_ends(*before, *after);
    ASSERT_TRUE(ends.has_value()) << row["path"] << ": " << ends.error().text();
    bool any = false;
    for (const End &end : ends->inputs) any |= end.folded();
    for (const End &end : ends->outputs) any |= end.folded();
    if (any) {
      EXPECT_LT(after->ops.size(), before->ops.size()) << row["path"];
    }
    folded += any;
  }
  std::cout << networks << " networks, " << folded << " with folded ends, " << smaller
            << " with fewer multiply-accumulates\n";
  EXPECT_GE(networks, 300);
  EXPECT_GE(folded, 5);
  EXPECT_GE(smaller, 20);
}

TEST(Models, ExplicitPaddingAndTransposedTailsGo) {
  THIMBLE_NEEDS_SHARED_DATA();
  for (const char *path :
       {"tinyengine/vww.tflite", "tinyengine/detection.tflite", "tinyengine/mcunetv2_large.tflite",
        "mcunet/mcunet-320kb-1mb_imagenet.tflite", "mcunet/mcunet-512kb-2mb_imagenet.tflite"}) {
    const Graph before = value_or_die(read_tflite(shared_data() / "models" / path));
    const Graph after = value_or_die(rewrite(before, {}));
    EXPECT_GT(count<Pad>(before), 0) << path;
    EXPECT_EQ(count<Pad>(after) + count<Transpose>(after), 0) << path;
    if (macs(before) < 20'000'000) expect_same_outputs(before, after, 1);
  }
}

TEST(Models, VisualWakeWordsLosesHalfOfItsWork) {
  THIMBLE_NEEDS_SHARED_DATA();
  const Graph before =
      value_or_die(read_tflite(shared_data() / "models" / "mlperf_tiny" / "vww_96_int8.tflite"));
  const Graph after = value_or_die(rewrite(before, {}));
  EXPECT_EQ(macs(before), 7'489'664);
  EXPECT_LE(macs(after), 3'800'000);
  EXPECT_LE(constant_bytes(after), 34'000) << "weights and biases";
  const Graph map_before = up_to_last_map(before), map_after = value_or_die(rewrite(map_before, {}));
  EXPECT_LE(macs(map_after), 4'000'000);
  const std::vector<ChannelRanges> ranges = value_ranges(before);
  Random random(2026);
  for (int i = 0; i < kImages; ++i) {
    const Bytes input = image(before.tensor(before.inputs[0]), i, random);
    expect_same_outputs(before, after, {input});
    expect_same_outputs(map_before, map_after, {input});
    const auto values = value_or_die(interpret(before, {input}));
    for (std::size_t t = 0; t < values.size(); ++t) {
      for (std::size_t e = 0; !ranges[t].empty() && e < values[t].size(); ++e) {
        const IntegerRange &range = ranges[t][e % ranges[t].size()];
        const auto value = static_cast<std::int8_t>(values[t][e]);
        ASSERT_TRUE(value >= range.min && value <= range.max) << before.tensors[t].name;
      }
    }
  }
}

}  // namespace
}  // namespace thimble::test
