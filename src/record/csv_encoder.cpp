// SPDX-License-Identifier: Apache-2.0
#include <weir/record/csv_encoder.hpp>

#include <algorithm>

namespace weir::detail {

namespace {

bool needs_quotes(std::string_view text, char separator) {
    return std::any_of(text.begin(), text.end(), [separator](char each) {
        return each == separator || each == '"' || each == '\r' || each == '\n';
    });
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char character : text) {
        if (character == '"') out += '"';
        out += character;
    }
    out += '"';
}

}  // namespace

void append_csv_text(std::string& out, std::string_view text, char separator) {
    if (needs_quotes(text, separator)) return append_quoted(out, text);
    out += text;
}

void quote_csv_text(std::string& out, std::size_t begin, char separator) {
    if (!needs_quotes(std::string_view{out}.substr(begin), separator)) return;
    const std::string text = out.substr(begin);
    out.resize(begin);
    append_quoted(out, text);
}

void append_csv_header(std::string& out, std::span<const std::string> names, char separator) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) out += separator;
        append_csv_text(out, names[i], separator);
    }
    out += '\n';
}

void refuse_csv_names(std::size_t given, std::size_t wanted) {
    throw error(error_kind::configuration, std::to_string(given) + " column names were given for " +
                                               std::to_string(wanted) + " columns");
}

}  // namespace weir::detail
