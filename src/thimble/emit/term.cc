#include "thimble/emit/term.h"

#include <algorithm>

#include "thimble/emit/c_text.h"

namespace thimble {
namespace {

std::string factor(const Term &term) {
  return term.binding >= 1 ? term.text : "(" + term.text + ")";
}

}  // namespace

Term number(std::int64_t value) {
  return {c_text::number(value), value, value, value < 0 ? 0 : 2};
}

Term named(std::string text, std::int64_t least, std::int64_t most) {
  if (least == most) return number(least);
  return {std::move(text), least, most, 2};
}

Term operator+(const Term &a, const Term &b) {
  if (a.constant() && b.constant()) return number(a.least + b.least);
  if (a.constant() && a.least == 0) return b;
  if (b.constant() && b.least == 0) return a;
  if (a.constant()) return b + a;
  if (b.constant() && b.least < 0) return a - number(-b.least);
  return {a.text + " + " + b.text, a.least + b.least, a.most + b.most, 0};
}

Term operator-(const Term &a, const Term &b) {
  if (a.constant() && b.constant()) return number(a.least - b.least);
  if (b.constant() && b.least == 0) return a;
  if (b.constant() && b.least < 0) return a + number(-b.least);
  return {a.text + " - " + factor(b), a.least - b.most, a.most - b.least, 0};
}

Term operator*(const Term &a, const Term &b) {
  if (a.constant() && b.constant()) return number(a.least * b.least);
  if (a.constant()) return b * a;
  if (b.constant() && b.least == 0) return number(0);
  if (b.constant() && b.least == 1) return a;
  const auto corners = {a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most};
  return {factor(a) + " * " + atom(b), std::min(corners), std::max(corners), 1};
}

Term modulo(const Term &a, std::int64_t n) {
  if (a.constant()) return number(a.least % n);
  if (a.least >= 0 && a.most < n) return a;
  if (n == 1) return number(0);
  return {factor(a) + " % " + c_text::number(n), 0, n - 1, 1};
}

Term quotient(const Term &a, std::int64_t n) {
  if (a.constant()) return number(a.least / n);
  if (n == 1) return a;
  return {factor(a) + " / " + c_text::number(n), a.least / n, a.most / n, 1};
}

std::string atom(const Term &term) {
  return term.binding == 2 ? term.text : "(" + term.text + ")";
}

}  // namespace thimble
