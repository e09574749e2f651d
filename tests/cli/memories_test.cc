// Plans in several memories, as a user gets them: --memory, and the memories of a device.
#include <nlohmann/json.hpp>

#include "cli/tool.h"
#include "support/shared_data.h"

namespace thimble::test {
namespace {

using Json = nlohmann::ordered_json;

class Memories : public ToolTest {
 protected:
  Json good(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--json", "-"});
    const auto outcome = thimble_tool(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? Json::parse(outcome.out) : Json();
  }
};

/// Sizes and accesses of the regions agree with those of the buffers, and nothing is larger than its memory.
void expect_regions(const Json &json) {
  std::int64_t sum = 0, stalls = 0;
  for (const Json &region : json["memory"]["regions"]) {
    std::int64_t accesses = 0;
    for (const Json &buffer : json["buffers"]) {
      if (buffer["region"] != region["name"]) continue;
      EXPECT_LE(buffer["offset"].get<std::int64_t>() + buffer["size"].get<std::int64_t>(),
                region["bytes"].get<std::int64_t>());
      accesses += buffer["loads"].get<std::int64_t>() + buffer["stores"].get<std::int64_t>();
    }
    EXPECT_LE(region["bytes"], region["capacity"]);
    EXPECT_EQ(region["loads"].get<std::int64_t>() + region["stores"].get<std::int64_t>(), accesses);
    sum += region["bytes"].get<std::int64_t>();
    stalls += accesses * region["wait_cycles"].get<std::int64_t>();
  }
  EXPECT_EQ(json["memory"]["arena_bytes"], sum);
  EXPECT_EQ(json["memory"]["stall_cycles"], stalls);
  EXPECT_LE(json["memory"]["stall_bound_cycles"], json["memory"]["stall_cycles"]);
}

/// What was planned is what the target did: the loads and stores of each arena, by the portable kernels.
void expect_accesses_as_planned(const Json &json, const Json &run) {
  ASSERT_FALSE(run["arenas"].is_null());
  for (const Json &region : json["memory"]["regions"]) {
    const Json &arena = run["arenas"][region["name"].get<std::string>()];
    EXPECT_EQ(arena["loads"], region["loads"]) << region;
    EXPECT_EQ(arena["stores"], region["stores"]) << region;
  }
}

TEST_F(Memories, APlanThatFitsNoMemoryAloneIsFoundAndVerified) {
  // 23,520 bytes of whole tensors.
  for (const std::string target : {"cortex-m3", "rv32imc", "cortex-m0plus", "cortex-m4"}) {
    const Json json = good({"verify", shipped(), "--space", "whole", "--memory", "fast=16k", "--memory",
                            "slow=10k:2", "--target", target, "--inputs", "1"});
    ASSERT_EQ(json["memory"]["regions"].size(), 2u);
    expect_regions(json);
    EXPECT_EQ(json["mismatched_bytes"], 0);
    // Kernels for pairs have working memory in both, and load four bytes at once.
    if (target == "cortex-m4") continue;
    EXPECT_EQ(json["memory"]["stall_cycles"], 2 * 2 * 7840);
    expect_accesses_as_planned(json, json["runs"].back());
  }
}

TEST_F(Memories, RowsThatAreHandedInWorkInSeveralMemories) {
  const Json json = good({"verify", shipped(), "--stream-input", "--memory", "fast=3k:1", "--memory",
                          "slow=4500:2", "--inputs", "1", "--selftest"});
  EXPECT_EQ(json["memory"]["regions"].size(), 2u);
  expect_regions(json);
  EXPECT_EQ(json["mismatched_bytes"], 0);
}

TEST_F(Memories, ADevicesMemoriesAreUsedWhereOneIsNotEnough) {
  const Json small = good({"verify", shipped(), "--target", "stm32h743", "--inputs", "1"});
  ASSERT_EQ(small["memory"]["regions"].size(), 1u);
  EXPECT_EQ(small["memory"]["regions"][0]["name"], "dtcm");
  EXPECT_EQ(small["mismatched_bytes"], 0);
  const Json plain = good({"compile", shipped(), "-o", in_folder("plain")});
  EXPECT_EQ(small["memory"]["arena_bytes"], plain["memory"]["arena_bytes"]);
  EXPECT_EQ(plain["memory"]["regions"][0]["name"], "arena");
  EXPECT_TRUE(plain["memory"]["regions"][0]["capacity"].is_null());
}

TEST_F(Memories, ARealNetworkIsVerifiedInTheMemoriesOfADevice) {
  const std::filesystem::path model = shared_data() / "models/mlperf_tiny/pretrainedResnet.tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << "no " << model;
  // 196,608 bytes of whole tensors: more than the 122,880 bytes of DTCM.
  const Json json =
      good({"verify", model.string(), "--space", "whole", "--target", "stm32h743", "--inputs", "1"});
  ASSERT_EQ(json["memory"]["regions"].size(), 2u);
  expect_regions(json);
  EXPECT_EQ(json["mismatched_bytes"], 0);
  EXPECT_EQ(json["memory"]["stall_cycles"], json["memory"]["stall_bound_cycles"]);
  const Json run = json["runs"].back();
  EXPECT_EQ(run["on"], "stm32h743");
  // Within a ten-thousandth: a softmax's passes are estimated.
  for (const Json &region : json["memory"]["regions"]) {
    const Json &arena = run["arenas"][region["name"].get<std::string>()];
    const double planned = region["loads"].get<double>() + region["stores"].get<double>();
    EXPECT_NEAR(arena["loads"].get<double>() + arena["stores"].get<double>(), planned, planned / 1e4);
  }
}

TEST_F(Memories, ARealNetworkThatFitsNoneAloneFitsTheBoard) {
  const std::filesystem::path model = shared_data() / "models/mcunet/mcunet-320kb-1mb_imagenet.tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << "no " << model;
  // More than the 122,880 bytes of SRAM, since the image is kept.
  const Json json =
      good({"verify", model.string(), "--keep-input", "--target", "stm32f405", "--inputs", "1"});
  ASSERT_EQ(json["memory"]["regions"].size(), 2u);
  expect_regions(json);
  EXPECT_GT(json["memory"]["arena_bytes"], 122'880);
  EXPECT_EQ(json["mismatched_bytes"], 0);
}

TEST_F(Memories, TheSumKeepsToTheLimit) {
  const std::vector<std::string> memories = {"compile",  shipped(), "--space",  "whole",
                                             "--memory", "a=16k",   "--memory", "b=64k:2",
                                             "--target", "host",    "-o",       in_folder("c")};
  const auto limited = [&](const std::string &limit) {
    std::vector<std::string> arguments = memories;
    arguments.insert(arguments.end(), {"--ram", limit});
    return arguments;
  };
  const Json json = good(limited("23520"));
  EXPECT_EQ(json["memory"]["arena_bytes"], 23520);
  const auto refused = thimble_tool(limited("23519"));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("more than the limit of 23,519"), std::string::npos) << refused.err;
}

TEST_F(Memories, TooSmallMemoriesAreExitCodeOne) {
  const auto refused = thimble_tool({"compile", shipped(), "--memory", "a=1k", "--memory", "b=2k", "--target",
                                     "host", "-o", in_folder("c")});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("more than the memories hold: a 1,024 + b 2,048"), std::string::npos)
      << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
  EXPECT_FALSE(std::filesystem::exists(in_folder("c")));
  const auto pieces =
      thimble_tool({"compile", shipped(), "--space", "whole", "--memory", "a=7k", "--memory", "b=7k",
                    "--memory", "c=7k", "--memory", "d=7k", "--target", "host", "-o", in_folder("c")});
  EXPECT_EQ(pieces.exit_code, 1);  // 7,840 bytes of one tensor
  EXPECT_NE(pieces.err.find("for which no way was found into the memories"), std::string::npos) << pieces.err;
}

TEST_F(Memories, MalformedOnesAreExitCodeTwoAndOneLine) {
  for (const char *text : {"fast", "fast=", "=64k", "Fast=64k", "int=64k", "fast=64q", "fast=8", "fast=64k:",
                           "fast=64k:x", "fast=64k:300", "fast=64k:-1", "fast=1000M", "fa st=64k"}) {
    const auto refused = thimble_tool({"compile", shipped(), "--memory", text, "-o", in_folder("c")});
    EXPECT_EQ(refused.exit_code, 2) << text;
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
    EXPECT_NE(refused.err.find("memory"), std::string::npos) << refused.err;
  }
  const auto twice =
      thimble_tool({"compile", shipped(), "--memory", "a=64k", "--memory", "a=32k", "-o", in_folder("c")});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_NE(twice.err.find("'a' is there twice"), std::string::npos) << twice.err;
}

}  // namespace
}  // namespace thimble::test
