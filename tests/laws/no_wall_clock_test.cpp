// SPDX-License-Identifier: Apache-2.0
// Law 4: no wall clock unless asked by name. Nothing outside of base/environment reaches a clock, and no result depends
// on the one that is there: virtual time that passes faster or slower changes nothing. What is non-deterministic by
// name is listed by explain (tests/flow/explain_test.cpp).
#include <weir/flow/explain.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sources/memory.hpp>

#include "laws/source_tree.hpp"
#include "operators/support.hpp"

using namespace source_tree;
using namespace std::chrono_literals;

namespace {

// Whether the line calls open(...) of the global scope: no member, no declaration of one.
bool opens_a_file(std::string_view code) {
    for (auto at = code.find("open"); at != std::string_view::npos; at = code.find("open", at + 1)) {
        if ((at > 0 && is_word(code[at - 1])) || !has_token(code.substr(at, 6), "open(")) continue;
        std::string_view before = code.substr(0, at);
        const bool global = before.ends_with("::") && (before.size() == 2 || !is_word(before[before.size() - 3]));
        while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
        constexpr std::string_view operators = "=(,!;{?|";
        const bool called = before.empty() || operators.find(before.back()) != std::string_view::npos ||
                            has_token(before.substr(before.size() < 6 ? 0 : before.size() - 6), "return");
        if (global || called) return true;
    }
    return false;
}
// Whether it asks a clock, under whatever name.
bool asks_a_clock(std::string_view code) {
    const auto at = code.find("::now");
    return at != std::string_view::npos && has_token(code.substr(at + 2), "now(");
}

struct tally {
    std::int64_t seen = 0;
};

}  // namespace

TEST_CASE("clocks, threads, randomness and files are reached through the environment", "[laws]") {
    offenders found;
    const auto outside = [](const source_file& file) {
        return in_library(file) && file.path != "include/weir/base/environment.hpp" &&
               file.path != "include/weir/base/fine_clock.hpp" &&  // its counter, read without a call
               !file.path.starts_with("src/base/environment");
    };
    each_line(outside, [&](const source_file& file, std::size_t line, std::string_view code) {
        forbid(found, file, line, code,
               {"steady_clock", "high_resolution_clock", "gettimeofday(", "clock_gettime(", "std::time(", "localtime(",
                "gmtime(", "sleep_for", "sleep_until", "nanosleep(", "usleep(", "std::thread", "std::jthread",
                "std::async", "pthread_create", "rand(", "srand(", "std::random_device", "std::mt19937",
                "std::mt19937_64", "std::default_random_engine", "std::minstd_rand", "fopen(", "std::ifstream",
                "std::ofstream", "std::fstream", "mmap(", "socket(", "__builtin_ia32_rdtsc("},
               "belongs to the environment");
        if (opens_a_file(code)) found.add(file, line, "open( belongs to the environment");
        if (asks_a_clock(code)) found.add(file, line, "::now() belongs to the environment");
    });
    found.none();
}

TEST_CASE("the search finds what it is for", "[laws]") {
    CHECK(opens_a_file("  const int file = open(path.c_str(), O_RDONLY);"));
    CHECK(opens_a_file("    return open (path, 0);"));
    CHECK(opens_a_file("::open(path, 0)"));
    CHECK(opens_a_file("if (::open(path, 0) < 0)"));
    CHECK_FALSE(opens_a_file("    auto file = where.open(path);"));
    CHECK_FALSE(opens_a_file("std::unique_ptr<reader> open(environment& where) const override {"));
    CHECK_FALSE(opens_a_file("source_readers node::open(environment&) const"));
    CHECK_FALSE(opens_a_file("    [[nodiscard]] auto open(const sink_site& site) const {"));
    CHECK_FALSE(opens_a_file("    reopen(path); is_open(path);"));
    CHECK(asks_a_clock("using clock = std::chrono::steady_clock; clock::now();"));
    CHECK_FALSE(asks_a_clock("now_ += 1; rows::nowhere();"));
}

TEST_CASE("virtual time that passes faster or slower changes no result", "[laws]") {
    using namespace operators_test;
    const auto results = weir::memory_partitions(random_logs(1, {.records = 400, .partitions = 2})) |
                         weir::event_time(&reading::at, weir::out_of_order(9ns)) | weir::key_by(&reading::key) |
                         weir::process<tally>([](auto&, const reading& each, tally& state) {
                             return state.seen += each.amount;
                         }) | weir::sort_by_time();
    const auto sink = weir::collect_stamped<std::int64_t>();
    const weir::graph what("clock", results | weir::into(sink));
    CHECK(weir::explain(what).find("non-deterministic points: none") != std::string::npos);
    const auto wanted = weir::run(what, weir::batch{});
    std::set<std::uint64_t> batches;
    for (const auto every : {1ns, 1000ns, 50000ns, 10000000ns}) {
        for (const unsigned threads : {1U, 3U}) {
            weir::testing::simulation where(threads);
            auto how = weir::detail::plan_of(weir::micro_batch{.every = every, .threads = threads});
            how.chunk = 5;  // the clock is asked after each
            const auto report = weir::detail::run_graph(what, how, where);
            require_same(wanted, report, "a batch every " + std::to_string(every.count()) + " ns", sink);
            batches.insert(report.batches);
        }
    }
    CHECK(batches.size() > 3);
}
