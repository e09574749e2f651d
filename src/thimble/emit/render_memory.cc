#include "thimble/emit/render_memory.h"

#include <algorithm>

#include "thimble/emit/render.h"

namespace thimble {
namespace {

bool is_one(const Schedule &schedule) {
  return schedule.regions.size() == 1;
}

const MemoryRegion &region_of(const Schedule &schedule, std::int32_t region) {
  return schedule.regions[static_cast<std::size_t>(region)];
}

std::int32_t region_count(const Program &program) {
  return static_cast<std::int32_t>(program.schedule.regions.size());
}

std::map<std::string, std::string> names(const Program &program) {
  return {{"NAME", program.options.name},
          {"UPPER", c_text::upper(program.options.name)},
          {"ALIGNMENT", c_text::number(arena_alignment(program.schedule))}};
}

/// "NAME_ARENA_ATTRIBUTE", "NAME_ARENA_FAST_ATTRIBUTE"
std::string attribute_macro(const Program &program, std::int32_t region) {
  return c_text::upper(arena_symbol(program, region)) + "_ATTRIBUTE";
}

/// The place of a region's array, unless the user says another one.
std::string attribute_default(const Program &program, std::int32_t region) {
  const std::string macro = attribute_macro(program, region);
  const std::string &section = region_of(program.schedule, region).section;
  if (section.empty()) return "#ifndef " + macro + "\n#define " + macro + "\n#endif\n";
  return "#ifndef " + macro + "\n#if defined(__GNUC__)\n#define " + macro + " __attribute__((section(\"" +
         section + "\")))\n#else\n#define " + macro + "\n#endif\n#endif\n";
}

constexpr std::string_view kOneArena =
    R"( * Memory. The arena is all the RAM that the network uses besides a few hundred bytes of stack: inputs, outputs and
 * everything between them. It may be any block of @UPPER@_ARENA_BYTES bytes aligned to @UPPER@_ARENA_ALIGNMENT; its
 * contents need not survive from one run to the next. Inputs must be written before every run, because a run may
 * reuse their bytes; outputs are valid until the next run or the next write to an input. Two runs in different
 * arenas may happen at the same time.
 *
 * Memory map of the arena (firings: the executions of operators, numbered from 0, that need the bytes):
)";

constexpr std::string_view kSeveralArenas =
    R"( * Memory. The arenas, one in each of @COUNT@ memories, are all the RAM that the network uses besides a few hundred bytes
 * of stack: inputs, outputs and everything between them. Each may be any block of its size aligned to
 * @UPPER@_ARENA_ALIGNMENT: @NAME@_arenas points to them. Their contents need not survive from one run to the next.
 * Inputs must be written before every run, because a run may reuse their bytes; outputs are valid until the next run
 * or the next write to an input. Two runs in different arenas may happen at the same time.
 *
 * Memory maps (firings: the executions of operators, numbered from 0, that need the bytes):
)";

constexpr std::string_view kDeclaration =
    R"(/* Alignment and, if you like, the place of the static arena@PLURAL@, e.g.
 *   -D'@ATTRIBUTE@=__attribute__((section(".dtcm")))' */
@ALIGNED_MACRO@@DEFAULTS@
@ARRAYS@
)";

}  // namespace

std::string arena_argument(const Program &program) {
  return is_one(program.schedule) ? "void *arena" : "const " + program.options.name + "_arenas *arena";
}

std::string inner_arena_argument(const Program &program) {
  return is_one(program.schedule) ? "unsigned char *arena" : arena_argument(program);
}

std::string arena_inward(const Program &program) {
  return is_one(program.schedule) ? "(unsigned char *)arena" : "arena";
}

std::string arena_base(const Program &program, std::int32_t region) {
  return is_one(program.schedule) ? "(unsigned char *)arena" : inner_arena_base(program.schedule, region);
}

std::string inner_arena_base(const Schedule &schedule, std::int32_t region) {
  return is_one(schedule) ? "arena" : "arena->" + region_of(schedule, region).name;
}

std::string arena_symbol(const Program &program, std::int32_t region) {
  const std::string symbol = program.options.name + "_arena";
  return is_one(program.schedule) ? symbol : symbol + "_" + region_of(program.schedule, region).name;
}

std::string arena_bytes_macro(const Program &program, std::int32_t region) {
  return c_text::upper(arena_symbol(program, region)) + "_BYTES";
}

std::string arena_refused(const Program &program) {
  const std::string alignment = c_text::upper(program.options.name) + "_ARENA_ALIGNMENT";
  const auto refused = [&](const std::string &base) {
    return base + " == 0 || (uintptr_t)" + base + " % " + alignment + " != 0";
  };
  if (is_one(program.schedule)) return refused("arena");
  std::string condition = "arena == 0";
  for (std::int32_t r = 0; r < region_count(program); ++r)
    condition += " || " + refused(inner_arena_base(program.schedule, r));
  return condition;
}

