# SPDX-License-Identifier: Apache-2.0
# cmake --install: headers, the library, and a package config so that find_package(weir) gives weir::weir and
# weir_schema_lock().
include(CMakePackageConfigHelpers)
set(weir_config_folder "${CMAKE_INSTALL_LIBDIR}/cmake/weir")
list(TRANSFORM weir_built_add_ons PREPEND weir_ OUTPUT_VARIABLE weir_add_on_targets)
install(TARGETS weir ${weir_add_on_targets} EXPORT weir_targets FILE_SET HEADERS)
install(EXPORT weir_targets NAMESPACE weir:: FILE weir-targets.cmake DESTINATION "${weir_config_folder}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/weir-config.cmake.in"
  "${PROJECT_BINARY_DIR}/weir-config.cmake" INSTALL_DESTINATION "${weir_config_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weir-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/weir-config.cmake" "${PROJECT_BINARY_DIR}/weir-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/weir_dependencies.cmake" "${PROJECT_SOURCE_DIR}/cmake/weir_schema_lock.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/weir_schema_main.cpp.in" DESTINATION "${weir_config_folder}")
