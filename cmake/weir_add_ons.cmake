# SPDX-License-Identifier: Apache-2.0
# weir_add_on(<name> <needed target> <Debian package>): the library weir::<name> of include/weir/<name> and src/<name>.
# Left out, with a line, when what it needs is not installed.
set(weir_built_add_ons "")
function(weir_add_on name needed package)
  if(NOT TARGET ${needed})
    message(STATUS "weir::${name} is left out: ${needed} was not found (on Debian: apt-get install ${package})")
    return()
  endif()
  file(GLOB headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/weir/${name}/*.hpp")
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${name}/*.cpp")
  add_library(weir_${name} STATIC ${sources})
  add_library(weir::${name} ALIAS weir_${name})
  target_sources(weir_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${headers})
  set_target_properties(weir_${name} PROPERTIES EXPORT_NAME ${name} CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(weir_${name} PUBLIC weir PRIVATE ${needed})
  weir_set_warnings(weir_${name})
  set(weir_built_add_ons ${weir_built_add_ons} ${name} PARENT_SCOPE)
endfunction()
