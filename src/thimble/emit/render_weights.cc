// NAME_weights.h and NAME_weights.c: everything constant, in flash.
#include "thimble/emit/render.h"

namespace thimble {
namespace {

std::string declaration(const ConstantTable &table) {
  return "const " + table.type + " " + table.symbol + "[" + c_text::number(table.elements) + "]";
}

}  // namespace

std::string render_weights_header(const Program &program) {
  const std::string guard = c_text::upper(program.options.name) + "_WEIGHTS_H";
  std::string out = banner(program) + "\n#ifndef " + guard + "\n#define " + guard +
                    "\n\n#include <stdint.h>\n\n" + "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  for (const ConstantTable &table : program.tables) {
    out += "extern " + declaration(table) + "; /* " + table.comment + " */\n";
  }
  if (!program.tables.empty()) out += "\n";
  return out + "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

std::string render_weights(const Program &program) {
  std::size_t size = 0;
  for (const ConstantTable &table : program.tables) size += table.values.size() + 256;
  std::string out;
  out.reserve(size + 256);
  out += banner(program) + "\n#include \"" + program.options.name + "_weights.h\"\n";
  for (const ConstantTable &table : program.tables) {
    out += "\n/* " + table.comment + " */\n" + declaration(table) + " = {";
    out += table.values;
    out += "\n};\n";
  }
  return out;
}

}  // namespace thimble
