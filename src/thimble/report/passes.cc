#include "thimble/report/passes.h"

#include "thimble/report/table.h"
#include "thimble/report/text_parts.h"

namespace thimble::report {

std::vector<std::string> pass_lines(const std::vector<PassEffect> &effects) {
  std::vector<std::string> lines;
  for (const PassEffect &effect : effects) {
    std::string less;
    const auto add = [&less](std::int64_t amount, const std::string &text) {
      if (amount != 0) less += (less.empty() ? "" : ", ") + text;
    };
    add(effect.operators_less,
        grouped(effect.operators_less) + (effect.operators_less == 1 ? " operator" : " operators"));
    add(effect.macs_less, grouped(effect.macs_less) + " MACs");
    add(effect.constant_bytes_less, bytes_text(effect.constant_bytes_less) + " of constants");
    if (!less.empty()) lines.push_back(std::string(effect.pass.name) + ": " + less + " less");
    if (!effect.enabled && effect.pass.exact) lines.push_back(std::string(effect.pass.name) + ": left out");
  }
  return lines;
}

std::string passes_text(const std::vector<PassEffect> &effects) {
  Table table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  table.add({"pass", "changes", "operators", "MACs", "constants B", "what it does"});
  for (const PassEffect &effect : effects) {
    table.add({effect.pass.name, effect.enabled ? std::to_string(effect.changes) : "off",
               grouped(-effect.operators_less), grouped(-effect.macs_less),
               grouped(-effect.constant_bytes_less), effect.pass.description});
  }
  return "\n" + table.text();
}

std::string rounding_text(const std::vector<PassEffect> &effects) {
  if (!rounds_differently(effects)) return "";
  std::int64_t operators = 0;
  for (const PassEffect &effect : effects) operators += effect.pass.exact ? 0 : effect.operators_less;
  return grouped(operators) + (operators == 1 ? " operator is" : " operators are") +
         " part of float weights: results round differently from the model file's (--fold-floats)";
}

Json passes_json(const std::vector<PassEffect> &effects) {
  Json list = Json::array();
  for (const PassEffect &effect : effects) {
    list.push_back({{"name", effect.pass.name},
                    {"enabled", effect.enabled},
                    {"changes", effect.changes},
                    {"operators_removed", effect.operators_less},
                    {"macs_removed", effect.macs_less},
                    {"constant_bytes_removed", effect.constant_bytes_less}});
  }
  return list;
}

}  // namespace thimble::report
