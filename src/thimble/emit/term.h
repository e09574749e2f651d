// Integer expressions of the emitted C with the range of their values, so that a `%` or a clip that does
// nothing is never written.
#pragma once

#include <cstdint>
#include <string>

namespace thimble {

struct Term {
  std::string text;
  std::int64_t least = 0, most = 0;  ///< of all values that it takes
  int binding = 2;                   ///< 2: a name, number or call; 1: a product; 0: a sum or looser

  bool constant() const { return least == most; }
};

Term number(std::int64_t value);
/// A variable or call.
Term named(std::string text, std::int64_t least, std::int64_t most);
Term operator+(const Term &a, const Term &b);
Term operator-(const Term &a, const Term &b);
Term operator*(const Term &a, const Term &b);
/// a mod n, for a >= 0.
Term modulo(const Term &a, std::int64_t n);
/// a / n, for a >= 0.
Term quotient(const Term &a, std::int64_t n);
/// With parentheses where it is not a name or number.
std::string atom(const Term &term);

}  // namespace thimble