std::string memory_map(const Schedule &schedule, std::int32_t region) {
  const Graph &graph = *schedule.graph;
  std::vector<const Buffer *> buffers;
  for (const Buffer &buffer : schedule.buffers) {
    if (buffer.region == region) buffers.push_back(&buffer);
  }
  std::stable_sort(buffers.begin(), buffers.end(), [](const Buffer *a, const Buffer *b) {
    return a->offset != b->offset ? a->offset < b->offset : a->first < b->first;
  });
  std::string out = std::string(" *   offset      size  ") + (schedule.time ? "stages  " : "firings ") +
                    "       kind         tensor\n";
  const auto right = [](std::string text, std::size_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
  };
  const auto left = [](std::string text, std::size_t width) {
    return text.size() < width ? text + std::string(width - text.size(), ' ') : text;
  };
  for (const Buffer *buffer : buffers) {
    const std::string life = std::to_string(buffer->first) + ".." + std::to_string(buffer->last);
    std::string what;
    if (buffer->tensor != kNone) {
      const Tensor &tensor = graph.tensor(buffer->tensor);
      const std::string folds = layout_text(buffer->layout);
      what = std::string(name_of(tensor.type)) + " " + c_text::shape(tensor.shape) + " " +
             (folds == "whole" ? "" : "(" + folds + ") ") + c_text::quoted(tensor.name);
    } else if (buffer->kind == BufferKind::cursors) {
      what = buffer->stage == kNone ? "of all stages" : "of stage " + std::to_string(buffer->stage);
    } else if (buffer->op != kNone) {
      what = std::string("of operator ") + std::to_string(buffer->op);
    }
    out += " * " + right(std::to_string(buffer->offset), 8) + right(std::to_string(buffer->size), 10) + "  " +
           left(life, 13) + "  " + left(name_of(buffer->kind), 11) + "  " + what + "\n";
  }
  return out;
}

std::string memory_documentation(const Program &program) {
  auto values = names(program);
  if (is_one(program.schedule)) return c_text::fill(kOneArena, values) + memory_map(program.schedule, 0);
  values["COUNT"] = c_text::number(region_count(program));
  std::string text = c_text::fill(kSeveralArenas, values);
  for (std::int32_t r = 0; r < region_count(program); ++r) {
    const MemoryRegion &region = region_of(program.schedule, r);
    text += " *\n * " + region.name + ", " + c_text::grouped(region.size) + " bytes\n" +
            memory_map(program.schedule, r);
  }
  return text;
}

std::string arena_sizes(const Program &program) {
  const std::string upper = c_text::upper(program.options.name);
  std::string text;
  if (!is_one(program.schedule)) {
    text += "/* Bytes of the arenas, and of all together. */\n";
    for (std::int32_t r = 0; r < region_count(program); ++r) {
      text += "#define " + arena_bytes_macro(program, r) + " " +
              c_text::number(region_of(program.schedule, r).size) + "\n";
    }
  }
  return text + "#define " + upper + "_ARENA_BYTES " + c_text::number(arena_bytes(program.schedule)) +
         "\n#define " + upper + "_ARENA_ALIGNMENT " + c_text::number(arena_alignment(program.schedule)) +
         "\n";
}

std::string arena_declaration(const Program &program) {
  auto values = names(program);
  const std::string &name = program.options.name;
  values["PLURAL"] = is_one(program.schedule) ? "" : "s";
  values["ATTRIBUTE"] = attribute_macro(program, 0);
  values["DEFAULTS"] = "";
  std::string arrays, pointers;
  for (std::int32_t r = 0; r < region_count(program); ++r) {
    values["DEFAULTS"] += attribute_default(program, r);
    // clang wants a section in the declaration, too.
    const bool placed = !is_one(program.schedule) || !region_of(program.schedule, r).section.empty();
    arrays += "extern " + (placed ? attribute_macro(program, r) + " " : "") + values["UPPER"] +
              "_ALIGNED unsigned char " + arena_symbol(program, r) + "[" + arena_bytes_macro(program, r) +
              "];\n";
    pointers += "  unsigned char *" + region_of(program.schedule, r).name + "; /* " +
                arena_bytes_macro(program, r) + " bytes */\n";
  }
  values["ARRAYS"] = "/* A static arena, in " + name +
                     "_arena.c. It takes no RAM unless the linker sees it used. */\n" + arrays;
  if (!is_one(program.schedule)) {
    values["ARRAYS"] = "/* Where the arenas are. */\ntypedef struct {\n" + pointers + "} " + name +
                       "_arenas;\n\n/* Static arenas, in " + name +
                       "_arena.c. They take no RAM unless the linker sees them used. */\n" + arrays +
                       "extern const " + name + "_arenas " + name + "_arena[1];\n";
  }
  values["ALIGNED_MACRO"] = c_text::fill(kAlignedMacro, values);
  return c_text::fill(kDeclaration, values);
}

std::string arena_definition(const Program &program) {
  const std::string &name = program.options.name;
  const std::string aligned = " " + c_text::upper(name) + "_ALIGNED unsigned char ";
  std::string text, pointers;
  for (std::int32_t r = 0; r < region_count(program); ++r) {
    text += attribute_macro(program, r) + aligned + arena_symbol(program, r) + "[" +
            arena_bytes_macro(program, r) + "];\n";
    pointers += (r == 0 ? "" : ", ") + arena_symbol(program, r);
  }
  if (is_one(program.schedule)) return text;
  return text + "\nconst " + name + "_arenas " + name + "_arena[1] = {{" + pointers + "}};\n";
}

}  // namespace thimble
