# Installation: the tool, the headers, the layer libraries and the CMake package `Thimble`.
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY THIMBLE_LAYERS)
add_library(thimble_all INTERFACE)
add_library(Thimble::thimble ALIAS thimble_all)
set_target_properties(thimble_all PROPERTIES EXPORT_NAME thimble)
target_link_libraries(thimble_all INTERFACE ${layers})

install(TARGETS thimble_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS thimble_all ${layers} EXPORT ThimbleTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY src/thimble DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT ThimbleTargets NAMESPACE Thimble:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Thimble)
configure_package_config_file(cmake/ThimbleConfig.cmake.in ThimbleConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Thimble)
write_basic_package_version_file(ThimbleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ThimbleConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/ThimbleConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Thimble)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
