// SPDX-License-Identifier: Apache-2.0
// A decision that is asked for allocates nothing: what it is made of is the request's own.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/runtime/engine.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/requests.hpp>

#include "decisions.hpp"
#include "laws/counted_new.hpp"
#include "traffic.hpp"

using namespace std::chrono_literals;

TEST_CASE("asking for decisions allocates nothing per record", "[laws]") {
    constexpr std::uint64_t half = 100'000;
    fraud::traffic_options options;
    options.cards = 300;
    options.days = 100;  // many times as long as the longest window
    options.transactions = 2 * half;
    fraud::traffic made(options);
    std::vector<fraud::transaction> waiting;
    waiting.reserve(2 * half);
    std::uint64_t long_names = 0;
    for (std::uint64_t i = 0; i < 2 * half; ++i) {
        waiting.push_back(made.next());
        long_names += waiting.back().merchant.text.size() > std::string{}.capacity() ? 1U : 0U;
    }
    REQUIRE(long_names > half / 2);  // too long to lie inside a string

    const auto requests = weir::requests<fraud::transaction, fraud::card_decision>();
    const auto transactions =
        requests | weir::event_time([](const fraud::transaction& each) { return each.at.value; },
                                    weir::out_of_order(1h));
    auto engine = weir::start(weir::graph("asked decisions", fraud::decisions(transactions) | weir::reply(requests)),
                              weir::event_loop{});
    std::uint64_t answered = 0;
    const auto ask = [&](std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t i = from; i < to; ++i) answered += engine.ask(requests, std::move(waiting[i])) ? 1U : 0U;
    };
    ask(0, half);
    const std::uint64_t before = allocations;
    ask(half, 2 * half);
    // Now and then a card has more in its windows than any before it: the longer the run, the more seldom.
    CHECK(static_cast<double>(allocations - before) * 1000.0 / static_cast<double>(half) <= 10.0);
    CHECK(answered == 2 * half);
}
