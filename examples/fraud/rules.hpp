// SPDX-License-Identifier: Apache-2.0
// The rules of fraud, each with the values it fires on, and what they come to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe.hpp>

#include "card_features.hpp"

namespace fraud {

// Where a rule fires: above these, velocity also at its own.
struct rules {
    std::uint64_t count_5m = 3;
    double speed_kmh = 900;
    double distance_km = 300;  // shorter ways are not judged by speed: positions and times are not that exact
    double amount_z = 3;
    double times_mean_7d = 10;
};
BOOST_DESCRIBE_STRUCT(rules, (), (count_5m, speed_kmh, distance_km, amount_z, times_mean_7d))

struct velocity_reason {
    std::uint64_t count_5m = 0;
    friend bool operator==(const velocity_reason&, const velocity_reason&) = default;
};
BOOST_DESCRIBE_STRUCT(velocity_reason, (), (count_5m))

struct travel_reason {
    double speed_kmh = 0, distance_km = 0;
    friend bool operator==(const travel_reason&, const travel_reason&) = default;
};
BOOST_DESCRIBE_STRUCT(travel_reason, (), (speed_kmh, distance_km))

struct z_reason {
    double amount = 0, amount_z = 0;
    friend bool operator==(const z_reason&, const z_reason&) = default;
};
BOOST_DESCRIBE_STRUCT(z_reason, (), (amount, amount_z))

struct mean_reason {
    double amount = 0, mean_7d = 0;
    friend bool operator==(const mean_reason&, const mean_reason&) = default;
};
BOOST_DESCRIBE_STRUCT(mean_reason, (), (amount, mean_7d))

struct late_reason {
    double late_by_ms = 0;
    friend bool operator==(const late_reason&, const late_reason&) = default;
};
BOOST_DESCRIBE_STRUCT(late_reason, (), (late_by_ms))

// One for each rule that has fired. The fields are called as the rules are.
struct reasons {
    std::optional<velocity_reason> velocity;
    std::optional<travel_reason> impossible_travel;
    std::optional<z_reason> amount_z;
    std::optional<mean_reason> amount_over_mean;
    std::optional<late_reason> late;

    [[nodiscard]] unsigned count() const;
    // An array of those that are there: [{"rule":"velocity","count_5m":4}]
    void write_json(std::string& out) const;
    friend bool operator==(const reasons&, const reasons&) = default;
};
BOOST_DESCRIBE_STRUCT(reasons, (), (velocity, impossible_travel, amount_z, amount_over_mean, late))

// The rules that fire on a transaction of this amount.
[[nodiscard]] reasons check(const rules& limits, const card_features& card, double amount);

BOOST_DEFINE_ENUM_CLASS(outcome, APPROVE, REVIEW, BLOCK)

// One reason is for a person to look at, two are enough.
[[nodiscard]] outcome outcome_of(const reasons& why);

}  // namespace fraud
