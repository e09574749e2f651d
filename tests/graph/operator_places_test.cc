// docs/adding-an-operator.md promises where an operator lives. This test counts the places: one file per
// concern, and nobody else knows the kind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "thimble/graph/op_list.h"

namespace thimble {
namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string type;  ///< the struct in attributes.h
  std::string stem;  ///< of its files
};

std::vector<Kind> kinds() {
  std::vector<Kind> all;
  const auto add = [&](std::string type, std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    all.push_back({std::move(type), std::move(name)});
  };
#define THIMBLE_ADD_KIND(Type, name) add(#Type, name);
  THIMBLE_OPS(THIMBLE_ADD_KIND)
#undef THIMBLE_ADD_KIND
  return all;
}

fs::path source() {
  return fs::path(THIMBLE_SOURCE_DIR) / "src" / "thimble";
}

/// Source text without line comments and string literals.
std::string code_of(const fs::path &path) {
  std::ifstream stream(path);
  std::string code, line;
  while (std::getline(stream, line)) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!quoted && line.compare(i, 2, "//") == 0) break;
      if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
      if (!quoted) code += line[i];
    }
    code += '\n';
  }
  return code;
}

/// All sources, by path relative to src/thimble.
const std::map<std::string, std::string> &sources() {
  static const std::map<std::string, std::string> all = [] {
    std::map<std::string, std::string> read;
    for (const auto &entry : fs::recursive_directory_iterator(source())) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cc") continue;
      read[fs::relative(entry.path(), source()).generic_string()] = code_of(entry.path());
    }
    return read;
  }();
  return all;
}

/// Whether the word at `at` is used as a type: <Kind>, Kind &, Kind{...}, or is its row in the table, X(Kind,
/// ...).
bool is_use(const std::string &code, std::size_t at, std::size_t length) {
  const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const char before = at > 0 ? code[at - 1] : ' ';
  std::size_t end = at + length;
  if (word(before) || end >= code.size() || word(code[end])) return false;
  if (before == '<' && code[end] == '>') return true;
  if (before == '(' && code[end] == ',') return true;
  if (code[end] == ' ') ++end;
  return end < code.size() && (code[end] == '&' || code[end] == '{');
}

/// Files whose code depends on the kind.
std::set<std::string> dependents(const std::string &type) {
  std::set<std::string> files;
  for (const auto &[path, code] : sources()) {
    for (std::size_t at = code.find(type); at != std::string::npos; at = code.find(type, at + 1)) {
      if (is_use(code, at, type.size())) files.insert(path);
    }
  }
  return files;
}

TEST(OperatorPlaces, EveryKindHasOneFilePerConcern) {
  for (const Kind &kind : kinds()) {
    for (const char *folder : {"graph/ops", "graph/interpret", "read/ops", "write/ops", "emit/ops"}) {
      EXPECT_TRUE(fs::exists(source() / folder / (kind.stem + ".cc"))) << folder << " " << kind.stem;
    }
  }
}

