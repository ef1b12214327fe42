// SPDX-License-Identifier: Apache-2.0
// The engine: what it answers is what a run over the same logs answers, whoever steps the workers.
#include <weir/runtime/engine.hpp>

#include <atomic>
#include <map>
#include <stdexcept>
#include <thread>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;
using weir::failure_kind;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

struct answer {
    std::uint32_t key = 0;
    std::int64_t total = 0;
    std::uint64_t recent = 0;
    friend bool operator==(const answer&, const answer&) = default;
};
BOOST_DESCRIBE_STRUCT(answer, (), (key, total, recent))

// The logic, written once: a running total per key, beside a rolling count.
auto answers(auto source) {
    auto timed = source | weir::event_time(&reading::at, weir::out_of_order(9ns));
    auto totals = timed | weir::key_by(&reading::key) |
                  weir::named("totals", weir::process<tally, answer>([](auto& context, const reading& each, tally& t) {
                                  t.seen += each.amount;
                                  context.emit(answer{each.key, t.seen, 0});
                              }));
    auto recent = timed | weir::key_by(&reading::note) | weir::rolling(40ns) |
                  weir::named("recent", weir::aggregate(weir::count()));
    return weir::join_by_origin(totals, recent) | weir::map([](const auto& both) {
               answer made = both.left;
               made.recent = both.right.template get<0>()[0];
               return made;
           });
}

using requests_type = weir::request_source<reading, answer>;

weir::graph asked(const requests_type& requests) {
    return weir::graph("asked", answers(requests) | weir::reply(requests));
}
readings one_log(std::uint64_t seed, std::uint64_t records = 300) {
    log_options how;
    how.records = records;
    return random_logs(seed, how).front();
}
// What a batch run makes of the same log.
std::vector<answer> expected(const readings& log) {
    const auto sink = weir::collect<answer>();
    return weir::run(weir::graph("expected", answers(weir::memory(log)) | weir::into(sink)), weir::batch{})
        .output(sink);
}
// The answers to a log whose records are asked one by one. Late ones have none.
std::vector<answer> ask_all(weir::engine& engine, const requests_type& requests, const readings& log) {
    std::vector<answer> got;
    std::uint64_t late = 0;
    for (const reading& each : log) {
        weir::result<answer> reply = engine.ask(requests, each);
        if (reply) {
            got.push_back(*reply);
        } else {
            CHECK(reply.failure().kind() == failure_kind::late);
            ++late;
        }
    }
    CHECK(late > 0);
    CHECK(got.size() + late == log.size());
    return got;
}

}  // namespace

TEST_CASE("what is asked is answered as in a batch over the same log", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 3U);
    const std::uint64_t seed = GENERATE(range(1U, 4U));
    CAPTURE(threads, seed);
    const readings log = one_log(seed);
    const auto requests = weir::requests<reading, answer>();
    SECTION("on threads of its own") {
        auto engine = weir::start(asked(requests), weir::event_loop{.threads = threads});
        CHECK(ask_all(engine, requests, log) == expected(log));
        const auto report = engine.stop();
        REQUIRE(report);
        CHECK(report->balanced());
        CHECK(report->records == log.size());
    }
    SECTION("polled, in a simulation") {
        weir::testing::simulation where(seed);
        auto engine = weir::start_polled(asked(requests), weir::event_loop{.threads = threads}, where);
        CHECK(ask_all(engine, requests, log) == expected(log));
        CHECK(engine.stop().value().balanced());
    }
}

TEST_CASE("what is pushed comes out as in a batch over the same log", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U, 3U);
    CAPTURE(threads);
    const readings log = one_log(5, 2000);
    const auto feed = weir::pushed<reading>();
    const auto sink = weir::collect<answer>();
    const weir::graph what("pushed", answers(feed) | weir::into(sink));
    SECTION("until the log is closed") {
        auto engine = weir::start(what, weir::event_loop{.threads = threads});
        for (std::uint64_t i = 0; i < log.size(); ++i) CHECK(engine.push(feed, log[i]).value() == i);
        engine.close(feed);
        CHECK(engine.push(feed, log[0]).failure().kind() == failure_kind::stopped);
        const auto report = engine.wait();
        REQUIRE(report);
        CHECK(report->output(sink) == expected(log));
        CHECK(report->balanced());
        CHECK(report->reached_end);
        CHECK_FALSE(engine.running());
    }
    SECTION("in micro-batches, polled") {
        auto engine = weir::start_polled(what, weir::micro_batch{.max_records = 64, .threads = threads});
        for (const reading& each : log) CHECK(engine.push(feed, each));
        engine.close(feed);
        while (engine.running()) engine.poll();
        CHECK(engine.wait().value().output(sink) == expected(log));
    }
}

