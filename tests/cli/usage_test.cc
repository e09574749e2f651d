// Exit codes, messages and help.
#include "cli/tool.h"

namespace thimble::test {
namespace {

using Usage = ToolTest;

TEST_F(Usage, HelpHasExamplesAndGoesToStandardOutput) {
  for (const std::vector<std::string> &arguments :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"inspect", "--help"},
                                             {"compile", "--help"},
                                             {"run", "--help"},
                                             {"verify", "--help"},
                                             {"stream", "--help"},
                                             {"soi", "--help"}}) {
    const auto outcome = thimble_tool(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments[0];
    EXPECT_NE(outcome.out.find("Examples:\n  thimble " + (arguments.size() == 1 ? "inspect" : arguments[0])),
              std::string::npos)
        << outcome.out;
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(Usage, HelpNamesTheTargets) {
  const std::string help = thimble_tool({"compile", "--help"}).out;
  for (const char *target : {"host", "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33",
                             "cortex-m55", "rv32imc"}) {
    EXPECT_NE(help.find(target), std::string::npos) << target;
  }
}

TEST_F(Usage, RunAndVerifyTakeEveryOptionOfCompile) {
  for (const char *verb : {"compile", "run", "verify"}) {
    const std::string help = thimble_tool({verb, "--help"}).out;
    for (const char *option : {"--target", "--name", "--float-io", "--fold-floats", "--selftest", "--ram",
                               "--json", "--no-pass", "--passes"}) {
      EXPECT_NE(help.find(option), std::string::npos) << verb << " " << option;
    }
  }
}

TEST_F(Usage, VersionIsOneLine) {
  const auto outcome = thimble_tool({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.out.starts_with("thimble ")) << outcome.out;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
}

TEST_F(Usage, BadUsageIsExitCodeTwoAndOneLine) {
  const std::string model = shipped();
  for (const std::vector<std::string> &arguments : std::vector<std::vector<std::string>>{
           {},
           {"fly"},
           {"compile"},
           {"compile", model},
           {"compile", model, "-o"},
           {"compile", model, "-o", in_folder("x"), "--name", "3d"},
           {"compile", model, "-o", in_folder("x"), "--name", "a b"},
           {"compile", model, "-o", in_folder("x"), "--name", "int"},
           {"compile", model, "-o", in_folder("x"), "--name", "stdint"},
           {"run", model, "--input", in_folder("x"), "--name", "main"},
           {"verify", model, "--name", "thimble"},
           {"compile", model, "-o", in_folder("x"), "--ram", "64q"},
           {"compile", model, "-o", in_folder("x"), "--nonsense"},
           {"compile", model, "-o", in_folder("x"), "--emit", "rust"},
           {"verify", model, "--inputs", "0"},
           {"verify", model, "--inputs", "many"},
           {"verify", model, "--axis", "1"},
           {"verify", model, "--stream", "--plan", "p1"},
           {"run", model, "--input", in_folder("x"), "--stream", "--minimize", "latency"},
           {"run", model},
           {"run", model, "--input", in_folder("x"), "--ends", "both"}}) {
    const auto outcome = thimble_tool(arguments);
    std::string line;
    for (const std::string &argument : arguments) line += " " + argument;
    EXPECT_EQ(outcome.exit_code, 2) << line << "\n" << outcome.out << outcome.err;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_TRUE(outcome.err.starts_with("thimble: error: ")) << line << "\n" << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << line << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find("--help"), std::string::npos) << line << "\n" << outcome.err;
  }
  EXPECT_TRUE(files_below(folder()).empty());
}

/// Bad input: exit code 1, nothing on standard output, errors that say what is wrong, nothing left behind.
void expect_bad(const ProcessOutcome &outcome, const std::string &what) {
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(outcome.err.starts_with("thimble: error: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(what), std::string::npos) << outcome.err;
}

TEST_F(Usage, BadInputIsExitCodeOne) {
  const std::string damaged = in_folder("damaged.tflite");
  ASSERT_TRUE(write_file(damaged, text_of(shipped()).substr(0, 1000)));
  for (const char *verb : {"inspect", "verify"}) {
    expect_bad(thimble_tool({verb, in_folder("absent.tflite")}), "absent.tflite: no such file");
    expect_bad(thimble_tool({verb, damaged}), "damaged.tflite: ");
  }
  const auto before = files_below(folder());
  expect_bad(thimble_tool({"compile", damaged, "-o", in_folder("out")}), "damaged.tflite: ");
  expect_bad(thimble_tool({"compile", shipped(), "-o", in_folder("out"), "--target", "z80"}), "z80");
  expect_bad(thimble_tool({"compile", shipped(), "-o", in_folder("out"), "--ram", "1k"}), "1,024");
  expect_bad(thimble_tool({"compile", shipped(), "-o", in_folder("damaged.tflite")}), "damaged.tflite");
  EXPECT_EQ(files_below(folder()), before) << "a failure left files behind";
}

TEST_F(Usage, AnUnwritableOutputFolderLeavesNothingBehind) {
  // A folder stands where one of the files has to go: the write fails half way.
  std::filesystem::create_directories(folder() / "out" / "main.c" / "occupied");
  const auto outcome = thimble_tool({"compile", shipped(), "-o", in_folder("out"), "--target", "host"});
  EXPECT_EQ(outcome.exit_code, 1);
  for (const auto &[name, text] : files_below(folder() / "out")) {
    EXPECT_EQ(name.find(".tmp"), std::string::npos) << name << " is a leftover";
  }
}

}  // namespace
}  // namespace thimble::test
