// SPDX-License-Identifier: Apache-2.0
#include "state_lines.hpp"

#include <fmt/format.h>

#include <iterator>
#include <sstream>

#include <weir/record/json_output.hpp>
#include <weir/record/utf8.hpp>

namespace weir_state {
namespace {

std::string hexadecimal(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char each : bytes) {
        for (const unsigned shift : {4U, 0U}) {
            out += "0123456789abcdef"[(static_cast<unsigned char>(each) >> shift) & 15U];
        }
    }
    return out;
}

// Of UTF-8: U+0000 to U+001F, U+007F, and U+0080 to U+009F.
bool is_control(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool high = byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    return byte < 0x20 || byte == 0x7F || high;
}

}  // namespace

bool is_readable(std::string_view bytes) {
    if (bytes.empty() || !weir::is_utf8(bytes)) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (is_control(bytes, i)) return false;
    }
    return true;
}

std::string printable(std::string_view text) {
    const bool is_utf8 = weir::is_utf8(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (is_control(text, i) || (byte >= 0x80 && !is_utf8)) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
            if (byte == 0xC2 && is_utf8) {
                fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[++i]));
            }
        } else {
            out += text[i];
        }
    }
    return out;
}

void print_lines(std::FILE* to, const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) fmt::print(to, "{}\n", printable(line));
}

std::string whole_number(const std::string& text) {
    const bool whole = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return whole ? std::string{} : "'" + text + "' is no epoch";
}

void json_line::begin(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
}

void json_line::add(std::string_view name, std::uint64_t number) {
    begin(name);
    out_ += std::to_string(number);
}

void json_line::add(std::string_view name, std::string_view text) {
    begin(name);
    weir::detail::json_output to(out_, false);
    to.put_text(text);
    to.flush();
}

void json_line::add_bytes(std::string_view name, std::string_view bytes, const line_options& options) {
    if (!options.all_hexadecimal && (bytes.empty() || is_readable(bytes))) return add(name, bytes);
    add(std::string{name} + "_hex", hexadecimal(bytes));
}

void json_line::add_place(const weir::checkpoint_info& of, const weir::state_batch::entry& entry,
                          const line_options& options) {
    const weir::checkpoint_stage& stage = of.stages[entry.stage];
    add("stage", weir::is_utf8(stage.name) ? stage.name : printable(stage.name));
    add("instance", stage.instance);
    add("shard", entry.shard);
    add_bytes("key", entry.key, options);
}

int run_tool(std::string_view name, int (*run)(int, char**), int argc, char** argv, int refused) {
    try {
        const int code = run(argc, argv);
        if (std::fflush(stdout) == 0) return code;
        fmt::print(stderr, "{}: the output could not be written\n", name);
    } catch (const std::exception& wrong) {
        std::fflush(stdout);
        fmt::print(stderr, "{}: {}\n", name, printable(wrong.what()));
    }
    return refused;
}

}  // namespace weir_state
