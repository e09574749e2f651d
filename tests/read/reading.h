// Files with one thing wrong, and graphs of files with nothing wrong.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "read/model_builder.h"
#include "thimble/read/tflite.h"

namespace thimble::test {

struct Damage {
  const char *name;
  std::function<void(ModelBuilder &)> apply;
  std::string text;  ///< how the whole error starts, or what is in it
};

inline void PrintTo(const Damage &damage, std::ostream *stream) {
  *stream << damage.name;
}

/// The error for the damaged model: one line that says what to do.
inline std::string one_line_for(ModelBuilder model, const Damage &damage) {
  damage.apply(model);
  const auto graph = read_tflite(model.bytes(), "m.tflite");
  if (graph.has_value()) {
    ADD_FAILURE() << "accepted";
    return "";
  }
  const std::string text = graph.error().text();
  EXPECT_EQ(graph.error().lines.size(), 1u) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_FALSE(graph.error().lines[0].hint.empty()) << text;
  return text;
}

inline Graph read_or_die(const ModelBuilder &model) {
  auto graph = read_tflite(model.bytes(), "m.tflite");
  EXPECT_TRUE(graph.has_value()) << graph.error().text();
  return graph ? std::move(*graph) : Graph();
}

}  // namespace thimble::test
