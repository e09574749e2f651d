// Private to the layer: a model file that the FlatBuffers verifier has accepted, and the list of what is
// wrong with it beyond that.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "tflite_generated.h"
#include "thimble/graph/graph.h"
#include "thimble/read/tflite.h"

namespace thimble::tflite {

/// What to do about a file that no exporter would write.
constexpr const char *kDamaged = "the file is damaged; export it again";

struct ModelFile {
  std::string name;
  std::span<const std::uint8_t> bytes;
  const schema::Model *model = nullptr;
  const schema::SubGraph *subgraph = nullptr;  ///< the one that is read
};

/// Length of a vector of the file; an absent one is empty.
template <class Vector>
std::size_t length(const Vector *vector) {
  return vector == nullptr ? 0 : vector->size();
}

/// The problems of a file: first those that are about no operator, then those about operators in the file's
/// order, the first one of each. Operators of one kind with one problem share a line, that of the first of
/// them. Lines above the limit are only counted.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  /// About the file or one of its tensors.
  void add(std::string tensor, std::string reason, std::string hint);
  /// About an operator. `line.file` is filled in.
  void add(Diagnostic line);

  /// How many problems there are so far.
  std::size_t count() const { return lines_.size() + repeated_ + unreported_; }
  tl::unexpected<Error> take();

 private:
  struct Line {
    Diagnostic first;
    std::size_t more = 0;  ///< operators of its kind with the same problem
  };

  std::string file_;
  std::vector<Line> lines_;
  std::set<std::int32_t> ops_;  ///< that have a line
  std::size_t repeated_ = 0, unreported_ = 0;
};

/// What may be copied out of a file in all: FlatBuffers lets many tables share one vector, so that a small
/// file could otherwise ask for endless copies. Files whose vectors do not overlap never reach it.
class CopyAllowance {
 public:
  explicit CopyAllowance(std::size_t file_bytes) : left_(2 * std::uint64_t{file_bytes} + 65536) {}
  bool take(std::uint64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  std::uint64_t left_;
};

}  // namespace thimble::tflite
