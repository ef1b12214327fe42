// SPDX-License-Identifier: Apache-2.0
#include "features.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>

#include <weir/aggregates/exact_moments.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sources/csv.hpp>
#include <weir/weir.hpp>

#include "transaction.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

struct merchant_transaction {
    identifier merchant;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(merchant_transaction, (), (merchant, amount))

// What is remembered of a card beyond its windows: the arrival before this one, and all amounts before it.
struct card_history {
    std::optional<weir::timestamp> at;
    std::optional<double> lat, lon;
    weir::exact_sum amounts;
    weir::exact_moments moments;
};
BOOST_DESCRIBE_STRUCT(card_history, (), (at, lat, lon, amounts, moments))

struct window_features {
    std::uint64_t count = 0;
    double sum = 0, max = 0;

    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

struct card_features {
    identifier id;
    std::array<window_features, 4> windows;
    std::uint64_t merchants_24h = 0;
    std::optional<double> seconds_since_last, speed_kmh, amount_z;
};

struct merchant_features {
    std::uint64_t count_24h = 0;
    double mean_24h = 0;
};

struct feature_row {
    identifier id;
    std::uint64_t card_count_5m;
    double card_sum_5m, card_mean_5m, card_max_5m;
    std::uint64_t card_count_1h;
    double card_sum_1h, card_mean_1h, card_max_1h;
    std::uint64_t card_count_24h;
    double card_sum_24h, card_mean_24h, card_max_24h;
    std::uint64_t card_count_7d;
    double card_sum_7d, card_mean_7d, card_max_7d;
    std::uint64_t card_merchants_24h;
    std::optional<double> card_seconds_since_last, card_speed_kmh, card_amount_z;
    std::uint64_t merchant_count_24h;
    double merchant_mean_24h;
};
BOOST_DESCRIBE_STRUCT(feature_row, (),
                      (id, card_count_5m, card_sum_5m, card_mean_5m, card_max_5m, card_count_1h, card_sum_1h,
                       card_mean_1h, card_max_1h, card_count_24h, card_sum_24h, card_mean_24h, card_max_24h,
                       card_count_7d, card_sum_7d, card_mean_7d, card_max_7d, card_merchants_24h,
                       card_seconds_since_last, card_speed_kmh, card_amount_z, merchant_count_24h, merchant_mean_24h))

constexpr double earth_radius_km = 6371.0088;
constexpr double nanoseconds_per_hour = 3.6e12;

// Great-circle distance by the haversine formula; degrees in, kilometres out.
double distance_km(double from_lat, double from_lon, double to_lat, double to_lon) {
    constexpr double radians = std::numbers::pi / 180;
    const double lat_part = std::sin((to_lat * radians - from_lat * radians) / 2);
    const double lon_part = std::sin((to_lon * radians - from_lon * radians) / 2);
    const double h =
        lat_part * lat_part + std::cos(from_lat * radians) * std::cos(to_lat * radians) * lon_part * lon_part;
    return 2 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

// later - earlier, rounded once. Times may be further apart than a signed count of nanoseconds holds; an unsigned one
// holds every distance.
double nanoseconds_between(weir::timestamp earlier, weir::timestamp later) {
    const auto count = [](weir::timestamp at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); };
    if (later < earlier) return -static_cast<double>(count(earlier) - count(later));
    return static_cast<double>(count(later) - count(earlier));
}

// Against the card's previous arrival, which by event time may lie after this one.
void compare_with_last(const card_history& history, const transaction& now, card_features& features) {
    if (!history.at) return;
    const double elapsed = nanoseconds_between(*history.at, now.at.value);
    features.seconds_since_last = elapsed / 1e9;
    if (elapsed == 0 || !history.lat || !history.lon || !now.lat || !now.lon) return;
    const double hours = std::abs(elapsed) / nanoseconds_per_hour;
    features.speed_kmh = distance_km(*history.lat, *history.lon, *now.lat, *now.lon) / hours;
}

// How far this amount lies from the card's earlier ones, in sample standard deviations.
std::optional<double> amount_z(const card_history& history, double amount) {
    if (history.moments.count() < 3) return std::nullopt;
    const std::optional<double> variance = history.moments.variance();
    if (!variance || *variance == 0) return std::nullopt;
    const double mean = history.amounts.value() / static_cast<double>(history.moments.count());
    return (amount - mean) / std::sqrt(*variance);
}

// Takes what rolling made of a card's transaction, and adds what depends on all that came before.
card_features describe(auto& /*context*/, const auto& rolled, card_history& history) {
    const transaction& now = rolled.record;
    card_features features;
    features.id = now.id;
    for (std::size_t i = 0; i < features.windows.size(); ++i) {
        features.windows[i] = {rolled.template get<0>()[i], rolled.template get<1>()[i], rolled.template get<2>()[i]};
    }
    features.merchants_24h = rolled.template get<3>();
    compare_with_last(history, now, features);
    features.amount_z = amount_z(history, now.amount.value);
    history.at = now.at.value;
    history.lat = now.lat;
    history.lon = now.lon;
    history.amounts.add(now.amount.value);
    history.moments.add(now.amount.value);
    return features;
}

feature_row to_row(weir::joined<merchant_features, card_features>&& both) {
    card_features& card = both.right;
    const auto& [five_minutes, hour, day, week] = card.windows;
    return {std::move(card.id),
            five_minutes.count, five_minutes.sum, five_minutes.mean(), five_minutes.max,
            hour.count, hour.sum, hour.mean(), hour.max,
            day.count, day.sum, day.mean(), day.max,
            week.count, week.sum, week.mean(), week.max,
            card.merchants_24h, card.seconds_since_last, card.speed_kmh, card.amount_z,
            both.left.count_24h, both.left.mean_24h};
}

late_transaction to_late(const transaction& each, const weir::stamp_view& at) {
    const double late_by_ms = nanoseconds_between(at.time(), at.watermark()) / 1e6;
    return {each.id, each.at.text, each.card, each.merchant, each.amount.text, late_by_ms};
}

double amount_of(const transaction& each) { return each.amount.value; }

auto card_windows(auto transactions) {
    return transactions
         | weir::key_by([](const transaction& each) -> const std::string& { return each.card.text; })
         | weir::rolling(5min, 1h, 24h, 24h * 7)
         | weir::named("card windows",
                       weir::aggregate(weir::count(), weir::sum(amount_of), weir::max(amount_of),
                                       weir::over(24h, weir::distinct([](const transaction& each) {
                                                      return each.merchant.text;
                                                  }))));
}

auto card_branch(auto windows) {
    return windows
         | weir::key_by([](const auto& rolled) -> const std::string& { return rolled.record.card.text; })
         | weir::named("card history", weir::process<card_history>([](auto& context, const auto& rolled,
                                                                      card_history& history) {
                           return describe(context, rolled, history);
                       }));
}

auto merchant_branch(auto transactions) {
    return transactions
         | weir::map([](const transaction& each) { return merchant_transaction{each.merchant, each.amount.value}; })
         | weir::key_by([](const merchant_transaction& each) -> const std::string& { return each.merchant.text; })
         | weir::rolling(24h)
         | weir::named("merchant windows",
                       weir::aggregate(weir::count(), weir::mean(&merchant_transaction::amount)))
         | weir::map([](const auto& rolled) {
               return merchant_features{rolled.template get<0>()[0], rolled.template get<1>()[0]};
           });
}

}  // namespace

weir::graph features(const feature_files& files) {
    auto transactions = weir::csv_files<transaction>(files.inputs)
                      | weir::named("transactions",
                                    weir::event_time([](const transaction& each) { return each.at.value; },
                                                     weir::out_of_order(files.max_disorder)));
    // Both rolling stages refuse what is late; the card's hand it on, for they keep transactions as they stood.
    auto windows = card_windows(transactions);
    // The card's branch comes last: the last who reads the transactions may move them out.
    auto rows = weir::join_by_origin(merchant_branch(transactions), card_branch(windows)) | weir::map(to_row);
    return weir::graph("fraud features",
                       rows | weir::named("features", weir::into(weir::csv(files.output))),
                       weir::late(windows) | weir::map(to_late)
                           | weir::named("late transactions", weir::into(weir::csv(files.output + ".late.csv"))));
}

}  // namespace fraud
