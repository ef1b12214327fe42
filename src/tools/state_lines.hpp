// SPDX-License-Identifier: Apache-2.0
// Entries of a checkpoint as lines of JSON, and what the tools share of a command line.
#pragma once
#include <cstdio>
#include <string>
#include <string_view>

#include <weir/runtime/checkpoint_store.hpp>

namespace weir_state {

// How bytes are shown. A schema may tell more of them one day: then there will be members of other names beside these.
struct line_options {
    bool all_hexadecimal = false;
};

// Builds one object.
class json_line {
  public:
    void add(std::string_view name, std::uint64_t number);
    // Text must be UTF-8.
    void add(std::string_view name, std::string_view text);
    // As text under this name if people can read it, else under <name>_hex.
    void add_bytes(std::string_view name, std::string_view bytes, const line_options& options);
    // Stage by name and instance, and shard and key.
    void add_place(const weir::checkpoint_info& of, const weir::state_batch::entry& entry, const line_options& options);
    [[nodiscard]] std::string ended() && { return std::move(out_) + "}\n"; }

  private:
    void begin(std::string_view name);
    std::string out_ = "{";
};

// UTF-8 without control characters, and not empty.
[[nodiscard]] bool is_readable(std::string_view bytes);
// What terminals do not obey.
[[nodiscard]] std::string printable(std::string_view text);
// What CLI11 says repeats arguments as they are.
void print_lines(std::FILE* to, const std::string& text);
// What is wrong with an epoch, for CLI11, which takes -1 for the highest number.
[[nodiscard]] std::string whole_number(const std::string& text);

// Runs a tool: its exit code, or `refused` with a sentence on stderr if it throws or its output cannot be written.
[[nodiscard]] int run_tool(std::string_view name, int (*run)(int, char**), int argc, char** argv, int refused);

}  // namespace weir_state
