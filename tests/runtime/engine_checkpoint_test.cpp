// SPDX-License-Identifier: Apache-2.0
// An engine with checkpoints: savepoints by call, and a state that the next engine goes on with.
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/csv_rolling.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "temporary_folder.hpp"

using namespace std::chrono_literals;
using namespace weir;

namespace engine_checkpoint_test {
struct payment {
    std::uint32_t card = 0;
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, amount))
struct total {
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (sum))
}  // namespace engine_checkpoint_test
using namespace engine_checkpoint_test;

namespace {

const auto running_sum = [] {
    return named("sum", process<total>([](auto&, const payment& each, total& state) {
                     state.sum += each.amount;
                     return payment{each.card, state.sum};
                 }));
};

event_loop with_folder(const std::string& folder, unsigned threads) {
    return event_loop{.threads = threads,
                      .checkpoint = {.every = 1h, .directory = folder, .at_most_once_sources = true}};
}

}  // namespace

TEST_CASE("an engine goes on with the state of a savepoint", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    const bool polled = GENERATE(false, true);
    CAPTURE(threads, polled);
    const temporary_folder folder;
    const auto fed = pushed<payment>();
    const graph what("sums", fed | key_by(&payment::card) | running_sum() |
                                 named("files", into(csv_rolling(folder / "out/sums-*.csv",
                                                                 {.bytes = 1'000'000, .every_epoch = true}))));
    const auto started = [&] {
        const auto how = with_folder(folder / "state", threads);
        return polled ? start_polled(what, how) : start(what, how);
    };
    std::uint64_t epoch = 0;
    {
        engine running = started();
        for (std::uint32_t i = 0; i < 100; ++i) REQUIRE(running.push(fed, payment{i % 7, 1}));
        while (running.report().of("sum").accepted < 100) {
            if (polled) static_cast<void>(running.poll());
        }
        epoch = running.savepoint().value();
        CHECK(epoch >= 1);
        // What it commits is visible.
        CHECK(folder.read("out/sums-000001.csv").size() > 400);
        CHECK(running.savepoint().value() > epoch);
        // Not in any checkpoint: at most once from here.
        REQUIRE(running.push(fed, payment{0, 1000}));
    }
    engine next = started();
    CHECK(next.report().checkpoints->resumed_from > epoch);
    for (std::uint32_t i = 0; i < 7; ++i) REQUIRE(next.push(fed, payment{i, 1}));
    const run_report report = next.stop().value();
    CHECK(report.balanced());
    CHECK(report.of("sum").accepted == 107);
    std::string last;
    for (const auto& each : std::filesystem::directory_iterator(folder / "out")) {
        const std::string path = each.path().string();
        if (path.ends_with(".csv") && path > last) last = path;
    }
    REQUIRE(!last.empty());
    // 100 payments of seven cards, and one more each.
    CHECK(folder.read("out/" + std::filesystem::path(last).filename().string()).find("0,16\n") != std::string::npos);
}

TEST_CASE("a savepoint that cannot be is a failure with a reason", "[runtime]") {
    const auto fed = pushed<payment>();
    const graph what("sums", fed | key_by(&payment::card) | running_sum() |
                                 into(for_each([](const payment&) {})));
    engine plain = start(what, event_loop{});
    CHECK(std::string{plain.savepoint().failure().text()}.find("takes no checkpoints") != std::string::npos);
    static_cast<void>(plain.stop());

    const temporary_folder folder;
    engine with = start(what, with_folder(folder / "state", 1));
    with.pause();
    CHECK(std::string{with.savepoint().failure().text()}.find("paused") != std::string::npos);
    with.resume();
    CHECK(with.savepoint());
    static_cast<void>(with.stop());
    CHECK(!with.savepoint());
}

TEST_CASE("a graph that answers keeps its state over checkpoints", "[runtime]") {
    const temporary_folder folder;
    const auto asked = requests<payment, payment>();
    const graph what("asked", asked | key_by(&payment::card) | running_sum() | reply(asked));
    for (int round = 1; round <= 3; ++round) {
        CAPTURE(round);
        engine running = start(what, with_folder(folder / "state", 1));
        CHECK(running.ask(asked, payment{7, 1.5}).value().amount == 1.5 * round);
        CHECK(running.savepoint());
    }
}
