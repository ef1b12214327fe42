// SPDX-License-Identifier: Apache-2.0
#include "card_features.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fraud {
namespace {

constexpr double earth_radius_km = 6371.0088;
constexpr double nanoseconds_per_hour = 3.6e12;

// Great-circle distance by the haversine formula; degrees in, kilometres out.
double great_circle_km(double from_lat, double from_lon, double to_lat, double to_lon) {
    constexpr double radians = std::numbers::pi / 180;
    const double lat_part = std::sin((to_lat * radians - from_lat * radians) / 2);
    const double lon_part = std::sin((to_lon * radians - from_lon * radians) / 2);
    const double h =
        lat_part * lat_part + std::cos(from_lat * radians) * std::cos(to_lat * radians) * lon_part * lon_part;
    return 2 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

// Against the card's previous arrival, which by event time may lie after this one.
void compare_with_last(const card_history& history, const transaction& now, card_features& features) {
    if (!history.at) return;
    const double elapsed = nanoseconds_between(*history.at, now.at.value);
    features.seconds_since_last = elapsed / 1e9;
    if (!history.lat || !history.lon || !now.lat || !now.lon) return;
    features.distance_km = great_circle_km(*history.lat, *history.lon, *now.lat, *now.lon);
    if (elapsed != 0) features.speed_kmh = *features.distance_km / (std::abs(elapsed) / nanoseconds_per_hour);
}

// How far this amount lies from the card's earlier ones, in sample standard deviations.
std::optional<double> amount_z(const card_history& history, double amount) {
    if (history.moments.count() < 3) return std::nullopt;
    const std::optional<double> variance = history.moments.variance();
    if (!variance || *variance == 0) return std::nullopt;
    const double mean = history.amounts.value() / static_cast<double>(history.moments.count());
    return (amount - mean) / std::sqrt(*variance);
}

}  // namespace

// Times may be further apart than a signed count of nanoseconds holds; an unsigned one holds every distance.
double nanoseconds_between(weir::timestamp earlier, weir::timestamp later) {
    const auto count = [](weir::timestamp at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); };
    if (later < earlier) return -static_cast<double>(count(earlier) - count(later));
    return static_cast<double>(count(later) - count(earlier));
}

void compare_with_history(const transaction& now, card_history& history, card_features& features) {
    compare_with_last(history, now, features);
    features.amount_z = amount_z(history, now.amount.value);
    history.at = now.at.value;
    history.lat = now.lat;
    history.lon = now.lon;
    history.amounts.add(now.amount.value);
    history.moments.add(now.amount.value);
}

}  // namespace fraud
