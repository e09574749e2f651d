# Compiler settings shared by every target of the project.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL)
  # Relative paths in the cache: a second checkout or worktree finds what the first one compiled.
  set(CMAKE_C_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
endif()

# Float results must not depend on the host: no multiply-add contraction anywhere.
add_library(thimble_options INTERFACE)
target_compile_options(thimble_options INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wshadow;-Wnon-virtual-dtor;-ffp-contract=off>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns wrongly about "text" + std::string (GCC bug 105651).
  target_compile_options(thimble_options INTERFACE $<BUILD_INTERFACE:-Wno-restrict>)
endif()
if(THIMBLE_WERROR)
  target_compile_options(thimble_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(THIMBLE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With sanitizers GCC 12 sees uninitialised members inside std::function where there are none.
  target_compile_options(thimble_options INTERFACE $<BUILD_INTERFACE:-Wno-maybe-uninitialized>)
endif()
if(THIMBLE_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(thimble_options INTERFACE $<BUILD_INTERFACE:${sanitizers}>)
  target_link_options(thimble_options INTERFACE $<BUILD_INTERFACE:${sanitizers}>)
endif()
if(THIMBLE_BUILD_FUZZ)
  # Every layer tells libFuzzer which branches an input takes; only the fuzz target itself gets its main().
  target_compile_options(thimble_options INTERFACE $<BUILD_INTERFACE:-fsanitize=fuzzer-no-link>)
  target_link_options(thimble_options INTERFACE $<BUILD_INTERFACE:-fsanitize=fuzzer-no-link>)
endif()
