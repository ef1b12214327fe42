// SPDX-License-Identifier: Apache-2.0
// What is known of a card when one of its transactions comes: over its windows, and from all that came before. Features
// and decisions have these two stages in common.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <weir/aggregates/exact_moments.hpp>
#include <weir/time/stamp.hpp>
#include <weir/weir.hpp>

#include "transaction.hpp"

namespace fraud {

struct window_features {
    std::uint64_t count = 0;
    double sum = 0, max = 0;

    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};
BOOST_DESCRIBE_STRUCT(window_features, (), (count, sum, max))

struct card_features {
    std::array<window_features, 4> windows;  // 5m, 1h, 24h, 7d
    std::uint64_t merchants_24h = 0;
    std::optional<double> seconds_since_last, distance_km, speed_kmh, amount_z;
};
BOOST_DESCRIBE_STRUCT(card_features, (),
                      (windows, merchants_24h, seconds_since_last, distance_km, speed_kmh, amount_z))

// What is remembered of a card beyond its windows: the arrival before this one, and all amounts before it.
struct card_history {
    std::optional<weir::timestamp> at;
    std::optional<double> lat, lon;
    weir::exact_sum amounts;
    weir::exact_moments moments;
};
BOOST_DESCRIBE_STRUCT(card_history, (), (at, lat, lon, amounts, moments))

// Adds to the features what depends on all that came before, then the transaction to that.
void compare_with_history(const transaction& now, card_history& history, card_features& features);

// later - earlier, rounded once, however far they are apart.
[[nodiscard]] double nanoseconds_between(weir::timestamp earlier, weir::timestamp later);
// How far behind the watermark a late transaction came.
[[nodiscard]] inline double late_by_ms(const weir::stamp_view& at) {
    return nanoseconds_between(at.time(), at.watermark()) / 1e6;
}

[[nodiscard]] inline double amount_of(const transaction& each) { return each.amount.value; }

// Transactions, of type transaction or one derived from it, with event time: each with the windows of its card. Those
// that came too late are weir::late() of this.
auto card_windows(auto transactions) {
    using namespace std::chrono_literals;
    return transactions
         | weir::key_by([](const transaction& each) -> const std::string& { return each.card.text; })
         | weir::rolling(5min, 1h, 24h, 24h * 7)
         | weir::named("card windows",
                       weir::aggregate(weir::count(), weir::sum(amount_of), weir::max(amount_of),
                                       weir::over(24h, weir::distinct(
                                                       [](const transaction& each) -> const std::string& {
                                                           return each.merchant.text;
                                                       }))));
}

// What whoever asks for features wants to keep of the transaction beside them.
template <class Kept>
struct with_card_features {
    Kept kept;
    card_features card;
    BOOST_DESCRIBE_CLASS(with_card_features, (), (kept, card), (), ())
};

// card_windows, each record with the features of its card and what keep(transaction) makes of it.
auto with_history(auto windows, auto keep) {
    return windows
         | weir::key_by([](const auto& rolled) -> const std::string& { return rolled.record.card.text; })
         | weir::named("card history",
                       weir::process<card_history>([keep](auto&, const auto& rolled, card_history& history) {
                           with_card_features<decltype(keep(rolled.record))> both{keep(rolled.record), {}};
                           for (std::size_t i = 0; i < both.card.windows.size(); ++i) {
                               both.card.windows[i] = {rolled.template get<0>()[i], rolled.template get<1>()[i],
                                                       rolled.template get<2>()[i]};
                           }
                           both.card.merchants_24h = rolled.template get<3>();
                           compare_with_history(rolled.record, history, both.card);
                           return both;
                       }));
}

}  // namespace fraud
