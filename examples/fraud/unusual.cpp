// SPDX-License-Identifier: Apache-2.0
#include "unusual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <weir/runtime/run.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv.hpp>
#include <weir/weir.hpp>

#include "printable.hpp"
#include "transaction.hpp"

namespace fraud {
namespace {

constexpr std::size_t most_shown = 5;

// Of the output, the columns that are shown.
struct shown_features {
    std::uint64_t card_count_1h = 0;
    double card_sum_24h = 0, card_mean_7d = 0;
    std::uint64_t card_merchants_24h = 0;
    std::optional<double> card_amount_z;
};
BOOST_DESCRIBE_STRUCT(shown_features, (),
                      (card_count_1h, card_sum_24h, card_mean_7d, card_merchants_24h, card_amount_z))

struct unusual_row {
    std::uint64_t number = 0;  // of the row in the output, which is that of the transaction among those on time
    shown_features features;
    transaction of;
};

// Infinite amounts have no distance from a mean: not a number is not large.
std::vector<unusual_row> most_unusual(const std::string& output) {
    std::vector<unusual_row> most;
    std::uint64_t number = 0;
    const auto larger = [](const unusual_row& left, const unusual_row& right) {
        return *left.features.card_amount_z > *right.features.card_amount_z;
    };
    const auto consider = [&](const shown_features& each) {
        const unusual_row row{number++, each, {}};
        if (!each.card_amount_z || std::isnan(*each.card_amount_z)) return;
        most.insert(std::upper_bound(most.begin(), most.end(), row, larger), row);
        if (most.size() > most_shown) most.pop_back();
    };
    // Quoting can double an id, so a row may be longer than what it comes from.
    const weir::csv_options as_written{.allow_nan = true, .max_line_bytes = std::size_t{1} << 22U};
    const std::vector<std::string> files{output};
    weir::run(weir::graph("unusual rows",
                          weir::csv_files<shown_features>(files, as_written) | weir::into(weir::for_each(consider))),
              weir::batch{});
    return most;
}

void find_transactions(const feature_files& files, std::vector<unusual_row>& rows) {
    std::uint64_t number = 0;
    const auto remember = [&](const transaction& each) {
        for (unusual_row& row : rows) {
            if (row.number == number) row.of = each;
        }
        ++number;
    };
    auto [on_time, late] = weir::csv_files<transaction>(files.inputs)
                         | weir::event_time([](const transaction& each) { return each.at.value; },
                                            weir::out_of_order(files.max_disorder))
                         | weir::split_late();
    static_cast<void>(late);
    weir::run(weir::graph("their transactions", on_time | weir::into(weir::for_each(remember))), weir::batch{});
}

std::string fitting(const std::string& text, std::size_t width) {
    const std::string safe = printable(text);
    return safe.size() <= width ? safe : std::string{weir::cut_text(safe, width - 3)} + "...";
}

std::string short_number(double value) {
    return std::abs(value) < 1e8 ? fmt::format("{:.2f}", value) : fmt::format("{:.3g}", value);
}

}  // namespace

void print_unusual(const feature_files& files) {
    std::vector<unusual_row> rows = most_unusual(files.output);
    if (rows.empty()) return;
    find_transactions(files, rows);
    fmt::print("\nThe transactions furthest above what their cards usually spend, in standard deviations (z):\n\n");
    fmt::print("{:<12} {:<24} {:<19} {:<24} {:>9} {:>7} {:>9} {:>6} {:>10} {:>9}\n", "id", "at", "card", "merchant",
               "amount", "z", "7d mean", "1h", "24h sum", "24h shops");
    for (const unusual_row& each : rows) {
        std::string at;
        weir::append_time(at, each.of.at.value);
        fmt::print("{:<12} {:<24} {:<19} {:<24} {:>9} {:>7} {:>9} {:>6} {:>10} {:>9}\n",
                   fitting(each.of.id.text, 12), at, fitting(each.of.card.text, 19),
                   fitting(each.of.merchant.text, 24), short_number(each.of.amount.value),
                   short_number(*each.features.card_amount_z), short_number(each.features.card_mean_7d),
                   each.features.card_count_1h, short_number(each.features.card_sum_24h),
                   each.features.card_merchants_24h);
    }
}

}  // namespace fraud
