# SPDX-License-Identifier: Apache-2.0
# Tests by label: a room, or one of laws, headers, compile_fail, package, examples, benchmarks.
set(WEIR_TEST_TIMEOUT 900 CACHE STRING "Seconds a single test may take")
set(WEIR_TEST_GRAPHS "" CACHE STRING "Random graphs per law; empty for as many as the law asks for")
option(WEIR_TEST_ALL_CONFIGURATIONS "Random graphs run in every configuration, not in six of each trial" OFF)
set(WEIR_TEST_ROOMS "" CACHE STRING "Labels to make tests for; empty for all")
set(WEIR_FUZZ_SECONDS 15 CACHE STRING "Seconds each fuzz target runs")
# Tells apart tests of the same name from several builds, in one run of ctest.
set(weir_test_suffix "")
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  set(weir_test_suffix "_clang")
endif()
if(NOT WEIR_SANITIZE STREQUAL "none")
  set(weir_test_suffix "_${WEIR_SANITIZE}_sanitizer")
endif()

# weir_wants_tests(<label> <variable>): whether this build has tests of that label.
function(weir_wants_tests label variable)
  if(WEIR_TEST_ROOMS STREQUAL "" OR label IN_LIST WEIR_TEST_ROOMS)
    set(${variable} TRUE PARENT_SCOPE)
  else()
    set(${variable} FALSE PARENT_SCOPE)
  endif()
endfunction()

# weir_register_test(<label> <name> <command...>): a ctest entry with label, time limit and sanitizer options.
function(weir_register_test label name)
  set(name "${name}${weir_test_suffix}")
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${WEIR_TEST_TIMEOUT})
  set(environment "")
  if(WEIR_SANITIZE STREQUAL "address")
    list(APPEND environment "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
      "UBSAN_OPTIONS=print_stacktrace=1")
  elseif(WEIR_SANITIZE STREQUAL "thread")
    list(APPEND environment "TSAN_OPTIONS=second_deadlock_stack=1")
  endif()
  if(NOT WEIR_TEST_GRAPHS STREQUAL "")
    list(APPEND environment "WEIR_GRAPHS=${WEIR_TEST_GRAPHS}")
  endif()
  if(WEIR_TEST_ALL_CONFIGURATIONS)
    list(APPEND environment "WEIR_FULL=1")
  endif()
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "${environment}")
endfunction()

# weir_add_test(<label> <target> <sources...>): one Catch2 executable and its ctest entry. The target
# `weir_test_<label>` builds all tests of a label.
function(weir_add_test label target)
  add_executable(${target} ${ARGN})
  weir_set_warnings(${target})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE WEIR_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE weir::weir Boost::json Catch2::Catch2WithMain ${weir_rapidcheck})
  weir_register_test(${label} ${target} ${target})
  if(NOT TARGET weir_test_${label})
    add_custom_target(weir_test_${label})
  endif()
  if(NOT target STREQUAL "weir_test_${label}")
    add_dependencies(weir_test_${label} ${target})
  endif()
endfunction()

# weir_add_header_checks(): every public header compiles alone, twice in a row. Built by the test itself, so that a
# header that does not compile is a failed test; the build remembers what did not change.
function(weir_add_header_checks)
  set(units "")
  foreach(header IN LISTS weir_headers)
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include" OUTPUT_VARIABLE name)
    set(unit "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
    file(CONFIGURE OUTPUT "${unit}" CONTENT "#include <${name}>\n#include <${name}>\n")
    list(APPEND units "${unit}")
  endforeach()
  add_custom_target(weir_test_headers)
  if(NOT units)
    return()
  endif()
  add_library(weir_headers OBJECT EXCLUDE_FROM_ALL ${units})
  weir_set_warnings(weir_headers)
  target_compile_options(weir_headers PRIVATE -O0 -g0 -U_FORTIFY_SOURCE)
  target_link_libraries(weir_headers PRIVATE weir::weir)
  weir_register_test(headers weir_test_headers
    "${CMAKE_COMMAND}" --build "${PROJECT_BINARY_DIR}" --parallel 2 --target weir_headers -- -k 0)
  set_tests_properties(weir_test_headers${weir_test_suffix} PROPERTIES PROCESSORS 2)
endfunction()

# weir_add_fuzz_target(<name> <source>): a fuzz target, and its ctest entry, which tries the files of corpus/<name> and
# then makes up input for WEIR_FUZZ_SECONDS. What it finds worth keeping goes to the build folder, and so does the input
# that breaks it: reproduce with `weir_fuzz_<name> <file>`.
function(weir_add_fuzz_target name source)
  set(target weir_fuzz_${name})
  add_executable(${target} "${source}")
  weir_set_warnings(${target})
  target_link_libraries(${target} PRIVATE weir::weir)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  set(found "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  file(MAKE_DIRECTORY "${found}")
  weir_register_test(fuzz ${target} ${target} -seed=1 -max_total_time=${WEIR_FUZZ_SECONDS} -timeout=10 -max_len=2000
    -rss_limit_mb=1000 -malloc_limit_mb=300 -print_final_stats=1 "-artifact_prefix=${found}-"
    "${found}" "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  if(NOT TARGET weir_test_fuzz)
    add_custom_target(weir_test_fuzz)
  endif()
  add_dependencies(weir_test_fuzz ${target})
endfunction()
