// What is left behind when something goes wrong, and that a wrong byte on a target is found.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/tool.h"

namespace thimble::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class Failures : public ToolTest {
 protected:
  /// A device like the built-in cortex-m3, whose weights are bytes, whose compiler first runs shell commands
  /// on its arguments.
  std::string meddling_target(const std::string &commands) {
    const std::string script = in_folder("meddling-gcc");
    EXPECT_TRUE(write_file(script, "#!/bin/sh\nif [ \"$1\" != --version ]; then\n" + commands +
                                       "\nfi\nexec arm-none-eabi-gcc \"$@\"\n"));
    fs::permissions(script, fs::perms::owner_all);
    std::string profile = text_of(std::string(THIMBLE_SOURCE_DIR) + "/devices/cortex-m3.toml");
    const std::string command = "command = \"arm-none-eabi-gcc\"";
    const std::size_t at = profile.find(command);
    EXPECT_NE(at, std::string::npos);
    if (at != std::string::npos) profile.replace(at, command.size(), "command = \"" + script + "\"");
    EXPECT_TRUE(write_file(in_folder("meddled.toml"), profile));
    return in_folder("meddled.toml");
  }

  /// Its weights change on the way into the firmware.
  std::string wrong_target() {
    return meddling_target(
        "for file; do case $file in *_weights.c) sed -i 's/ 127,/ -127,/g' \"$file\";; esac; done");
  }
};

