// SPDX-License-Identifier: Apache-2.0
// The queries as weir graphs, the same again without weir: naively, to check their results, and as the loops that a
// good engineer writes by hand, to compare their speed.
#pragma once
#include <array>
#include <bit>
#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "events.hpp"

namespace nexmark {

using namespace std::chrono_literals;

// What a query gave, by its fields.
using row = std::array<std::uint64_t, 8>;
using rows = std::vector<row>;

[[nodiscard]] inline std::uint64_t word(weir::timestamp at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
[[nodiscard]] inline std::uint64_t word(double value) { return std::bit_cast<std::uint64_t>(value); }
[[nodiscard]] constexpr std::uint64_t word(std::uint64_t value) { return value; }

// Takes all results, in any order.
struct results {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    bool keep = false;
    rows kept;

    template <class... Fields> void take(const Fields&... fields) {
        ++count;
        std::uint64_t mixed = 0;
        ((mixed = mixed * 0x9e3779b97f4a7c15U + word(fields)), ...);
        sum += mixed;
        if (keep) kept.push_back({word(fields)...});
    }
    friend bool operator==(const results& left, const results& right) {
        return left.count == right.count && left.sum == right.sum;
    }
};

using events = std::vector<event>;
using event_log = decltype(weir::memory(events{}));  // as are generated ones

struct query {
    std::string name;
    std::string text;
    std::function<weir::graph(const event_log&, results&)> in_weir;
    // Of what weir gave, what the naive evaluation gives: all of it, or the last state that updates lead to.
    std::function<rows(const rows&)> to_compare;
    std::function<rows(const events&)> naive;
    std::function<void(const events&, results&)> by_hand{};  // where there is one
};

// As the published table definition has it.
inline constexpr weir::duration disorder = 4s;

[[nodiscard]] inline rows as_they_are(const rows& all) { return all; }

template <std::invocable<const bid&> Visit>
void for_each_bid(const events& all, Visit&& visit) {
    for (const event& each : all) {
        if (const bid* const its = std::get_if<bid>(&each)) visit(*its);
    }
}

struct is_bid {
    bool operator()(const event& each) const { return std::holds_alternative<bid>(each); }
};
struct the_bid {
    const bid& operator()(const event& each) const { return *std::get_if<bid>(&each); }
};
[[nodiscard]] inline auto timed(const event_log& log) {
    return log | weir::event_time(&time_of, weir::out_of_order(disorder));
}
[[nodiscard]] inline auto timed_bids(const event_log& log) {
    return timed(log) | weir::filter(is_bid{}) | weir::map(the_bid{});
}

void add_stateless_queries(std::vector<query>& queries);  // q0, q1, q2
void add_join_queries(std::vector<query>& queries);       // q3, q4, q9, q20
void add_window_queries(std::vector<query>& queries);     // q5, q7, q8, q11, q12, q17
void add_rank_queries(std::vector<query>& queries);       // q18, q19
void add_loops_by_hand(std::vector<query>& queries);      // to q5, q7, q12; the others have theirs beside them

}  // namespace nexmark