/// A rewrite pass may be about certain kinds; it lists them here. So do recordings of streams, which are
/// about those that hold all of a window, what puts operators around compressed regions, and readers of
/// operators that become others; and what tells which operators a kernel is for.
const std::map<std::string, std::set<std::string>> kSubjects = {
    {"emit/ops/support.cc", {"DepthwiseConv2D"}},
    {"schedule/running_window.cc", {"Mean", "AveragePool2D"}},
    {"read/ops/gather.cc", {"StridedSlice", "Concatenation", "Reshape"}},
    {"read/ops/slices.cc", {"StridedSlice"}},
    {"read/ops/unidirectional_sequence_lstm.cc", {"StridedSlice", "LstmCells", "LstmOutput"}},
    {"rewrite/fold_ends.cc", {"Quantize", "Dequantize"}},
    {"rewrite/convert.cc", {"Quantize", "Dequantize"}},
    {"rewrite/fold_padding.cc", {"Pad", "Conv2D", "DepthwiseConv2D", "MaxPool2D", "Reshape"}},
    {"rewrite/merge_reshapes.cc", {"Reshape", "FullyConnected"}},
    {"rewrite/sink_transposes.cc", {"Transpose", "Mean", "Reshape", "Quantize"}},
    {"rewrite/drop_identities.cc",
     {"Quantize", "Mean", "AveragePool2D", "MaxPool2D", "StridedSlice", "Concatenation",
      "ResizeNearestNeighbor", "Reshape"}},
    {"rewrite/merge_conversions.cc", {"Quantize", "Dequantize", "Reshape"}},
    {"rewrite/channels.cc", {"Conv2D", "DepthwiseConv2D", "FullyConnected", "Reshape"}},
    {"rewrite/channel_classes.cc", {"Concatenation", "DepthwiseConv2D", "Reshape"}},
    {"rewrite/remove_channels.cc", {"FullyConnected", "StridedSlice"}},
    {"stream/causal.cc", {"Pad"}},
    {"stream/ending.cc", {"AveragePool2D", "MaxPool2D", "Pad", "StridedSlice", "TransposeConv"}},
    {"stream/conv_parts.cc", {"Conv2D", "DepthwiseConv2D", "ConvPart"}},
    {"stream/extras.cc", {"ConvPart"}},
    {"stream/joins_apart.cc", {"Conv2D", "ConvPart", "Concatenation", "Reshape", "ResizeNearestNeighbor"}},
    {"stream/histories.cc", {"Concatenation", "Pad", "StridedSlice"}},
    {"stream/without_states.cc", {"Reshape"}},
    {"stream/moving_window.cc",
     {"Conv2D", "FullyConnected", "Mean", "Pad", "Reshape", "ResizeNearestNeighbor", "StridedSlice",
      "TransposeConv"}},
    {"soi/time_ops.cc",
     {"Pad", "StridedSlice", "ResizeNearestNeighbor", "AveragePool2D", "Reshape", "TransposeConv"}},
    {"soi/fresh_skip.cc", {"Conv2D", "Concatenation", "Quantize"}},
    {"soi/hold.cc", {"StridedSlice"}},
    {"rewrite/sum_ranges.cc", {"DepthwiseConv2D", "FullyConnected"}},
    {"rewrite/float_filter.cc", {"Mul", "Add", "Sub", "Conv2D", "DepthwiseConv2D", "FullyConnected"}},
    {"rewrite/fold_scales.cc", {"Conv2D", "DepthwiseConv2D"}},
    // As of value_ranges.cc, of floats.
    {"rewrite/float_values.cc", {"Dequantize", "Logistic", "MaxPool2D"}},
    {"rewrite/merge_filters.cc", {"Conv2D", "FullyConnected", "Concatenation"}},
    {"rewrite/merge_lookups.cc", {"Lookup"}},
    {"rewrite/merge_max_pools.cc", {"MaxPool2D"}},
    {"rewrite/widen_depthwise.cc", {"Conv2D", "DepthwiseConv2D"}},
    // Kinds that it does not know can give any value of their type.
    {"rewrite/value_ranges.cc",
     {"Conv2D", "DepthwiseConv2D", "FullyConnected", "AveragePool2D", "MaxPool2D", "Add", "Sub", "Mul",
      "Mean", "Quantize", "Logistic", "LeakyRelu", "Lookup", "Reshape", "Pad", "StridedSlice",
      "Concatenation", "Transpose", "ResizeNearestNeighbor"}}};

TEST(OperatorPlaces, NobodyElseKnowsAKind) {
  for (const Kind &kind : kinds()) {
    // Input is the caller, not an operator: the schedule knows it.
    if (kind.type == "Input") continue;
    // Besides its own files: what interpreter and emitter derive alike from scales, the types, sums and
    // packed weights of the family of filters, and the kernels that there are for a kind.
    std::set<std::string> allowed = {"graph/attributes.h",         "graph/op_list.h",
                                     "graph/parameters.h",         "graph/parameters.cc",
                                     "graph/lookup_parameters.cc", "graph/ops/filter_types.cc",
                                     "graph/sum_limits.cc",        "graph/packed_filter.cc",
                                     "schedule/variant.cc",        "schedule/kernel_cost.cc"};
    for (const char *folder : {"graph/ops/", "graph/interpret/", "read/ops/", "write/ops/", "emit/ops/"}) {
      allowed.insert(folder + kind.stem + ".cc");
    }
    for (const auto &[file, about] : kSubjects) {
      if (about.count(kind.type)) allowed.insert(file);
    }
    for (const std::string &file : dependents(kind.type)) {
      EXPECT_TRUE(allowed.count(file)) << file << " knows " << kind.type;
    }
  }
}

// The search itself finds what it should.
TEST(OperatorPlaces, TheSearchFindsTheHomes) {
  const std::set<std::string> homes = dependents("Conv2D");
  for (const char *file : {"graph/attributes.h", "graph/op_list.h", "graph/ops/conv_2d.cc",
                           "graph/interpret/conv_2d.cc", "emit/ops/conv_2d.cc", "read/ops/conv_2d.cc"}) {
    EXPECT_TRUE(homes.count(file)) << file;
  }
}

}  // namespace
}  // namespace thimble
