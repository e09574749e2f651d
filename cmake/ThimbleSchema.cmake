# thimble_schema(LAYER NAME): <NAME>.fbs in the current folder becomes "<NAME>_generated.h" for the layer's
# sources. No public header includes it, so that it is not installed. The include path is public in the build
# tree for the tests, which build damaged models with the object API.
find_program(FLATC flatc REQUIRED)
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

function(thimble_schema layer name)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  set(schema ${CMAKE_CURRENT_SOURCE_DIR}/${name}.fbs)
  add_custom_command(
    OUTPUT ${generated}/${name}_generated.h
    COMMAND ${FLATC} --cpp --scoped-enums --gen-object-api -o ${generated} ${schema}
    DEPENDS ${schema}
    VERBATIM)
  target_sources(thimble_${layer} PRIVATE ${generated}/${name}_generated.h)
  target_include_directories(thimble_${layer} SYSTEM PUBLIC $<BUILD_INTERFACE:${generated}>
                             $<BUILD_INTERFACE:${FLATBUFFERS_INCLUDE}>)
endfunction()
