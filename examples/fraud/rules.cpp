// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <cmath>
#include <string_view>

#include <weir/record/describe.hpp>
#include <weir/record/text.hpp>

namespace fraud {
namespace {

// JSON has no infinities; amounts of 1e308 can make some.
void append_number(std::string& out, auto number) {
    const bool finite = std::isfinite(static_cast<double>(number));
    if (!finite) out += '"';
    weir::append_field(out, number);
    if (!finite) out += '"';
}

}  // namespace

unsigned reasons::count() const {
    unsigned fired = 0;
    weir::for_each_field(*this, [&](std::string_view, const auto& reason) { fired += reason ? 1U : 0U; });
    return fired;
}

void reasons::write_json(std::string& out) const {
    out += '[';
    std::string_view before;
    weir::for_each_field(*this, [&](std::string_view rule, const auto& reason) {
        if (!reason) return;
        out += before;
        before = ",";
        out += "{\"rule\":\"";
        out += rule;
        out += '"';
        weir::for_each_field(*reason, [&](std::string_view name, const auto& value) {
            out += ",\"";
            out += name;
            out += "\":";
            append_number(out, value);
        });
        out += '}';
    });
    out += ']';
}

reasons check(const rules& limits, const card_features& card, double amount) {
    reasons fired;
    const std::uint64_t count_5m = card.windows[0].count;
    const double mean_7d = card.windows[3].mean();
    if (count_5m >= limits.count_5m) fired.velocity = {count_5m};
    if (card.speed_kmh && *card.speed_kmh > limits.speed_kmh && *card.distance_km > limits.distance_km) {
        fired.impossible_travel = {*card.speed_kmh, *card.distance_km};
    }
    if (card.amount_z && *card.amount_z > limits.amount_z) fired.amount_z = {amount, *card.amount_z};
    if (amount > limits.times_mean_7d * mean_7d) fired.amount_over_mean = {amount, mean_7d};
    return fired;
}

outcome outcome_of(const reasons& why) {
    const unsigned fired = why.count();
    return fired == 0 ? outcome::APPROVE : fired == 1 ? outcome::REVIEW : outcome::BLOCK;
}

}  // namespace fraud
