// SPDX-License-Identifier: Apache-2.0
// Decisions on card transactions, as a function of a stream: from files, from memory, or asked for one by one.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include <weir/weir.hpp>

#include "card_features.hpp"
#include "rules.hpp"
#include "transaction.hpp"

namespace fraud {

struct card_decision {
    identifier id;
    std::string at;  // as it was read
    identifier card;
    outcome decision = outcome::APPROVE;
    fraud::reasons reasons;
    friend bool operator==(const card_decision&, const card_decision&) = default;
};
BOOST_DESCRIBE_STRUCT(card_decision, (), (id, at, card, decision, reasons))

// A decision and the truth, where that is known.
struct judged {
    card_decision made;
    std::optional<fraud_mark> fraud;
};
BOOST_DESCRIBE_STRUCT(judged, (), (made, fraud))

namespace detail {

struct kept_for_decision {
    identifier id;
    std::string at;
    identifier card;
    double amount = 0;
    std::optional<fraud_mark> fraud;
};
BOOST_DESCRIBE_STRUCT(kept_for_decision, (), (id, at, card, amount, fraud))

std::optional<fraud_mark> truth_of(const auto& transaction) {
    if constexpr (requires { transaction.fraud; }) {
        return transaction.fraud;
    } else {
        return std::nullopt;
    }
}

}  // namespace detail

// One for each transaction, in the order of the log. Transactions, of type transaction or one derived from it, have
// event time; one that comes too late is for a person to look at.
auto judge(auto transactions, const rules& limits = {}) {
    auto windows = card_windows(transactions);
    auto on_time = with_history(windows, [](const auto& each) {
                       return detail::kept_for_decision{each.id, each.at.text, each.card, each.amount.value,
                                                        detail::truth_of(each)};
                   })
                 | weir::map([limits](with_card_features<detail::kept_for_decision>&& each) {
                       auto& [kept, card] = each;
                       const reasons why = check(limits, card, kept.amount);
                       return judged{{std::move(kept.id), std::move(kept.at), std::move(kept.card), outcome_of(why),
                                      why},
                                     kept.fraud};
                   });
    auto late = weir::late(windows)
              | weir::map([](const auto& each, const weir::stamp_view& at) {
                    reasons why;
                    why.late = {late_by_ms(at)};
                    return judged{{each.id, each.at.text, each.card, outcome_of(why), why}, detail::truth_of(each)};
                });
    return weir::named("decisions", weir::merge(on_time, late));
}

inline constexpr auto without_truth = [](auto&& each) -> card_decision {
    return std::forward<decltype(each)>(each).made;
};

auto decisions(auto transactions, const rules& limits = {}) {
    return judge(transactions, limits) | weir::map(without_truth);
}

}  // namespace fraud
