// SPDX-License-Identifier: Apache-2.0
// Made-up card transactions, in the order in which they arrive: people at home and on trips, at their usual merchants
// and others, and among them stolen cards. The same options give the same transactions on every machine.
#pragma once
#include <cstdint>
#include <vector>

#include "transaction.hpp"
#include "world.hpp"

namespace fraud {

struct traffic_options {
    std::uint32_t cards = 5'000;
    std::uint64_t transactions = 1'000'000;
    std::uint32_t days = 90;
    std::uint64_t seed = 1;
};

// The beginning of 2024-01-01, a Monday, in milliseconds since 1970.
inline constexpr std::uint64_t traffic_start_ms = 1'704'067'200'000;
// No transaction arrives this long after its time, so none is this far behind another one.
inline constexpr std::uint64_t traffic_delay_ms = 30'000;

class traffic {
  public:
    explicit traffic(const traffic_options& options);

    // To be called as often as there are transactions.
    [[nodiscard]] labelled_transaction next();

  private:
    // The kinds of purchases, beside ordinary ones. Those of thieves come last.
    enum class purchase : std::uint8_t { ordinary, spree, abroad, test, online_haul, local_haul };

    // A purchase that follows from another one.
    struct planned {
        std::uint64_t at_ms;
        std::uint64_t number;  // in the order of planning, where times are the same
        std::uint32_t card;
        purchase kind;
        merchant where;
        double times_usual;  // of the median of the card; 0: as the merchant and chance will have it
        [[nodiscard]] bool operator>(const planned& other) const {
            return at_ms != other.at_ms ? at_ms > other.at_ms : number > other.number;
        }
    };

    [[nodiscard]] std::uint64_t unplanned() const { return left_ - planned_.size(); }
    void move_clock();
    [[nodiscard]] std::uint64_t clock_ms() const;
    [[nodiscard]] planned ordinary_purchase();
    void plan(const planned& after);
    void plan_what_follows(const planned& first);
    void plan_spree(const planned& first, const card_holder& holder);
    void plan_series(planned each, std::uint32_t count, std::uint32_t gap_low_ms, std::uint32_t gap_high_ms);
    void plan_abroad(const planned& after, const card_holder& holder);
    void plan_test(const planned& after);
    void plan_local_haul(const planned& after, const card_holder& holder);
    [[nodiscard]] labelled_transaction made_of(const planned& each);
    [[nodiscard]] std::uint64_t cents_of(const planned& each, const card_holder& holder);

    traffic_options options_;
    world world_;
    dice random_;
    std::uint64_t left_;  // transactions still to come
    std::uint64_t written_ = 0;
    std::uint64_t plans_ = 0;
    std::vector<planned> planned_;  // a heap, the earliest in front
    // Busy hours are long: a clock that runs by them meets as many transactions in any of its units.
    std::uint64_t hour_ = 0;
    double within_hour_ = 0;
    double busy_left_ = 0;  // until the end of the last day
};

}  // namespace fraud
