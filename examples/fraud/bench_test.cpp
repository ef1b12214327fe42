// SPDX-License-Identifier: Apache-2.0
// bench: what it says is consistent, and what it refuses. How fast a machine is is no matter for a test.
#include "bench.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "open_loop.hpp"
#include "program_test.hpp"

namespace {

using namespace std::chrono_literals;
using namespace fraud_test;
namespace json = boost::json;

json::object bench_json(const std::string& arguments) {
    CAPTURE(arguments);
    REQUIRE(weir_fraud("bench --json " + arguments) == 0);
    CHECK(whole_file(folder() + "err.txt").empty());
    const std::string out = whole_file(folder() + "out.txt");
    REQUIRE(std::count(out.begin(), out.end(), '\n') == 1);
    REQUIRE(out.back() == '\n');
    return json::parse(out).as_object();
}

double number(const json::object& from, const char* name) { return from.at(name).to_number<double>(); }

void check_consistent(const json::object& line) {
    std::set<std::string> names;
    for (const auto& each : line) names.emplace(each.key());
    CHECK(names == std::set<std::string>{"rate", "decisions", "p50_us", "p99_us", "p999_us", "p9999_us", "max_us",
                                         "floor_p999_us", "misses"});
    CHECK(number(line, "p50_us") > 0);
    CHECK(number(line, "p50_us") <= number(line, "p99_us"));
    CHECK(number(line, "p99_us") <= number(line, "p999_us"));
    CHECK(number(line, "p999_us") <= number(line, "p9999_us"));
    CHECK(number(line, "p9999_us") <= number(line, "max_us"));
    CHECK(number(line, "floor_p999_us") > 0);
    CHECK(number(line, "misses") <= number(line, "decisions"));
}

}  // namespace

TEST_CASE("bench says as many decisions as were asked for, in one line whose numbers agree") {
    const json::object one = bench_json("--rate 2000 --seconds 0.3");
    check_consistent(one);
    CHECK(number(one, "rate") == 2000);
    CHECK(number(one, "decisions") == 600);

    const json::object four = bench_json("--rate 3000 --seconds 1.1 --askers 4");
    check_consistent(four);
    CHECK(number(four, "decisions") == 3300);
}

TEST_CASE("misses are those decisions that took longer than the budget") {
    const json::object none = bench_json("--rate 500 --seconds 0.2 --budget 1h");
    CHECK(number(none, "misses") == 0);
    const json::object line = bench_json("--rate 500 --seconds 0.2 --budget 1ns");
    CHECK(number(line, "misses") == number(line, "decisions"));
}

TEST_CASE("bench prints the decisions beside the machine alone, and the highest rate") {
    REQUIRE(weir_fraud("bench --rate 1000 --seconds 0.2 --budget 500us") == 0);
    const std::string out = whole_file(folder() + "out.txt");
    CAPTURE(out);
    CHECK(out.starts_with("200 decisions at 1000/s by 1 asker, from the intended arrival of each:\n"));
    for (const char* each :
         {"p50", "p99.99", "> 500.0 us", "\ndecide ", "\nthe machine, doing nothing ", "below 1 ms"}) {
        CHECK(out.find(each) != std::string::npos);
    }
}

TEST_CASE("bench refuses what it cannot measure") {
    const auto refused = [](const std::string& arguments, const std::string& sentence) {
        CAPTURE(arguments);
        CHECK(weir_fraud("bench " + arguments) == 2);
        const std::string said = whole_file(folder() + "err.txt");
        CAPTURE(said);
        CHECK(said.find(sentence) != std::string::npos);
        CHECK(whole_file(folder() + "out.txt").empty());
    };
    refused("--rate 0", "--rate");
    refused("--rate 2000000", "--rate");
    refused("--rate -5", "--rate");
    refused("--rate many", "--rate");
    refused("--seconds 0", "--seconds");
    refused("--seconds nan", "--seconds");
    refused("--seconds 1e9", "--seconds");
    refused("--askers 0", "--askers");
    refused("--askers 1000", "--askers");
    refused("--budget 0ms", "--budget: must be above zero");
    refused("--budget soon", "--budget: 'soon' is no duration");
    refused("--budget -1ms", "--budget: '-1ms' is no duration");
    refused("--output x", "--output");
}

TEST_CASE("an open loop does everything once, never early, and counts a pause against all that were due in it") {
    constexpr std::uint64_t count = 300;
    for (const unsigned threads : {1U, 3U}) {
        CAPTURE(threads);
        std::vector<std::atomic<int>> done(count);
        std::vector<std::vector<std::chrono::nanoseconds>> late(threads);
        CHECK(fraud::run_open_loop(
            {count, 10'000, threads},
            [&](unsigned thread, std::uint64_t number) {
                if (number % threads != thread) return;
                ++done[number];
                if (number == thread) std::this_thread::sleep_for(50ms);  // longer than all of the schedule
            },
            [&](unsigned thread, std::chrono::nanoseconds how) { late[thread].push_back(how); }));
        for (const auto& each : done) CHECK(each == 1);
        for (const auto& each : late) {
            REQUIRE(each.size() == count / threads);
            // The last was due 30 ms after the start, and nothing was done for 50 ms.
            for (const std::chrono::nanoseconds how : each) CHECK(how >= 20ms);
        }
    }
}

TEST_CASE("an open loop ends where somebody throws, or gives up") {
    const auto nothing = [](unsigned, std::chrono::nanoseconds) {};
    const auto broken = [&] {
        return fraud::run_open_loop(
            {1'000'000, 1'000, 2},
            [](unsigned, std::uint64_t number) {
                if (number == 5) throw std::runtime_error("five");
            },
            nothing);
    };
    CHECK_THROWS_WITH(broken(), "five");
    CHECK_FALSE(fraud::run_open_loop({1'000'000, 1'000, 2, 10ms},
                                     [](unsigned, std::uint64_t) { std::this_thread::sleep_for(20ms); }, nothing));
}
