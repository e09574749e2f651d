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

constexpr const char *kSourceOfSeveral = R"(#include "@NAME@.h"

#ifdef __GNUC__
__attribute__((aligned(16)))
#endif
unsigned char @NAME@_fed_image[@IMAGE@];

extern unsigned char *const @NAME@_fed_arena[];
unsigned char *const @NAME@_fed_arena[] = {@NAME@_fed_image@ARENAS@};

int @NAME@_fed_run(unsigned char *const *memory);

int @NAME@_fed_run(unsigned char *const *memory) {
  const @TYPE@ *row = (const @TYPE@ *)(void *)memory[0];
  for (int32_t r = 0; r < @UPPER@_ROWS; ++r, row += @UPPER@_ROW_ELEMENTS) {
    const int pushed = @NAME@_push_row(@NAME@_arena, r, row);
    if (pushed != 0) return pushed;
  }
  return @NAME@_run(@NAME@_arena);
}
)";

}  // namespace

Feeder make_feeder(const Network &network) {
  const Tensor &image = network.graph->tensor(network.graph->inputs[0]);
  const std::string &name = network.options.name;
  Feeder feeder;
  feeder.name = name + "_fed";
  feeder.image = {0, image.bytes()};
  const std::int64_t bytes = align_up(image.bytes(), 16);
  const bool several = network.schedule.regions.size() > 1;
  feeder.arena = several ? 0 : bytes;
  std::string arenas;
  for (const MemoryRegion &region : network.schedule.regions) arenas += ", " + name + "_arena_" + region.name;
  feeder.source = c_text::fill(several ? kSourceOfSeveral : kSource, {{"NAME", name},
                                                                      {"UPPER", c_text::upper(name)},
                                                                      {"TYPE", c_text::type_of(image.type)},
                                                                      {"ARENAS", arenas},
                                                                      {"IMAGE", std::to_string(bytes)}});
  return feeder;
}

}  // namespace thimble::report
