// SPDX-License-Identifier: Apache-2.0
// What the cases of the speed benchmark share: the input, what is measured, and how.
#pragma once
#include <bit>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/weir.hpp>

namespace speed {

using namespace std::chrono_literals;

struct payment {
    std::uint64_t card = 0;
    weir::timestamp at{};
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, at, amount))

using payments = std::vector<payment>;

// Records may come this much out of order; one in a thousand comes later than that.
inline constexpr weir::duration disorder = 100ms;

// `records` payments by uniformly random cards, a card about `per_window` times in a window of ten seconds. A quarter
// come out of order.
[[nodiscard]] payments make_payments(std::size_t records, std::uint64_t cards, double per_window);

// What a consumer makes of all rows, in any order: both sides must agree.
struct checksum {
    std::uint64_t rows = 0;
    std::uint64_t bits = 0;

    void take(double value) noexcept {
        ++rows;
        bits += std::bit_cast<std::uint64_t>(value);
    }
    friend bool operator==(const checksum&, const checksum&) = default;
};

// One row of the table. Each side does the whole work on the same input; `plain` is the hand-written loop with ordinary
// doubles, where there is a sum.
struct contest {
    std::size_t records = 0;
    std::function<checksum()> weir;
    std::function<checksum()> by_hand;
    std::function<checksum()> plain;
};

struct speed_case {
    std::string name;  // for the command line
    std::string text;  // for people
    double goal;       // not to be exceeded by the ratio of weir to by hand
    std::size_t records;
    std::function<contest(std::size_t records)> prepare;
    bool difference = false;  // the goal is for the difference, in nanoseconds per record
};

// Each file of cases adds its own.
void add_stateless_cases(std::vector<speed_case>& cases);
void add_window_cases(std::vector<speed_case>& cases);
void add_rolling_cases(std::vector<speed_case>& cases);
void add_session_cases(std::vector<speed_case>& cases);
void add_join_cases(std::vector<speed_case>& cases);
void add_pattern_cases(std::vector<speed_case>& cases);
void add_exchange_cases(std::vector<speed_case>& cases);
void add_measure_cases(std::vector<speed_case>& cases);
void add_history_cases(std::vector<speed_case>& cases);
void add_csv_cases(std::vector<speed_case>& cases);
void add_json_cases(std::vector<speed_case>& cases);  // where simdjson is installed

// Prints bytes per key at a million keys.
void print_memory();
// Prints what it costs to save the changes of some keys out of a million.
void print_changes();

}  // namespace speed
