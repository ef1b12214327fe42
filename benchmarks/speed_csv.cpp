// SPDX-License-Identifier: Apache-2.0
// CSV in memory to structs: weir's decoder against a bare loop of memchr and from_chars that trusts its input.
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include <weir/record/csv.hpp>

#include "speed.hpp"

namespace speed {
namespace {

void take(checksum& total, const payment& each) {
    total.take(each.amount + static_cast<double>(each.card));
    total.bits += static_cast<std::uint64_t>(each.at.time_since_epoch().count());
}

std::string make_text(std::size_t records) {
    std::string text = "card,at,amount\n";
    for (const payment& each : make_payments(records, 10'000, 7.5)) {
        fmt::format_to(std::back_inserter(text), "{},{},{}\n", each.card,
                       std::chrono::duration_cast<std::chrono::milliseconds>(each.at.time_since_epoch()).count(),
                       static_cast<double>(static_cast<std::int64_t>(each.amount * 100)) / 100);
    }
    return text;
}

checksum bare(const std::string& text) {
    checksum total;
    const char* const end = text.data() + text.size();
    const char* cursor = static_cast<const char*>(std::memchr(text.data(), '\n', text.size())) + 1;
    while (cursor != end) {
        const auto left = static_cast<std::size_t>(end - cursor);
        const auto* const line_end = static_cast<const char*>(std::memchr(cursor, '\n', left));
        payment each;
        std::int64_t milliseconds = 0;
        auto read = std::from_chars(cursor, line_end, each.card);
        read = std::from_chars(read.ptr + 1, line_end, milliseconds);
        read = std::from_chars(read.ptr + 1, line_end, each.amount);
        each.at = weir::timestamp{std::chrono::milliseconds{milliseconds}};
        if (read.ec == std::errc{} && read.ptr == line_end) take(total, each);
        cursor = line_end + 1;
    }
    return total;
}

checksum decoded(const std::string& text) {
    checksum total;
    weir::csv_decoder<payment> decoder("memory");
    const auto on_record = [&](payment&& each) { take(total, each); };
    const auto on_bad = [](weir::bad_record&& each) { throw weir::error(weir::error_kind::input, each.sentence()); };
    decoder.decode(text, true, ~std::size_t{0}, on_record, on_bad);
    return total;
}

contest csv(std::size_t records) {
    auto text = std::make_shared<std::string>(make_text(records));
    return {records, [text] { return decoded(*text); }, [text] { return bare(*text); }, {}};
}

}  // namespace

void add_csv_cases(std::vector<speed_case>& cases) {
    cases.push_back({"csv", "CSV to struct, against bare from_chars", 1 / 0.7, 1'000'000, csv});
}

}  // namespace speed
