// SPDX-License-Identifier: Apache-2.0
#include "score.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include <weir/record/describe.hpp>

namespace fraud {
namespace {

constexpr std::array all_outcomes{outcome::APPROVE, outcome::REVIEW, outcome::BLOCK};

tally sum_of(const tally& left, const tally& right) {
    return {left.not_fraud + right.not_fraud, left.fraud + right.fraud, left.unknown + right.unknown};
}

// With one decimal, rounded down: 100 % is all.
std::string percent(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return "-";
    const std::uint64_t thousandths = part * 1'000 / whole;
    return fmt::format("{}.{} %", thousandths / 10, thousandths % 10);
}

void append_rule(std::string& out, std::string_view name, const tally& fired, std::uint64_t all_fraud) {
    const std::uint64_t known = fired.not_fraud + fired.fraud;
    fmt::format_to(std::back_inserter(out), "{:<20}{:>12}{:>12}{:>12}{:>12}\n", name, known, fired.fraud,
                   percent(fired.fraud, known), percent(fired.fraud, all_fraud));
}

}  // namespace

void score::add(const judged& each) {
    outcomes[static_cast<std::size_t>(each.made.decision)].add(each.fraud);
    std::size_t number = 0;
    weir::for_each_field(each.made.reasons, [&](std::string_view, const auto& reason) {
        if (reason) by_rule[number].add(each.fraud);
        ++number;
    });
}

std::string score::to_text() const {
    tally all;
    for (const tally& each : outcomes) all = sum_of(all, each);
    const std::uint64_t known = all.not_fraud + all.fraud;
    std::string out = fmt::format("{:<20}{:>12}{:>12}{:>12}\n", "decision", "not fraud", "fraud", "unknown");
    for (const outcome decision : all_outcomes) {
        const tally& of = outcomes[static_cast<std::size_t>(decision)];
        fmt::format_to(std::back_inserter(out), "{:<20}{:>12}{:>12}{:>12}\n", weir::enum_name(decision), of.not_fraud,
                       of.fraud, of.unknown);
    }
    if (known == 0) return out + "\nOf no transaction it is known whether it was fraud.\n";
    fmt::format_to(std::back_inserter(out), "\n{:<20}{:>12}{:>12}{:>12}{:>12}\n", "rule", "fired", "on fraud",
                   "precision", "recall");
    std::size_t number = 0;
    for (const std::string_view rule : weir::field_names<reasons>) {
        append_rule(out, rule, by_rule[number++], all.fraud);
    }
    append_rule(out, "REVIEW or BLOCK", sum_of(outcomes[1], outcomes[2]), all.fraud);
    append_rule(out, "BLOCK", outcomes[2], all.fraud);
    return out;
}

}  // namespace fraud
