# SPDX-License-Identifier: Apache-2.0
# weir_schema_lock(<name> HEADER <header>... GRAPH <expression> LOCK <file> [LIBRARIES <targets...>]
#                  [SOURCES <files...>] [RENAMED <stage.old=new>...] [DROPPED <stages...>] [ADDED_SOURCES <logs...>]
#                  [OPTIONS <expression>])
#
# The build fails, with a sentence for each change, when a graph keeps something else in its checkpoints than a lock
# file in the source tree says, so that nobody finds out only when a savepoint is refused. HEADER declares, and
# LIBRARIES or SOURCES hold, the function that GRAPH calls; nothing is run of the graph, and nothing opened that it
# reads or writes. It makes three targets, of which the first is part of `all`:
#
#   <name>_check_schema    fails unless the lock file says what the graph keeps; runs when either has changed
#   <name>_accept_schema   writes the lock file, unless savepoints of what it says would be refused
#   <name>_force_schema    writes it in any case
#
# RENAMED, DROPPED and ADDED_SOURCES are what the run says in its weir::checkpointing: renamed_fields, dropped_stages,
# added_sources. OPTIONS is an expression of that type, so that both can use the same one.
function(weir_schema_lock target)
  cmake_parse_arguments(PARSE_ARGV 1 schema "" "GRAPH;LOCK;OPTIONS"
    "HEADER;LIBRARIES;SOURCES;RENAMED;DROPPED;ADDED_SOURCES")
  foreach(needed IN ITEMS HEADER GRAPH LOCK)
    if("${schema_${needed}}" STREQUAL "")
      message(FATAL_ERROR "weir_schema_lock(${target}): ${needed} is missing")
    endif()
  endforeach()
  if(NOT "${schema_UNPARSED_ARGUMENTS}" STREQUAL "")
    message(FATAL_ERROR "weir_schema_lock(${target}): '${schema_UNPARSED_ARGUMENTS}' is not known")
  endif()
  if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    message(STATUS "weir_schema_lock(${target}) is left out: programs for another machine cannot run in this build")
    return()
  endif()
  if("${schema_OPTIONS}" STREQUAL "")
    set(schema_OPTIONS "weir::checkpointing{}")
  endif()
  cmake_path(ABSOLUTE_PATH schema_LOCK BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE lock)
  set(includes "")
  foreach(header IN LISTS schema_HEADER)
    string(APPEND includes "#include <${header}>\n")
  endforeach()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_schema_lock")
  configure_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/weir_schema_main.cpp.in" "${folder}/main.cpp" @ONLY)

  set(program ${target}_schema)
  add_executable(${program} EXCLUDE_FROM_ALL "${folder}/main.cpp" ${schema_SOURCES})
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${folder}")
  target_include_directories(${program} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${program} PRIVATE weir::weir ${schema_LIBRARIES})

  set(changes "")
  foreach(option IN ITEMS RENAMED DROPPED ADDED_SOURCES)
    string(TOLOWER "${option}" word)
    string(REPLACE "_sources" "" word "${word}")
    foreach(value IN LISTS schema_${option})
      list(APPEND changes ${word} "${value}")
    endforeach()
  endforeach()
  set(stamp "${folder}/checked")
  set(arguments "${target}" "${lock}" "${stamp}" "${CMAKE_BINARY_DIR}" ${changes})
  add_custom_command(OUTPUT "${stamp}" DEPENDS ${program} DEPFILE "${stamp}.d"
    COMMAND ${program} check ${arguments}
    COMMENT "Comparing what ${target} keeps with its lock file" VERBATIM)
  add_custom_target(${target}_check_schema ALL DEPENDS "${stamp}")
  foreach(what IN ITEMS accept force)
    add_custom_target(${target}_${what}_schema COMMAND ${program} ${what} ${arguments} VERBATIM)
  endforeach()
endfunction()
