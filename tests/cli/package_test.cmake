# cmake -DBUILD=... -DCONSUMER=... -DWORK=... -DCOMPILER=... -DSANITIZE=... -DMODEL=... -P package_test.cmake
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nfailed (${code}):\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

function(must_match text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected '${pattern}' in:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
set(prefix ${WORK}/prefix)
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
# The installed tool works by itself: everything that it needs is embedded.
step(${prefix}/bin/thimble --version)
must_match("${output}" "^thimble [0-9]+\\.[0-9]+\\.[0-9]+\n$")
step(${prefix}/bin/thimble inspect ${MODEL})
must_match("${output}" "CONV_2D")

set(flags "")
if(SANITIZE)
  set(flags -fsanitize=address,undefined)
endif()
step(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK}/consumer -DCMAKE_PREFIX_PATH=${prefix}
     -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${flags} -DCMAKE_BUILD_TYPE=Release)
step(${CMAKE_COMMAND} --build ${WORK}/consumer)
step(${WORK}/consumer/consumer ${MODEL})
must_match("${output}" "^arena [1-9][0-9]*\n$")

# A version that is not there is refused: the version file does its work.
file(COPY ${CONSUMER}/ DESTINATION ${WORK}/newer)
file(READ ${CONSUMER}/CMakeLists.txt text)
string(REPLACE "Thimble 0.1 REQUIRED" "Thimble 9.9 REQUIRED" text "${text}")
file(WRITE ${WORK}/newer/CMakeLists.txt "${text}")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/newer -B ${WORK}/newer/build -DCMAKE_PREFIX_PATH=${prefix}
                RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
if(code EQUAL 0)
  message(FATAL_ERROR "find_package(Thimble 9.9) succeeded")
endif()
