// SPDX-License-Identifier: Apache-2.0
// Small programs as a newcomer would write them, with nothing but the umbrella header.
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace first_program {

struct transaction {
    std::uint64_t card = 0;
    weir::timestamp at{};
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (card, at, amount))
struct spent {
    std::uint64_t card = 0;
    weir::timestamp from{};
    weir::timestamp to{};
    std::uint64_t count = 0;
    double amount = 0;
    friend bool operator==(const spent&, const spent&) = default;
};
BOOST_DESCRIBE_STRUCT(spent, (), (card, from, to, count, amount))
struct visits {
    std::uint64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(visits, (), (seen))

weir::timestamp second(std::int64_t count) { return weir::timestamp{std::chrono::seconds{count}}; }
const std::vector<transaction> transactions{{7, second(1), 0.1},  {8, second(2), 5},  {7, second(59), 0.2},
                                            {7, second(58), 0.3}, {7, second(61), 1}, {8, second(200), 2}};

auto spending(auto source) {  // the logic, written once
    return source | weir::event_time(&transaction::at, weir::out_of_order(5s)) | weir::key_by(&transaction::card) |
           weir::window(weir::tumbling(1min)) |
           weir::named("spending", weir::aggregate<spent>(weir::count(), weir::sum(&transaction::amount)));
}

}  // namespace first_program
using namespace first_program;

TEST_CASE("the logic written once runs as an event loop, as micro-batches and as batch", "[runtime]") {
    const auto sink = weir::collect<spent>();
    const weir::graph what("spending", spending(weir::memory(transactions)) | weir::into(sink));
    // 0.1 + 0.3 + 0.2 is exact, rounded once.
    const std::vector<spent> minute{{7, second(0), second(60), 3, 0.6}, {8, second(0), second(60), 1, 5}};
    std::vector<spent> wanted = minute;
    if (weir::stable_hash(8) < weir::stable_hash(7)) std::swap(wanted[0], wanted[1]);
    wanted.push_back({7, second(60), second(120), 1, 1});
    wanted.push_back({8, second(180), second(240), 1, 2});
    CHECK(weir::run(what, weir::event_loop{}).output(sink) == wanted);
    CHECK(weir::run(what, weir::micro_batch{.max_records = 2}).output(sink) == wanted);
    CHECK(weir::run(what, weir::batch{.threads = 2}).output(sink) == wanted);
}

TEST_CASE("hello: numbers through a chain into a function", "[runtime]") {
    int sum = 0;
    const auto squares = weir::generate(10, [](std::uint64_t i) { return static_cast<int>(i); }) |
                         weir::filter([](int each) { return each % 2 == 0; }) |
                         weir::map([](int each) { return each * each; });
    const auto report = weir::run(
        weir::graph("hello", squares | weir::into(weir::for_each([&](int each) { sum += each; }))), weir::event_loop{});
    CHECK(sum == 120);
    CHECK(report.records == 10);
    CHECK(report.balanced());
}

TEST_CASE("a stage that two streams use is called once per record", "[runtime]") {
    int calls = 0;
    const auto counted = weir::memory(transactions) | weir::key_by(&transaction::card) |
                         weir::process<visits>([&calls](auto&, const transaction&, visits& state) {
                             ++calls;
                             return ++state.seen;
                         });
    const auto all = weir::collect<std::uint64_t>();
    const auto repeated = weir::collect<std::uint64_t>();
    const weir::graph what("twice", counted | weir::into(all),
                           counted | weir::filter([](std::uint64_t each) { return each > 1; }) | weir::into(repeated));
    const auto report = weir::run(what, weir::batch{});
    CHECK(calls == 6);
    CHECK(report.output(all) == std::vector<std::uint64_t>{1, 1, 2, 3, 4, 2});
    CHECK(report.output(repeated) == std::vector<std::uint64_t>{2, 3, 4, 2});
}