TEST_CASE("outputs and reports can be looked at while an engine runs", "[runtime]") {
    const auto feed = weir::pushed<reading>();
    const auto sink = weir::collect<answer>();
    auto engine = weir::start_polled(weir::graph("seen", answers(feed) | weir::into(sink)), weir::event_loop{});
    CHECK(engine.output(sink).empty());
    CHECK(engine.push(feed, make_reading(1, 10, 5)));
    CHECK(engine.counts(feed).waiting == 1);
    while (engine.poll()) {
    }
    CHECK(engine.output(sink) == std::vector<answer>{{1, 5, 1}});
    CHECK(engine.report().of("totals").accepted == 1);
    CHECK(engine.counts(feed).waiting == 0);
    CHECK(engine.counts(feed).accepted == 1);
}

TEST_CASE("a request without a reply says why", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto requests = weir::requests<reading, std::int64_t>();
    auto engine = weir::start(
        weir::graph("reasons", requests | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                                   weir::filter([](const reading& each) { return each.amount != 13; }) |
                                   weir::key_by(&reading::key) |
                                   weir::process<tally, std::int64_t>([](auto& context, const reading& each, tally&) {
                                       if (each.amount == 14) return;  // nothing comes of it
                                       context.emit(each.amount);
                                       if (each.amount == 15) context.emit(each.amount + 1);
                                   }) |
                                   weir::reply(requests)),
        weir::event_loop{.threads = threads});
    const auto kind_of = [&](const reading& each) {
        const auto reply = engine.ask(requests, each);
        REQUIRE_FALSE(reply);
        return reply.failure().kind();
    };
    CHECK(engine.ask(requests, make_reading(1, 100, 7)).value() == 7);
    CHECK(kind_of(make_reading(1, 101, 13)) == failure_kind::filtered);
    CHECK(kind_of(make_reading(1, 102, 14)) == failure_kind::unanswered);
    CHECK(kind_of(make_reading(1, 50, 7)) == failure_kind::late);
    CHECK(engine.ask(requests, make_reading(2, 103, 15)).value() == 15);
    CHECK(engine.ask(requests, make_reading(2, 104, 1)).value() == 1);
    CHECK(engine.superfluous_replies(requests) == 1);
    CHECK(std::string(engine.ask(requests, make_reading(1, 50, 7)).failure().text()).find("late") != std::string::npos);
}

TEST_CASE("what became of requests queued before is not said of this one", "[runtime]") {
    const auto requests = weir::requests<reading, std::int64_t>();
    auto engine = weir::start_polled(
        weir::graph("queued", requests | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                                  weir::key_by(&reading::key) |
                                  weir::process<tally, std::int64_t>([](auto& context, const reading& each, tally&) {
                                      if (each.amount != 14) context.emit(each.amount);
                                  }) |
                                  weir::reply(requests)),
        weir::event_loop{});
    CHECK(engine.ask(requests, make_reading(1, 100, 7)).value() == 7);
    CHECK_FALSE(engine.ask_then(requests, make_reading(1, 101, 7), [](const weir::result<std::int64_t>&) {}));
    CHECK_FALSE(engine.ask_then(requests, make_reading(1, 50, 7), [](const weir::result<std::int64_t>&) {}));  // late
    CHECK(engine.ask(requests, make_reading(1, 102, 14)).failure().kind() == failure_kind::unanswered);
}

