// SPDX-License-Identifier: Apache-2.0
// What the program does that weir_schema_lock(...) of the CMake package makes of a user's graph.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <weir/runtime/schema_lock.hpp>

namespace weir {

class environment;

struct schema_build {
    std::string what;   // check, accept or force
    std::string name;   // what weir_schema_lock was given first
    std::string lock;   // the file
    std::string stamp;  // written when a check was passed, and a list of what it depends on beside it: stamp + ".d"
    std::string build;  // the build folder, for commands to copy
    std::vector<std::string> renamed;  // "stage.old=new"
    checkpointing options = {};        // of it, the fields that were renamed, stages dropped, logs added
};

struct schema_build_result {
    int code = 0;      // 0: the build goes on; 1: the lock file and the graph differ; 2: that could not be found out
    std::string said;  // lines
};

// check    passes if the lock file says what the graph keeps
// accept   writes the lock file anew if a graph that kept what it says goes on as this one
// force    writes it in any case
// Throws nothing but std::bad_alloc.
[[nodiscard]] schema_build_result run_schema_build(environment& where, const schema_build& how,
                                                   const std::function<graph()>& make);

// The same, as a command line: <what> <name> <lock> <stamp> <build folder> [renamed|dropped|added <text>]...
[[nodiscard]] schema_build_result run_schema_build(const std::vector<std::string>& arguments,
                                                   const std::function<graph()>& make, checkpointing options);

}  // namespace weir
