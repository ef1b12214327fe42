# SPDX-License-Identifier: Apache-2.0
# What the library itself needs. Included by the build and by the installed package config, so both find the same.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(fmt)
find_dependency(ZLIB)
find_dependency(Boost 1.81 CONFIG COMPONENTS headers json iostreams)

# What add-ons need; each is left out without it.
find_package(simdjson QUIET)

# xxhash ships no CMake package on Debian.
if(NOT TARGET weir_xxhash)
  find_path(WEIR_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
  find_library(WEIR_XXHASH_LIBRARY xxhash REQUIRED)
  mark_as_advanced(WEIR_XXHASH_INCLUDE_DIR WEIR_XXHASH_LIBRARY)
  add_library(weir_xxhash INTERFACE IMPORTED GLOBAL)
  target_include_directories(weir_xxhash INTERFACE "${WEIR_XXHASH_INCLUDE_DIR}")
  target_link_libraries(weir_xxhash INTERFACE "${WEIR_XXHASH_LIBRARY}")
endif()