TEST_CASE("a request is never told what became of another", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto requests = weir::requests<reading, std::int64_t>();
    auto engine = weir::start(
        weir::graph("mixed", requests | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                                 weir::filter([](const reading& each) { return each.amount != 13; }) |
                                 weir::key_by(&reading::key) |
                                 weir::process<tally, std::int64_t>([](auto& context, const reading& each, tally&) {
                                     if (each.amount != 14) context.emit(each.amount);
                                 }) |
                                 weir::reply(requests)),
        weir::event_loop{.threads = threads});
    constexpr std::int64_t rounds = 300;
    // Late, filtered and good ones by others, all the while.
    std::thread others([&] {
        for (std::int64_t i = 0; i < rounds; ++i) {
            for (const auto& [at, amount] : {std::pair<std::int64_t, std::int64_t>{1, 7}, {1000, 13}, {1000, 7}}) {
                static_cast<void>(engine.ask_then(requests, make_reading(2, at, amount),
                                                  [](const weir::result<std::int64_t>&) {}));
            }
        }
    });
    std::map<failure_kind, int> of_silent;
    for (std::int64_t i = 0; i < rounds; ++i) {
        const auto reply = engine.ask(requests, make_reading(1, 1000, 14), 20ms);
        REQUIRE_FALSE(reply);
        ++of_silent[reply.failure().kind()];
    }
    others.join();
    of_silent.erase(failure_kind::unanswered);
    of_silent.erase(failure_kind::deadline);
    CHECK(of_silent.empty());
    // Those that went before it are over sooner or later. Alone, each is told what became of it.
    const auto comes_to = [&](const reading& each, failure_kind wanted) {
        for (int i = 0; i < 10'000; ++i) {
            const auto reply = engine.ask(requests, each);
            if (!reply && reply.failure().kind() == wanted) return true;
        }
        return false;
    };
    CHECK(comes_to(make_reading(1, 1, 7), failure_kind::late));
    CHECK(comes_to(make_reading(1, 1001, 13), failure_kind::filtered));
}

TEST_CASE("several threads ask and push at once", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto requests = weir::requests<reading, std::int64_t>();
    const auto feed = weir::pushed<reading>({.capacity = 64});
    std::atomic<std::uint64_t> pushed{0};
    const auto total = weir::process<tally, std::int64_t>([](auto& context, const reading& each, tally& state) {
        context.emit(state.seen += each.amount);
    });
    auto engine = weir::start(
        weir::graph("busy",
                    requests | weir::key_by(&reading::key) | weir::named("asked", total) | weir::reply(requests),
                    feed | weir::key_by(&reading::key) | weir::named("fed", total) |
                        weir::into(weir::for_each([&pushed](std::int64_t) { ++pushed; }))),
        weir::event_loop{.threads = threads});
    constexpr std::int64_t each_asks = 500;
    std::vector<std::thread> hosts;
    std::atomic<std::int64_t> largest{0};
    std::atomic<std::uint64_t> replies{0};
    for (int host = 0; host < 4; ++host) {
        hosts.emplace_back([&] {
            std::int64_t before = 0;
            for (std::int64_t i = 0; i < each_asks; ++i) {
                const auto reply = engine.ask(requests, make_reading(7, i, 1));
                if (!reply || *reply <= before) return;  // fewer replies are noticed below
                before = *reply;
                ++replies;
            }
            std::int64_t known = largest.load();
            while (known < before && !largest.compare_exchange_weak(known, before)) {
            }
        });
        hosts.emplace_back([&] {
            for (std::int64_t i = 0; i < each_asks; ++i) static_cast<void>(engine.push(feed, make_reading(3, i, 1)));
        });
    }
    for (int i = 0; i < 20; ++i) static_cast<void>(engine.report().balanced());
    for (std::thread& each : hosts) each.join();
    CHECK(replies == 4 * each_asks);
    CHECK(largest == 4 * each_asks);
    CHECK(engine.stop().value().balanced());
    CHECK(pushed == 4 * each_asks);
}

