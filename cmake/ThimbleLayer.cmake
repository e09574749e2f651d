# thimble_layer(NAME [USES layer...] [LIBRARIES target...] [PRIVATE_LIBRARIES target...])
#
# One static library per layer of the house, made of all sources below the layer's folder. USES names the
# lower layers that it includes. Exported as Thimble::NAME.
function(thimble_layer name)
  cmake_parse_arguments(LAYER "" "" "USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(target thimble_${name})
  add_library(${target} STATIC ${sources})
  add_library(Thimble::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  list(TRANSFORM LAYER_USES PREPEND thimble_)
  target_link_libraries(${target} PUBLIC ${LAYER_USES} ${LAYER_LIBRARIES}
    PRIVATE ${LAYER_PRIVATE_LIBRARIES} $<BUILD_INTERFACE:thimble_options>)
  set_property(GLOBAL APPEND PROPERTY THIMBLE_LAYERS ${target})
endfunction()
