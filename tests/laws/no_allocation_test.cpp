// SPDX-License-Identifier: Apache-2.0
// Law 7: no allocation per record in steady state on the path of built-in stages. Every `new` of this program is
// counted, in all its forms (counted_new.hpp).
#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/split.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "laws/steady_runs.hpp"

namespace {

std::string csv_text() {
    std::string text = "card,at,amount\n";
    for (std::uint64_t i = 0; i < 2 * half; ++i) {
        const payment each = payment_of(i, 0);
        const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(each.at.time_since_epoch()).count();
        text += std::to_string(each.card) + "," + std::to_string(at) + "," + std::to_string(each.amount) + "\n";
    }
    return text;
}

const auto put_csv = [](simulation& where) {
    static const std::string text = csv_text();
    where.put_file("payments.csv", text);
};

const auto running_sum = process<running_total>([](auto&, const payment& each, running_total& state) {
    state.sum += each.amount;
    return payment{each.card, each.at, state.sum};
});

struct last_payments {
    map_state<std::int64_t, double> amounts{ttl(5s)};
};
BOOST_DESCRIBE_STRUCT(last_payments, (), (amounts))

struct alignas(64) wide {
    double numbers[8] = {};
};

}  // namespace

// What nobody sees may be left out: compilers drop a new whose memory is not used (clang does).
void seen(const void* memory) { asm volatile("" : : "g"(memory) : "memory"); }

TEST_CASE("every form of new is counted", "[laws]") {
    const std::uint64_t before = allocations;
    const auto one = std::make_unique<int>(1);
    const auto aligned = std::make_unique<wide>();
    const auto several = std::make_unique<int[]>(3);
    const auto several_aligned = std::make_unique<wide[]>(3);
    const std::unique_ptr<int> quiet(new (std::nothrow) int(1));
    const std::unique_ptr<wide> quiet_aligned(new (std::nothrow) wide);
    for (const void* each : {static_cast<const void*>(one.get()), static_cast<const void*>(aligned.get()),
                             static_cast<const void*>(several.get()), static_cast<const void*>(several_aligned.get()),
                             static_cast<const void*>(quiet.get()), static_cast<const void*>(quiet_aligned.get())}) {
        seen(each);
    }
    CHECK(allocations - before == 6);
}

TEST_CASE("pure steps, merge and sinks allocate nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | filter([](const payment& each) { return each.card % 3 != 0; }) | map([](payment each) {
                       each.amount *= 2;
                       return each;
                   });
        },
        0.1);
}

TEST_CASE("flat_map and split allocate nothing per record", "[laws]") {
    check_steady([](auto from) { return from | flat_map([](const payment& each) { return std::array{each, each}; }); },
                 0.1);
    check_steady(
        [](auto from) {
            const auto [small, large] = from | split([](const payment& each) { return each.amount < 50; });
            return merge(small, large | filter([](const payment& each) { return each.card != 7; }));
        },
        0.1);
}

TEST_CASE("process allocates nothing per record", "[laws]") {
    check_steady([](auto from) { return from | key_by(&payment::card) | running_sum; }, 0.1);
    // Timers: a wheel that uses the memory of its slots again.
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) |
                   process<running_total, payment>(
                       [](auto& context, const payment& each, running_total& state) {
                           state.sum += each.amount;
                           context.set_timer(each.at + 5s);
                       },
                       [](auto& context, const std::uint32_t& card, running_total& state) {
                           context.emit({card, context.time(), state.sum});
                           if (state.sum > 1000) context.forget();
                       });
        },
        0.1);
}

TEST_CASE("state with a time to live allocates nothing per record", "[laws]") {
    const auto count = [](auto&, const payment& each, running_total& state) {
        state.sum += each.amount;
        return payment{each.card, each.at, state.sum};
    };
    check_steady([&](auto from) { return from | key_by(&payment::card) | process<running_total>(count, ttl(5s)); },
                 0.1);
    // Entries come and go: the nodes of those that have gone are used again.
    check_steady(
        [](auto from) {
            return from | key_by([](const payment& each) { return each.card % 2; }) |
                   process<last_payments>([](auto&, const payment& each, last_payments& state) {
                       state.amounts.put(each.at.time_since_epoch().count(), each.amount);
                       return payment{each.card, each.at, static_cast<double>(state.amounts.size())};
                   });
        },
        0.1);
}

TEST_CASE("join_by_origin allocates nothing per record", "[laws]") {
    const auto joined_twice = [](auto from) {
        const auto sums = from | key_by(&payment::card) | running_sum;
        return join_by_origin(sums, from | filter([](const payment& each) { return each.card % 5 != 0; }));
    };
    check_steady_from(one_log(0), joined_twice, 0.1);
    check_steady_from(
        one_log(0) | flat_map([](const payment& each) { return std::array{each, each}; }), joined_twice, 0.1);
}

TEST_CASE("reading CSV allocates nothing per record", "[laws]") {
    files_before_a_run = put_csv;
    check_steady_from(csv_files<payment>("payments.csv") | event_time(&payment::at, out_of_order(50ms)),
                      [](auto from) { return from | filter([](const payment& each) { return each.card != 7; }); }, 0.1);
}

