// SPDX-License-Identifier: Apache-2.0
#include "features.hpp"

#include <chrono>
#include <optional>

#include <weir/sinks/csv.hpp>
#include <weir/sources/csv.hpp>
#include <weir/weir.hpp>

#include "card_features.hpp"
#include "transaction.hpp"

namespace fraud {
namespace {

using namespace std::chrono_literals;

struct merchant_transaction {
    identifier merchant;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(merchant_transaction, (), (merchant, amount))

struct merchant_features {
    std::uint64_t count_24h = 0;
    double mean_24h = 0;
};
BOOST_DESCRIBE_STRUCT(merchant_features, (), (count_24h, mean_24h))

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

feature_row to_row(weir::joined<merchant_features, with_card_features<identifier>>&& both) {
    auto& [id, card] = both.right;
    const auto& [five_minutes, hour, day, week] = card.windows;
    return {std::move(id),
            five_minutes.count, five_minutes.sum, five_minutes.mean(), five_minutes.max,
            hour.count, hour.sum, hour.mean(), hour.max,
            day.count, day.sum, day.mean(), day.max,
            week.count, week.sum, week.mean(), week.max,
            card.merchants_24h, card.seconds_since_last, card.speed_kmh, card.amount_z,
            both.left.count_24h, both.left.mean_24h};
}

late_transaction to_late(const transaction& each, const weir::stamp_view& at) {
    return {each.id, each.at.text, each.card, each.merchant, each.amount.text, late_by_ms(at)};
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
    auto cards = with_history(windows, [](const transaction& each) { return each.id; });
    // The card's branch comes last: the last who reads the transactions may move them out.
    auto rows = weir::named("rows", weir::join_by_origin(merchant_branch(transactions), cards)) | weir::map(to_row);
    return weir::graph("fraud features",
                       rows | weir::named("features", weir::into(weir::csv(files.output))),
                       weir::late(windows) | weir::map(to_late)
                           | weir::named("late transactions", weir::into(weir::csv(files.output + ".late.csv"))));
}

}  // namespace fraud
