// Sets of small numbers as rows of words in one array: many sets of one width.
#pragma once

#include <cstdint>
#include <vector>

namespace thimble {

using Word = std::uint64_t;

class OpSets {
 public:
  OpSets() = default;
  OpSets(std::size_t rows, std::size_t members) : width_((members + 63) / 64), words_(rows * width_, 0) {}

  std::size_t width() const { return width_; }
  std::size_t rows() const { return width_ == 0 ? 0 : words_.size() / width_; }
  Word *row(std::size_t index) { return words_.data() + index * width_; }
  const Word *row(std::size_t index) const { return words_.data() + index * width_; }
  void insert(std::size_t index, std::size_t member) { row(index)[member / 64] |= Word{1} << (member % 64); }
  bool contains(std::size_t index, std::size_t member) const { return has(row(index), member); }
  /// Adds all members of one row to another.
  void unite(std::size_t to, std::size_t from) {
    for (std::size_t w = 0; w < width_; ++w) row(to)[w] |= row(from)[w];
  }
  void add_row(const Word *words) { words_.insert(words_.end(), words, words + width_); }
  void drop_row() { words_.resize(words_.size() - width_); }

  static bool has(const Word *set, std::size_t member) {
    return (set[member / 64] >> (member % 64) & 1) != 0;
  }

 private:
  std::size_t width_ = 0;
  std::vector<Word> words_;
};

}  // namespace thimble
