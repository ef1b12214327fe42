// SPDX-License-Identifier: Apache-2.0
// What is checked once per file or option, and the sentences about it.
#include <algorithm>

#include <weir/record/csv_scanner.hpp>

namespace weir {

void check_csv_options(const csv_options& options) {
    const auto byte = static_cast<unsigned char>(options.separator);
    const bool letter_or_digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                                 (byte >= 'A' && byte <= 'Z');
    const bool control = (byte < 0x20 && byte != '\t') || byte >= 0x7F;
    if (letter_or_digit || control || std::string_view{"\".:+-_"}.find(options.separator) != std::string_view::npos) {
        throw error(error_kind::configuration, "a CSV separator must be punctuation that is part of no number, time or "
                                               "name, such as a comma, semicolon or tab");
    }
    if (options.max_line_bytes == 0) {
        throw error(error_kind::configuration, "max_line_bytes must be at least 1");
    }
}

namespace detail {

namespace {
std::string list_names(const std::vector<std::string>& names) {
    constexpr std::size_t most = 50;
    std::string list;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        if (i != 0) list += ", ";
        list += cut_text(names[i], 60);
    }
    return names.size() > most ? list + ", ..." : list;
}
}  // namespace

std::string csv_scanner::longest_line() const {
    return std::to_string(options_.max_line_bytes) + " bytes, the limit that csv_options::max_line_bytes sets";
}

void csv_scanner::refuse_header(const std::string& reason) const {
    throw error(error_kind::input, source_ + ":" + std::to_string(line_) + ": " + reason);
}

const char* csv_scanner::take_header(const char* first, const char* end, bool last) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    const std::string_view text(first, static_cast<std::size_t>(end - first));
    const bool marked = text.starts_with(byte_order_mark);
    if (last && text.size() == (marked ? byte_order_mark.size() : 0)) {
        refuse_header("the file is empty: its first line must be a header");
    }
    const std::size_t newline = text.find('\n');
    if (std::min(newline, text.size()) > options_.max_line_bytes + byte_order_mark.size()) {
        refuse_header("the header is longer than " + longest_line());
    }
    if (newline == std::string_view::npos && !last) return nullptr;
    switch (split(marked ? first + byte_order_mark.size() : first, end, last)) {
        case verdict::incomplete: return nullptr;
        case verdict::bad: throw error(error_kind::input, problem_.sentence());
        case verdict::record: break;
    }
    if (fields_.size() == 1 && content(0).empty()) {
        refuse_header("the first line is blank: it must be a header");
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) header_.emplace_back(content(i));
    pass_record();
    return next_;
}

std::vector<std::size_t> csv_scanner::bind(std::span<const column> wanted) const {
    std::vector<std::size_t> filled(header_.size(), no_column);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto found = std::find(header_.begin(), header_.end(), wanted[i].name);
        if (found == header_.end()) {
            if (!wanted[i].required) continue;
            throw error(error_kind::input, source_ + ":1: the column '" + wanted[i].name +
                                               "' is missing; the header has " + list_names(header_));
        }
        if (std::find(found + 1, header_.end(), wanted[i].name) != header_.end()) {
            throw error(error_kind::input, source_ + ":1: the column '" + wanted[i].name + "' appears twice");
        }
        filled[static_cast<std::size_t>(found - header_.begin())] = i;
    }
    return filled;
}

}  // namespace detail
}  // namespace weir
