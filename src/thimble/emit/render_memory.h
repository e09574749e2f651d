// How the emitted C names its memory. One region is one array:
//
//   unsigned char NAME_arena[];            int NAME_run(void *arena);
//
// Several are an array each, and a struct of pointers to them, so that a caller writes the same in both cases
// (NAME_run(NAME_arena), NAME_input(NAME_arena, 0)):
//
//   unsigned char NAME_arena_fast[], NAME_arena_slow[];
//   const NAME_arenas NAME_arena[1] = {{NAME_arena_fast, NAME_arena_slow}};
//   int NAME_run(const NAME_arenas *arena);
#pragma once

#include <string>
#include <string_view>

#include "thimble/emit/emission.h"

namespace thimble {

/// Alignment of static arrays, as compilers spell it; wants UPPER and ALIGNMENT.
constexpr std::string_view kAlignedMacro = R"(#ifndef @UPPER@_ALIGNED
#if defined(_MSC_VER)
#define @UPPER@_ALIGNED __declspec(align(@ALIGNMENT@))
#else
#define @UPPER@_ALIGNED __attribute__((aligned(@ALIGNMENT@)))
#endif
#endif
)";

/// Parameter `arena` of public functions, and of those inside NAME.c.
std::string arena_argument(const Program &program);
std::string inner_arena_argument(const Program &program);
/// The public argument handed on to a function inside.
std::string arena_inward(const Program &program);

/// The beginning of a region as unsigned char *, from the public argument and inside NAME.c.
std::string arena_base(const Program &program, std::int32_t region);
std::string inner_arena_base(const Schedule &schedule, std::int32_t region);

/// "NAME_ARENA_BYTES", "NAME_ARENA_FAST_BYTES"
std::string arena_bytes_macro(const Program &program, std::int32_t region);
/// Symbol of the array of a region: "NAME_arena", "NAME_arena_fast".
std::string arena_symbol(const Program &program, std::int32_t region);

/// A condition that is true when `arena` cannot be used.
std::string arena_refused(const Program &program);

/// Lines of a comment, one per buffer of a region by offset.
std::string memory_map(const Schedule &schedule, std::int32_t region);

/// Parts of NAME.h and NAME_arena.c.
std::string memory_documentation(const Program &program);
std::string arena_sizes(const Program &program);
std::string arena_declaration(const Program &program);
std::string arena_definition(const Program &program);

}  // namespace thimble
