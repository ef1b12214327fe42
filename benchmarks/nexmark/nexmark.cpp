// SPDX-License-Identifier: Apache-2.0
// Nexmark: see README.md beside it.
//
//   nexmark [--events N] [QUERY...]    seconds per query on one core, made and run together; and making alone
//   nexmark --ratio [--pairs N] [--events N] [QUERY...]   against the loop by hand, on a log in memory, alternating
//   nexmark --check [--events N] [QUERY...]               results against a naive evaluation; 1 if they differ
//
// --rate N: events per second of event time, 100,000 if it is not given; --seed N.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "queries.hpp"

namespace nexmark {
namespace {

struct options {
    enum class mode { time, ratio, check } what = mode::time;
    std::uint64_t events = 0;
    std::uint64_t rate = 100'000;
    std::uint64_t seed = 1;
    unsigned pairs = 15;
    std::vector<std::string_view> names;

    [[nodiscard]] bool wants(std::string_view name) const {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    }
};

double seconds(const std::function<void()>& work) {
    const auto start = weir::machine().ticks();
    work();
    return std::chrono::duration<double>(weir::machine().ticks() - start).count();
}
double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}
events made_of(const options& how, std::uint64_t fallback) {
    const generator make(how.seed, how.rate);
    events log;
    const std::uint64_t count = how.events != 0 ? how.events : fallback;
    log.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) log.push_back(make(i));
    return log;
}

// In both modes of running, since they must give the same.
bool check(const query& each, const events& log, const event_log& source) {
    rows wanted = each.naive(log);
    std::sort(wanted.begin(), wanted.end());
    bool same = true;
    const auto with = [&](auto runner, const char* name) {
        results got;
        got.keep = true;
        weir::run(each.in_weir(source, got), runner);
        rows compared = each.to_compare(got.kept);
        std::sort(compared.begin(), compared.end());
        const auto place = std::mismatch(wanted.begin(), wanted.end(), compared.begin(), compared.end());
        const bool equal = place.first == wanted.end() && place.second == compared.end();
        const std::string verdict =
            equal ? "ok" : fmt::format("DIFFERS at row {} of {}", place.first - wanted.begin(), wanted.size());
        fmt::print("{:<5} {:<38} {:<11} {:>9} rows  {}\n", each.name, each.text, name, compared.size(), verdict);
        same = same && equal && !wanted.empty();
        return got;
    };
    const results got = with(weir::batch{}, "batch");
    with(weir::event_loop{}, "event loop");
    if (each.by_hand) {
        results by_hand;
        each.by_hand(log, by_hand);
        if (!(by_hand == got)) fmt::print("{:<5} by hand: {} rows, not {}\n", each.name, by_hand.count, got.count);
        same = same && by_hand == got;
    }
    std::fflush(stdout);
    return same;
}

void print_ratio(const query& each, const events& log, const event_log& source, unsigned pairs) {
    std::vector<double> in_weir, by_hand, ratio;
    results left;
    const weir::graph graph = each.in_weir(source, left);
    for (unsigned pair = 0; pair <= pairs; ++pair) {
        left = {};
        results right;
        const double first = seconds([&] { weir::run(graph, weir::batch{}); });
        const double second = seconds([&] { each.by_hand(log, right); });
        if (!(left == right)) {
            fmt::print("{}: weir made {} rows, by hand {}\n", each.name, left.count, right.count);
            std::exit(1);
        }
        if (pair == 0) continue;  // caches and the heap have warmed up
        const double nanoseconds = 1e9 / static_cast<double>(log.size());
        in_weir.push_back(first * nanoseconds);
        by_hand.push_back(second * nanoseconds);
        ratio.push_back(first / second);
    }
    fmt::print("{:<5} {:<38} {:>8.2f} {:>8.2f} {:>7.2f} {}\n", each.name, each.text, median(in_weir), median(by_hand),
               median(ratio), median(ratio) <= 1.3 ? "" : "above 1.3");
    std::fflush(stdout);
}

void print_time(const query& each, const options& how, double alone) {
    results to;
    const auto graph = each.in_weir(weir::generate(how.events, generator(how.seed, how.rate)), to);
    const double took = seconds([&] { weir::run(graph, weir::batch{}); });
    fmt::print("{:<5} {:<38} {:>8.2f} {:>11.2f} {:>10.0f} % {:>11}\n", each.name, each.text, took,
               static_cast<double>(how.events) / took / 1e6, 100 * alone / took, to.count);
    std::fflush(stdout);
}

int time_all(const std::vector<query>& queries, options how) {
    if (how.events == 0) how.events = 50'000'000;
    std::uint64_t bids = 0;
    const double alone = seconds([&] {
        const generator make(how.seed, how.rate);
        for (std::uint64_t i = 0; i < how.events; ++i) bids += std::holds_alternative<bid>(make(i)) ? 1U : 0U;
    });
    fmt::print("{} events, {} of them bids; making them alone: {:.2f} s\n", how.events, bids, alone);
    fmt::print("{:<5} {:<38} {:>8} {:>11} {:>12} {:>11}\n", "", "", "seconds", "M events/s", "making", "rows");
    for (const query& each : queries) {
        if (how.wants(each.name)) print_time(each, how, alone);
    }
    return 0;
}

int compare_all(const std::vector<query>& queries, const options& how) {
    const events log = made_of(how, how.what == options::mode::check ? 1'000'000 : 4'000'000);
    const event_log source = weir::memory(log);
    bool same = true;
    if (how.what == options::mode::ratio) {
        fmt::print("nanoseconds per event of {}, median of {} pairs\n", log.size(), how.pairs);
        fmt::print("{:<44} {:>8} {:>8} {:>7}\n", "", "weir", "by hand", "ratio");
    }
    for (const query& each : queries) {
        if (!how.wants(each.name)) continue;
        if (how.what == options::mode::check) {
            same = check(each, log, source) && same;
        } else if (each.by_hand) {
            print_ratio(each, log, source, how.pairs);
        }
    }
    return same ? 0 : 1;
}

int main(const std::vector<std::string_view>& arguments) {
    std::vector<query> queries;
    add_stateless_queries(queries);
    add_join_queries(queries);
    add_window_queries(queries);
    add_rank_queries(queries);
    add_loops_by_hand(queries);
    options how;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto number = [&] { return ++i < arguments.size() ? std::stoull(std::string(arguments[i])) : 0; };
        const std::string_view each = arguments[i];
        if (each == "--check") {
            how.what = options::mode::check;
        } else if (each == "--ratio") {
            how.what = options::mode::ratio;
        } else if (each == "--events") {
            how.events = number();
        } else if (each == "--rate") {
            how.rate = std::max<std::uint64_t>(1, number());
        } else if (each == "--seed") {
            how.seed = number();
        } else if (each == "--pairs") {
            how.pairs = std::max(1U, static_cast<unsigned>(number()));
        } else if (std::none_of(queries.begin(), queries.end(), [&](const query& one) { return one.name == each; })) {
            fmt::print(stderr, "nexmark: no query or option is called '{}'\n", each);
            return 2;
        } else {
            how.names.push_back(each);
        }
    }
    return how.what == options::mode::time ? time_all(queries, how) : compare_all(queries, how);
}

}  // namespace
}  // namespace nexmark

int main(int count, char** arguments) { return nexmark::main({arguments + 1, arguments + count}); }