TEST_CASE("requests that nobody waits for are answered by a call", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const readings log = one_log(9);
    const auto requests = weir::requests<reading, answer>();
    auto engine = weir::start(asked(requests), weir::event_loop{.threads = threads});
    std::vector<std::optional<answer>> replies(log.size());  // each written once, read when the engine has stopped
    std::atomic<std::uint64_t> without{0};
    for (std::size_t i = 0; i < log.size(); ++i) {
        const auto why = engine.ask_then(requests, log[i], [&, i](weir::result<answer> reply) {
            if (reply) {
                replies[i] = *reply;
            } else {
                ++without;
            }
        });
        CHECK_FALSE(why);
    }
    CHECK(engine.stop());
    std::vector<answer> got;
    for (const auto& each : replies) {
        if (each) got.push_back(*each);
    }
    CHECK(got == expected(log));
    CHECK(got.size() + without == log.size());
    const auto late_call = engine.ask_then(requests, log[0], [](const weir::result<answer>&) {});
    REQUIRE(late_call);
    CHECK(late_call->kind() == failure_kind::stopped);
}

TEST_CASE("who calls the engine from inside of it is refused", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto requests = weir::requests<reading, std::int64_t>();
    const auto feed = weir::pushed<reading>({.capacity = 1});
    std::unique_ptr<weir::engine> engine;
    std::vector<failure_kind> refused;
    std::atomic<bool> called{false};
    const auto call_all = [&](const reading& each) {
        if (each.amount == 0) return;
        refused.push_back(engine->ask(requests, each).failure().kind());
        refused.push_back(engine->stop().failure().kind());
        refused.push_back(engine->stop_now().failure().kind());
        refused.push_back(engine->wait().failure().kind());
        static_cast<void>(engine->push(feed, make_reading(1, 1, 0)));
        refused.push_back(engine->push(feed, make_reading(1, 1, 0)).failure().kind());
        called = true;
    };
    engine = std::make_unique<weir::engine>(weir::start(
        weir::graph("inside", feed | weir::into(weir::for_each(call_all)),
                    requests | weir::map([](const reading& each) { return each.amount; }) | weir::reply(requests)),
        weir::event_loop{.threads = threads}));
    CHECK(engine->push(feed, make_reading(1, 1, 1)));
    while (!called) std::this_thread::yield();
    CHECK(engine->stop());
    using enum failure_kind;
    CHECK(refused == std::vector{misused, misused, misused, misused, full});
}

TEST_CASE("what throws makes the engine fail, and it says what it was", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    const bool polled = GENERATE(false, true);
    CAPTURE(threads, polled);
    const auto requests = weir::requests<reading, std::int64_t>();
    const auto amount_of = [](const reading& each) {
        if (each.amount == 13) throw std::runtime_error("thirteen is too many");
        return each.amount;
    };
    const weir::graph what("throws", requests | weir::map(amount_of) |
                                         weir::key_by([](std::int64_t each) { return each; }) |
                                         weir::process<tally, std::int64_t>(
                                             [](auto& context, std::int64_t each, tally&) { context.emit(each); }) |
                                         weir::reply(requests));
    auto engine = polled ? weir::start_polled(what, weir::event_loop{.threads = threads})
                         : weir::start(what, weir::event_loop{.threads = threads});
    CHECK(engine.ask(requests, make_reading(1, 1, 1)).value() == 1);
    for (int i = 0; i < 2; ++i) {
        const auto reply = engine.ask(requests, make_reading(1, 1, 13));
        REQUIRE_FALSE(reply);
        CHECK(reply.failure().kind() == failure_kind::failed);
        CHECK(std::string(reply.failure().text()).find("thirteen is too many") != std::string::npos);
    }
    CHECK(engine.ask(requests, make_reading(1, 1, 1)).failure().kind() == failure_kind::failed);
    const auto end = engine.wait();
    REQUIRE_FALSE(end);
    CHECK(std::string(end.failure().text()).find("thirteen is too many") != std::string::npos);
    CHECK(engine.stop().failure().kind() == failure_kind::failed);
    CHECK_FALSE(engine.running());
}

TEST_CASE("an engine that has stopped says so", "[runtime]") {
    const auto requests = weir::requests<reading, answer>();
    auto engine = weir::start(asked(requests), weir::event_loop{});
    CHECK(engine.stop_now());
    CHECK(engine.ask(requests, make_reading(1, 1)).failure().kind() == failure_kind::stopped);
    CHECK(engine.push(requests, make_reading(1, 1)).failure().kind() == failure_kind::stopped);
    CHECK(engine.stop());  // again: the same report
    CHECK(engine.wait());
}

