// SPDX-License-Identifier: Apache-2.0
#include <weir/sources/csv.hpp>

#include <algorithm>

#include <weir/record/utf8.hpp>

namespace weir::detail {

namespace {

// "the column 'amount' is missing" is about amount.
std::string column_of(std::string_view reason) {
    constexpr std::string_view opening = "the column '";
    if (!reason.starts_with(opening)) return {};
    reason.remove_prefix(opening.size());
    const auto end = std::min(reason.find("' is missing"), reason.find("' appears twice"));
    return std::string{end == std::string_view::npos ? std::string_view{} : reason.substr(0, end)};
}

}  // namespace

bad_record csv_format::unusable(const std::string& path, std::string_view text, const error& problem,
                                std::size_t max_raw_bytes) {
    const std::string_view line = text.substr(0, text.find('\n'));
    // The error begins with the place, which a bad record has of its own: "a.csv:1: ".
    std::string_view reason = problem.what();
    if (const std::string shown = visible(path); reason.starts_with(shown)) {
        reason.remove_prefix(shown.size());
        reason.remove_prefix(std::min(reason.find_first_not_of(":0123456789 "), reason.size()));
    }
    bad_record bad;
    bad.source = path;
    bad.line = 1;
    bad.column = 1;
    bad.field = column_of(reason);
    bad.text = cut_text(line, 200);
    bad.raw = cut_text(line, max_raw_bytes);
    bad.reason = "is no header for these records, and the file was not read: " + std::string{reason};
    return bad;
}

}  // namespace weir::detail
