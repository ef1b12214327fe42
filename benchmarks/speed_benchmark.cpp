// SPDX-License-Identifier: Apache-2.0
// How fast weir is against the loop a good engineer writes by hand for the same job, in one process, alternating.
//
//   weir_speed_benchmark [--pairs N] [NAME...]               the table, of all cases or of those named
//   weir_speed_benchmark --list                              the names of the cases
//   weir_speed_benchmark --instructions NAME SIDE RECORDS    one run of SIDE (weir, hand or none), for valgrind
#include <algorithm>
#include <cstdlib>
#include <random>

#include <fmt/format.h>

#include "speed.hpp"

namespace speed {

payments make_payments(std::size_t records, std::uint64_t cards, double per_window) {
    const auto step = static_cast<std::int64_t>(1e10 / (static_cast<double>(cards) * per_window));
    const weir::timestamp start{1'700'000'000s};
    std::mt19937_64 random(42);
    payments made;
    made.reserve(records);
    for (std::size_t i = 0; i < records; ++i) {
        weir::duration delay{};
        const std::uint64_t lot = random();
        if (lot % 4 == 0) delay = weir::duration{static_cast<std::int64_t>((lot >> 8U) % 100'000'000)};
        if (lot % 1024 == 1) delay = weir::duration{static_cast<std::int64_t>((lot >> 16U) % 1'500'000'000)};
        const double amount = static_cast<double>(random() % 100'000) / 100 + 0.37;
        made.push_back({random() % cards, start + weir::duration{step * static_cast<std::int64_t>(i)} - delay, amount});
    }
    return made;
}

namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double nanoseconds(const std::function<checksum()>& side, std::size_t records, checksum& total) {
    const auto start = weir::machine().ticks();
    total = side();
    return static_cast<double>((weir::machine().ticks() - start).count()) / static_cast<double>(records);
}

void print_row(const speed_case& each, unsigned pairs) {
    const contest sides = each.prepare(each.records);
    std::vector<double> in_weir, by_hand, ratio, plain_ratio;
    for (unsigned pair = 0; pair <= pairs; ++pair) {
        checksum left, right, unused;
        const double first = nanoseconds(sides.weir, sides.records, left);
        const double second = nanoseconds(sides.by_hand, sides.records, right);
        const double third = sides.plain ? nanoseconds(sides.plain, sides.records, unused) : 0;
        if (left != right) {
            fmt::print("{}: weir made {} rows ({:x}), by hand {} ({:x})\n", each.name, left.rows, left.bits, right.rows,
                       right.bits);
            std::exit(1);
        }
        if (pair == 0) continue;  // caches and the heap have warmed up
        in_weir.push_back(first);
        by_hand.push_back(second);
        ratio.push_back(each.difference ? first - second : first / second);
        plain_ratio.push_back(sides.plain ? first / third : 0);
    }
    const double result = median(ratio);
    fmt::print("{:<44} {:>8.2f} {:>8.2f} {:>7.2f} {:>6.2f} {:<6} {:>9}\n", each.text, median(in_weir), median(by_hand),
               result, each.goal, result <= each.goal ? "ok" : "MISSED",
               sides.plain ? fmt::format("{:.2f}", median(plain_ratio)) : "");
    std::fflush(stdout);
}

int run_once(const speed_case& each, std::string_view side, std::size_t records) {
    const contest sides = each.prepare(records);
    if (side == "weir") sides.weir();
    if (side == "hand") sides.by_hand();
    return 0;
}

int main(const std::vector<std::string>& arguments) {
    std::vector<speed_case> cases;
    add_stateless_cases(cases);
    add_window_cases(cases);
    add_rolling_cases(cases);
    add_session_cases(cases);
    add_join_cases(cases);
    add_pattern_cases(cases);
    add_exchange_cases(cases);
    add_measure_cases(cases);
    add_history_cases(cases);
    add_csv_cases(cases);
#ifdef WEIR_WITH_JSON
    add_json_cases(cases);
#endif
    unsigned pairs = 15;
    std::vector<std::string> wanted = arguments;
    if (!wanted.empty() && wanted[0] == "--list") {
        for (const speed_case& each : cases) fmt::print("{}\n", each.name);
        return 0;
    }
    if (wanted.size() == 4 && wanted[0] == "--instructions") {
        for (const speed_case& each : cases) {
            if (each.name == wanted[1]) return run_once(each, wanted[2], std::stoul(wanted[3]));
        }
        fmt::print(stderr, "no case is called '{}'\n", wanted[1]);
        return 2;
    }
    if (wanted.size() >= 2 && wanted[0] == "--pairs") {
        pairs = static_cast<unsigned>(std::stoul(wanted[1]));
        wanted.erase(wanted.begin(), wanted.begin() + 2);
    }
    const auto is_wanted = [&](const std::string& name) {
        return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    };
    fmt::print("nanoseconds per record, median of {} pairs\n", pairs);
    fmt::print("{:<44} {:>8} {:>8} {:>7} {:>6} {:<6} {:>9}\n", "case", "weir", "by hand", "ratio", "goal", "",
               "to plain");
    for (const speed_case& each : cases) {
        if (is_wanted(each.name)) print_row(each, pairs);
    }
    if (is_wanted("memory")) print_memory();
    if (is_wanted("changes")) print_changes();
    return 0;
}

}  // namespace
}  // namespace speed

int main(int count, char** arguments) { return speed::main({arguments + 1, arguments + count}); }
