// SPDX-License-Identifier: Apache-2.0
#include <weir/record/json_encoder.hpp>

#include <algorithm>

#include <weir/record/json_path.hpp>
#include <weir/record/utf8.hpp>

namespace weir {

void check_json_options(const json_options& options) {
    if (options.max_line_bytes == 0) {
        throw error(error_kind::configuration, "max_line_bytes must be at least 1");
    }
}

namespace detail {
namespace {

void append_escape(std::string& out, char character) {
    constexpr std::string_view named = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    if (const std::size_t found = named.find(character); found != std::string_view::npos) {
        out += '\\';
        out += letters[found];
        return;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(character);
    out += "\\u00";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
}

bool needs_escape(char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

void append_escaped_text(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto found = std::find_if(text.begin(), text.end(), needs_escape);
        const auto plain = static_cast<std::size_t>(found - text.begin());
        out += text.substr(0, plain);
        if (found == text.end()) return;
        append_escape(out, *found);
        text.remove_prefix(plain + 1);
    }
}

}  // namespace

void json_output::put_any_text(std::string_view text) {
    if (!is_utf8(text)) refuse("the text is not valid UTF-8");
    // Short texts without anything special are usual: they stay in the block.
    if (text.size() < 8 && std::none_of(text.begin(), text.end(), needs_escape)) {
        char* to = room(text.size() + 2);
        *to++ = '"';
        to = std::copy(text.begin(), text.end(), to);
        *to++ = '"';
        return wrote(to);
    }
    std::string& out = string();
    out += '"';
    append_escaped_text(out, text);
    out += '"';
}

void json_output::quote(std::size_t begin) {
    const std::string_view text = std::string_view{out_}.substr(begin);
    if (!is_utf8(text)) {
        out_.resize(begin);
        refuse("the text is not valid UTF-8");
    }
    if (std::any_of(text.begin(), text.end(), needs_escape)) {
        const std::string copy{text};
        out_.resize(begin);
        return put_any_text(copy);
    }
    out_.insert(begin, 1, '"');
    out_ += '"';
}

void json_output::refuse(std::string_view reason) {
    const std::string_view all = string();
    const std::size_t line = all.rfind('\n');
    const std::string path = json_path_behind(line == std::string_view::npos ? all : all.substr(line + 1));
    const std::string field = path.empty() ? "the record" : "field '" + visible(path) + "'";
    throw error(error_kind::input, field + ": " + std::string{reason});
}

std::vector<std::string> json_keys(std::vector<std::string> names, std::vector<std::string> given,
                                   std::size_t field_columns) {
    if (!given.empty()) {
        if (given.size() != names.size() + field_columns) {
            throw error(error_kind::configuration, std::to_string(given.size()) + " column names were given for " +
                                                       std::to_string(names.size() + field_columns) + " columns");
        }
        given.erase(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(field_columns));
        names = std::move(given);
    }
    for (std::string& name : names) {
        if (!is_utf8(name)) {
            throw error(error_kind::configuration, "the name of the column '" + visible(name) + "' is not valid UTF-8");
        }
        std::string key = "\"";
        append_escaped_text(key, name);
        name = key + "\":";
    }
    return names;
}

}  // namespace detail
}  // namespace weir
