# thimble_embed(TARGET NAMESPACE FILE...)
#
# Embeds text files into TARGET, so that the compiler works wherever it is copied to. They are found at run
# time through `thimble::NAMESPACE::embedded_files()` (see thimble/base/embedded.h).
function(thimble_embed target namespace)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_${namespace}.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DNAMESPACE=${namespace} "-DFILES=${ARGN}"
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