TEST_CASE("stopping leaves windows open, the end of the logs does not", "[runtime]") {
    const auto feed = weir::pushed<reading>();
    const auto sink = weir::collect<std::uint64_t>();
    const weir::graph what("windows", feed | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                                          weir::key_by(&reading::key) | weir::window(weir::tumbling(10ns)) |
                                          weir::aggregate(weir::count()) |
                                          weir::map([](const auto& row) { return row.template get<0>(); }) |
                                          weir::into(sink));
    const auto rows_of = [&](auto end) {
        auto engine = weir::start(what, weir::event_loop{});
        for (std::int64_t i = 0; i < 25; ++i) CHECK(engine.push(feed, make_reading(1, i, 1)));
        return end(engine).value().output(sink);
    };
    CHECK(rows_of([](auto& engine) { return engine.stop(); }) == std::vector<std::uint64_t>{10, 10});
    CHECK(rows_of([&](auto& engine) {
              engine.close(feed);
              return engine.wait();
          }) == std::vector<std::uint64_t>{10, 10, 5});
}

TEST_CASE("a host that forgets to stop loses nothing but the output", "[runtime]") {
    const auto feed = weir::pushed<reading>();
    std::atomic<int> seen{0};
    {
        auto engine = weir::start(
            weir::graph("forgotten", feed | weir::into(weir::for_each([&seen](const reading&) { ++seen; }))),
            weir::event_loop{.threads = 2});
        for (int i = 0; i < 100; ++i) CHECK(engine.push(feed, make_reading(1, i, 1)));
    }
    CHECK(seen <= 100);
}

TEST_CASE("a paused engine takes nothing, and whoever asks waits", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto requests = weir::requests<reading, answer>();
    auto engine = weir::start(asked(requests), weir::event_loop{.threads = threads});
    CHECK(engine.ask(requests, make_reading(1, 10, 5)));
    engine.pause();
    CHECK(engine.ask(requests, make_reading(1, 11, 5), 2ms).failure().kind() == failure_kind::deadline);
    std::thread host([&engine] { engine.resume(); });
    CHECK(engine.ask(requests, make_reading(1, 12, 5)));
    host.join();
}

TEST_CASE("two engines of one graph do not know each other", "[runtime]") {
    const auto requests = weir::requests<reading, answer>();
    const weir::graph what = asked(requests);
    auto one = weir::start(what, weir::event_loop{});
    auto other = weir::start(what, weir::event_loop{.threads = 2});
    for (std::int64_t i = 1; i <= 50; ++i) CHECK(one.ask(requests, make_reading(1, i, 1)).value().total == i);
    CHECK(other.ask(requests, make_reading(1, 1, 1)).value().total == 1);
    CHECK(one.stop());
    CHECK(other.ask(requests, make_reading(1, 2, 1)).value().total == 2);
}

TEST_CASE("a source that has nothing does not keep another from being read", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    const auto fast = weir::pushed<reading>();
    const auto silent = weir::pushed<reading>();
    const auto sink = weir::collect<std::int64_t>();
    std::atomic<int> direct{0};
    const auto timed = [](const auto& from) { return from | weir::event_time(&reading::at, weir::out_of_order(0ns)); };
    auto engine = weir::start(
        weir::graph("two logs", weir::merge(timed(fast), timed(silent)) | weir::map([](const reading& each) {
                                    return each.amount;
                                }) | weir::into(sink),
                    fast | weir::into(weir::for_each([&direct](const reading&) { ++direct; }))),
        weir::event_loop{.threads = threads});
    for (std::int64_t i = 0; i < 100; ++i) CHECK(engine.push(fast, make_reading(1, i, i)));
    while (direct < 100) std::this_thread::yield();
    // The silent log may yet come before all but the first, which comes before anything could.
    CHECK(engine.output(sink) == std::vector<std::int64_t>{0});
    CHECK(engine.push(silent, make_reading(2, 1000, -1)));
    CHECK(engine.push(silent, make_reading(2, 1001, -2)));
    engine.close(fast);
    engine.close(silent);
    const auto rows = engine.wait().value().output(sink);
    CHECK(rows.size() == 102);
    CHECK(rows.back() == -2);
}