TEST_F(Failures, VerifyFindsTheByteThatATargetGetsWrong) {
  const std::string target = wrong_target();
  const auto outcome = thimble_tool(
      {"verify", shipped(), "--target", target, "--inputs", "2", "--json", in_folder("report.json")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_NE(outcome.out.find("MISMATCH: 2 inputs"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("verified"), std::string::npos) << outcome.out;
  const Json json = Json::parse(text_of(in_folder("report.json")));
  ASSERT_EQ(json["runs"].size(), 4u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(json["runs"][i]["mismatched_bytes"], 0) << i;
  EXPECT_GT(json["runs"][3]["mismatched_bytes"], 0);
  EXPECT_EQ(json["mismatched_bytes"], json["runs"][3]["mismatched_bytes"]);
  EXPECT_EQ(json["first_mismatch"]["on"], json["runs"][3]["on"]);
  EXPECT_NE(json["first_mismatch"]["expected"], json["first_mismatch"]["found"]);
}

TEST_F(Failures, RunFindsItWhenAskedToCompare) {
  const std::string target = wrong_target();
  ASSERT_TRUE(write_file(in_folder("x"), text_of(shipped("inputs.bin")).substr(0, 2 * 784)));
  const std::vector<std::string> arguments{"run", shipped(), "--input", in_folder("x"), "--on", target};
  EXPECT_EQ(thimble_tool(arguments).exit_code, 0) << "nobody has asked";
  std::vector<std::string> compared = arguments;
  compared.insert(compared.end(), {"--compare", "--json", in_folder("report.json")});
  const auto outcome = thimble_tool(compared);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const Json json = Json::parse(text_of(in_folder("report.json")));
  EXPECT_EQ(json["compared_bytes"], 20);
  EXPECT_GT(json["mismatched_bytes"], 0);
  EXPECT_NE(
      outcome.out.find(std::to_string(json["mismatched_bytes"].get<int>()) + " of 20 output bytes differ"),
      std::string::npos)
      << outcome.out;
}

TEST_F(Failures, AMeddlerThatChangesNothingIsNoMismatch) {
  const auto outcome =
      thimble_tool({"verify", shipped(), "--target", meddling_target(":"), "--inputs", "1", "--json", "-"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json run = Json::parse(outcome.out)["runs"].back();
  EXPECT_EQ(run["mismatched_bytes"], 0);
  std::int64_t loads = 0, stores = 0;
  for (const auto &[part, counts] : run["parts"].items()) {
    loads += counts["loads"].get<std::int64_t>();
    stores += counts["stores"].get<std::int64_t>();
  }
  EXPECT_EQ(run["loads"], loads) << "of one inference the parts sum to all";
  EXPECT_EQ(run["stores"], stores);
  EXPECT_EQ(run["parts"]["weights"]["stores"], 0);
}

TEST_F(Failures, AKilledToolLeavesNoTemporaryFolder) {
  fs::create_directory(in_folder("tmp"));
  const auto outcome = thimble_tool(
      {"compile", shipped(), "-o", in_folder("out"), "--target", meddling_target("kill $PPID; exit 1")},
      {"TMPDIR=" + in_folder("tmp")});
  EXPECT_EQ(outcome.signal, SIGTERM);
  EXPECT_TRUE(fs::is_empty(in_folder("tmp")));
  EXPECT_FALSE(fs::exists(in_folder("out")));
}

TEST_F(Failures, CompileReplacesAllFilesOrNone) {
  const std::vector<std::string> compile{"compile", shipped(), "-o", in_folder("out"), "--target", "host"};
  // Where the folder is new, nothing is made.
  std::vector<std::string> with_report = compile;
  with_report.insert(with_report.end(), {"--json", in_folder("absent/report.json")});
  const auto outcome = thimble_tool(with_report);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("absent/report.json"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(in_folder("out")));
  // Where there are files already, they stay; in the way is the file that is written last, or the first.
  for (const char *name : {"main.c", "fashion_mnist.h", "CMakeLists.txt"}) {
    fs::create_directories(folder() / "out" / name / "occupied");
    ASSERT_TRUE(write_file(folder() / "out" / "fashion_mnist.c", std::string("old")));
    EXPECT_EQ(thimble_tool(compile).exit_code, 1) << name;
    EXPECT_EQ(files_below(folder() / "out"), (std::map<std::string, std::string>{{"fashion_mnist.c", "old"}}))
        << name;
    fs::remove_all(folder() / "out");
  }
  EXPECT_EQ(thimble_tool(compile).exit_code, 0);
}

TEST_F(Failures, RunWritesBothFilesOrNone) {
  const auto outcome = thimble_tool({"run", shipped(), "--input", shipped("inputs.bin"), "--output",
                                     in_folder("y"), "--json", in_folder("absent/report.json")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(files_below(folder()).empty());
}

TEST_F(Failures, ReportsAndOutputsGoThroughLinksAndIntoFifos) {
  ASSERT_TRUE(write_file(in_folder("real"), std::string("old")));
  fs::create_symlink("real", in_folder("link"));
  ASSERT_EQ(mkfifo(in_folder("fifo").c_str(), 0600), 0);
  const int reader = open(in_folder("fifo").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const auto outcome = thimble_tool({"run", shipped(), "--input", shipped("inputs.bin"), "--output",
                                     in_folder("fifo"), "--json", in_folder("link")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::string bytes(4096, '\0');
  EXPECT_EQ(read(reader, bytes.data(), bytes.size()), 1000);
  close(reader);
  EXPECT_TRUE(fs::is_fifo(in_folder("fifo")));
  EXPECT_TRUE(fs::is_symlink(in_folder("link")));
  EXPECT_TRUE(Json::accept(text_of(in_folder("real"))));
}

TEST_F(Failures, ModelsWhoseNamesAreNoProgramsGetAnother) {
  for (const auto &[file, name] : std::map<std::string, std::string>{{"int", "network_int"},
                                                                     {"main", "network_main"},
                                                                     {"stdint", "network_stdint"},
                                                                     {"\xC3\xA9", "network___"}}) {
    fs::copy_file(shipped(), in_folder(file + ".tflite"));
    const auto outcome =
        thimble_tool({"compile", in_folder(file + ".tflite"), "-o", in_folder(name), "--target", "host"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(folder() / name / (name + ".h"))) << outcome.out;
  }
}

}  // namespace
}  // namespace thimble::test
