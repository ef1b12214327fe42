# SPDX-License-Identifier: Apache-2.0
# What the library itself needs. Included by the build and by the installed package config, so both find the same.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(fmt)
find_dependency(ZLIB)
# Of Abseil, civil time alone: days, weeks and months of a time zone (src/windows/calendar.cpp).
find_dependency(absl)
find_dependency(Boost 1.81 CONFIG COMPONENTS headers json iostreams)

# What add-ons need; each is left out without it.
find_package(simdjson QUIET)
# lz4 ships no CMake package on Debian.
if(NOT TARGET LZ4::lz4)
  find_path(WEIR_LZ4_INCLUDE_DIR lz4frame.h)
  find_library(WEIR_LZ4_LIBRARY lz4)
  mark_as_advanced(WEIR_LZ4_INCLUDE_DIR WEIR_LZ4_LIBRARY)
  if(WEIR_LZ4_INCLUDE_DIR AND WEIR_LZ4_LIBRARY)
    add_library(LZ4::lz4 INTERFACE IMPORTED GLOBAL)
    target_include_directories(LZ4::lz4 INTERFACE "${WEIR_LZ4_INCLUDE_DIR}")
    target_link_libraries(LZ4::lz4 INTERFACE "${WEIR_LZ4_LIBRARY}")
  endif()
endif()

# xxhash ships no CMake package on Debian.
if(NOT TARGET weir_xxhash)
  find_path(WEIR_XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
  find_library(WEIR_XXHASH_LIBRARY xxhash REQUIRED)
  mark_as_advanced(WEIR_XXHASH_INCLUDE_DIR WEIR_XXHASH_LIBRARY)
  add_library(weir_xxhash INTERFACE IMPORTED GLOBAL)
  target_include_directories(weir_xxhash INTERFACE "${WEIR_XXHASH_INCLUDE_DIR}")
  target_link_libraries(weir_xxhash INTERFACE "${WEIR_XXHASH_LIBRARY}")
endif()

