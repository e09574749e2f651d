#include "thimble/base/result.h"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(Diagnostic, NamesFileOperatorTensorReasonAndHintInOneLine) {
  const Diagnostic line{"net.tflite", 3, "CONV_2D", "x", "stride is 0", "convert the model again"};
  EXPECT_EQ(line.text(),
            "net.tflite: operator 3 (CONV_2D), tensor 'x': stride is 0; convert the model again");
}

TEST(Diagnostic, LeavesOutWhatIsUnknown) {
  Diagnostic line;
  line.reason = "no such target";
  EXPECT_EQ(line.text(), "no such target");
  line.file = "a.toml";
  EXPECT_EQ(line.text(), "a.toml: no such target");
  line.tensor = "t";
  EXPECT_EQ(line.text(), "a.toml: tensor 't': no such target");
}

TEST(Error, PutsEachDiagnosticOnItsOwnLine) {
  Error error;
  error.lines.push_back({"f", 0, "A", "", "one", ""});
  error.lines.push_back({"f", 1, "B", "", "two", ""});
  EXPECT_EQ(error.text(), "f: operator 0 (A): one\nf: operator 1 (B): two");
}

}  // namespace
}  // namespace thimble
