#include "thimble/report/feeder.h"

#include "thimble/base/checked.h"
#include "thimble/emit/c_text.h"

namespace thimble::report {
namespace {

constexpr const char *kSource = R"(#include "@NAME@.h"

#ifdef __GNUC__
__attribute__((aligned(16)))
#endif
unsigned char @NAME@_fed_arena[@IMAGE@ + @UPPER@_ARENA_BYTES];

int @NAME@_fed_run(void *memory);

int @NAME@_fed_run(void *memory) {
  unsigned char *const arena = (unsigned char *)memory + @IMAGE@;
  const @TYPE@ *row = (const @TYPE@ *)memory;
  for (int32_t r = 0; r < @UPPER@_ROWS; ++r, row += @UPPER@_ROW_ELEMENTS) {
    const int pushed = @NAME@_push_row(arena, r, row);
    if (pushed != 0) return pushed;
  }
  return @NAME@_run(arena);
}
)";

}  // namespace

Feeder make_feeder(const Network &network) {
  const Tensor &image = network.graph->tensor(network.graph->inputs[0]);
  const std::string &name = network.options.name;
  Feeder feeder;
  feeder.name = name + "_fed";
  feeder.image = {0, image.bytes()};
  feeder.arena = align_up(image.bytes(), 16);
  feeder.source = c_text::fill(kSource, {{"NAME", name},
                                         {"UPPER", c_text::upper(name)},
                                         {"TYPE", c_text::type_of(image.type)},
                                         {"IMAGE", std::to_string(feeder.arena)}});
  return feeder;
}

}  // namespace thimble::report