TEST_CASE("following a file allocates nothing per record", "[laws]") {
    files_before_a_run = put_csv;
    check_steady_from(followed_by(generate(half / 2, [](std::uint64_t i) { return payment_of(i, 0); }),
                                  csv_tail<payment>("payments.csv")) |
                          event_time(&payment::at, out_of_order(50ms)),
                      [](auto from) { return from | filter([](const payment& each) { return each.card != 7; }); }, 0.1);
}

TEST_CASE("windows allocate nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | window(tumbling(10s)) |
                   aggregate(count(), sum(&payment::amount), max(&payment::amount));
        },
        0.1);
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | window(sliding(10s, 5s)) | aggregate(count(), sum(&payment::amount));
        },
        0.1);
    check_steady(
        [](auto from) { return from | key_by(&payment::card) | window(tumbling(100ms)) | aggregate(count()); }, 0.1);
}

// What is written down once for all keys, such as which panes there are, goes with the last key that needs it: a
// thousand and more windows later there is no more of it.
TEST_CASE("windows that come and go leave nothing behind", "[laws]") {
    const auto check = [](const window_grid& grid) {
        INFO(grid.text);
        const graph what("steady", one_log(0) | key_by(&payment::card) | window(grid) |
                                       aggregate(count(), sum(&payment::amount)) | into(for_each([](const auto&) {})));
        simulation where;
        job running(what, detail::plan_of(batch{}), where);
        static_cast<void>(running.advance(half));
        const std::int64_t before = bytes_held;
        static_cast<void>(running.advance(half - 2000));
        CHECK(bytes_held - before < 4096);
    };
    check(tumbling(500ms));
    check(sliding(5s, 500ms));
    check(sliding(1s, 500ms));
    check(sliding(10s, 700ms));
}

TEST_CASE("rolling windows and sorting allocate nothing per record", "[laws]") {
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | rolling(60s) | aggregate(count(), sum(&payment::amount));
        },
        1.0);
    // Buffers of windows that emptied are taken over by other keys, where now and then one grows.
    check_steady(
        [](auto from) {
            return from | key_by(&payment::card) | rolling(1s) |
                   aggregate(max(&payment::amount), sum(&payment::amount));
        },
        1.5);
    check_steady([](auto from) { return from | sort_by_time(); }, 0.1);
}

// Tables of values come and go with windows, and with them texts too long to lie inside a string. Now and then more of
// them are there than ever before.
TEST_CASE("counting distinct values allocates nothing per record", "[laws]") {
    const auto merchant = [](const payment& each) -> const std::string& {
        static const auto names = [] {
            std::array<std::string, 32> made;
            for (std::size_t i = 0; i < made.size(); ++i) made[i] = std::string(50 + i, 'x');
            return made;
        }();
        return names[static_cast<std::size_t>(each.amount) % names.size()];
    };
    const auto both = [merchant] { return aggregate(distinct(&payment::amount), distinct(merchant)); };
    check_steady([both](auto from) { return from | key_by(&payment::card) | window(tumbling(10s)) | both(); }, 0.5);
    check_steady([both](auto from) { return from | key_by(&payment::card) | window(tumbling(100s)) | both(); }, 0.5);
    check_steady([both](auto from) { return from | key_by(&payment::card) | window(sliding(20s, 5s)) | both(); }, 0.5);
    const auto amounts = [] { return aggregate(distinct(&payment::amount), distinct(&payment::at)); };
    check_steady([amounts](auto from) { return from | key_by(&payment::card) | rolling(60s) | amounts(); }, 1.0);
    check_steady([both](auto from) { return from | key_by(&payment::card) | rolling(60s) | both(); }, 1.5);
    const auto texts = [merchant] { return aggregate(distinct(merchant)); };
    check_steady([texts](auto from) { return from | key_by(&payment::card) | rolling(1s) | texts(); }, 1.5);
}

TEST_CASE("asking and pushing allocate nothing per record", "[laws]") {
    const unsigned threads = GENERATE(1U, 2U);
    const bool measure = GENERATE(false, true);
    CAPTURE(threads, measure);
    const auto asked = requests<payment, double>();
    const auto fed = pushed<payment>();
    const auto totals = [](const auto& from) {
        return from | event_time(&payment::at, out_of_order(50ms)) | key_by(&payment::card) | rolling(60s) |
               aggregate(count(), sum(&payment::amount)) |
               map([](const auto& row) { return row.template get<1>()[0]; });
    };
    simulation where;
    auto running = start_polled(graph("steady", totals(asked) | reply(asked),
                                      totals(fed) | into(for_each([](double) {}))),
                                event_loop{.threads = threads, .tuning = {.measure = measure}}, where);
    std::uint64_t next = 0;
    std::uint64_t answered = 0;
    const auto go_on = [&](std::uint64_t records) {
        for (std::uint64_t i = 0; i < records; ++i, ++next) {
            answered += running.ask(asked, payment_of(next, 0)) ? 1U : 0U;
            static_cast<void>(running.push(fed, payment_of(next, 17)));
            while (running.poll()) {
            }
        }
    };
    go_on(half / 2);
    const std::uint64_t before = allocations;
    go_on(half / 2);
    CHECK(static_cast<double>(allocations - before) * 1000.0 / static_cast<double>(half) <= 2.0);
    CHECK(answered > half * 9 / 10);
}
