// SPDX-License-Identifier: Apache-2.0
// pushed(): what a host writes into a log, and what becomes of it when nobody reads as fast.
#include <weir/sources/push.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;
using weir::failure_kind;

TEST_CASE("a full source waits, fails or drops, as it was told, and counts it", "[runtime]") {
    const auto feed_with = [](weir::when_full policy) {
        return weir::pushed<reading>({.capacity = 3, .policy = policy});
    };
    const auto fill = [](const auto& feed) {
        const auto seen = std::make_shared<std::vector<std::int64_t>>();
        auto engine = weir::start_polled(
            weir::graph("full", feed | weir::into(weir::for_each([seen](const reading& each) {
                                    seen->push_back(each.amount);
                                }))),
            weir::event_loop{});
        for (std::int64_t i = 0; i < 3; ++i) CHECK(engine.push(feed, make_reading(1, i, i)));
        return std::pair{std::move(engine), seen};
    };
    SECTION("fail") {
        const auto feed = feed_with(weir::when_full::fail);
        auto [engine, seen] = fill(feed);
        for (int i = 0; i < 30; ++i) {
            CHECK(engine.push(feed, make_reading(1, 9, 9)).failure().kind() == failure_kind::full);
        }
        CHECK(engine.counts(feed).refused == 30);
        while (engine.poll()) {
        }
        CHECK(engine.push(feed, make_reading(1, 3, 3)).value() == 3);
        CHECK(engine.stop());
        CHECK(*seen == std::vector<std::int64_t>{0, 1, 2, 3});
    }
    SECTION("drop") {
        const auto feed = feed_with(weir::when_full::drop);
        auto [engine, seen] = fill(feed);
        CHECK(engine.push(feed, make_reading(1, 9, 9)).failure().kind() == failure_kind::dropped);
        CHECK(engine.counts(feed).dropped == 1);
        CHECK(engine.stop());
        CHECK(*seen == std::vector<std::int64_t>{0, 1, 2});
    }
    SECTION("wait, for a while") {
        const auto feed = feed_with(weir::when_full::wait);
        auto [engine, seen] = fill(feed);
        CHECK(engine.push(feed, make_reading(1, 9, 9), 1ms).failure().kind() == failure_kind::full);
        CHECK(engine.counts(feed).refused == 1);
    }
    SECTION("wait, for room") {
        const auto feed = feed_with(weir::when_full::wait);
        std::uint64_t seen = 0;
        auto engine = weir::start(
            weir::graph("room", feed | weir::into(weir::for_each([&seen](const reading&) { ++seen; }))),
            weir::event_loop{});
        for (std::int64_t i = 0; i < 500; ++i) CHECK(engine.push(feed, make_reading(1, i, i)));
        CHECK(engine.stop());
        CHECK(seen == 500);
    }
}

TEST_CASE("a pushed log goes on where a snapshot says, with the records that are pushed then", "[sources]") {
    weir::detail::push_reader<reading> reader({.capacity = 8});
    weir::testing::simulation where;
    const auto work = std::shared_ptr<weir::signal>(where.make_signal());
    reader.attach(where, work);
    for (std::uint64_t i = 0; i < 5; ++i) CHECK(reader.push(make_reading(1, 0, 1), 0ns).value() == i);
    CHECK(work->count() == 5);
    weir::chunk<reading> records;
    weir::chunk<weir::detail::nothing_bad> bad;
    CHECK(reader.read(records, bad, 3) == weir::read_result::more);
    CHECK(records.size() == 3);
    CHECK(records.stamps.position(2) == 2);
    weir::binary_writer writer;
    reader.save_position(writer);
    weir::detail::push_reader<reading> again({.capacity = 8});
    again.attach(where, work);
    weir::binary_reader stored(writer.bytes());
    again.load_position(stored);
    CHECK(again.offset() == 3);
    CHECK(again.push(make_reading(1, 3, 3), 0ns).value() == 3);
    records.clear();
    CHECK(again.read(records, bad, 10) == weir::read_result::more);
    CHECK(records.stamps.position(0) == 3);
    CHECK(again.read(records, bad, 10) == weir::read_result::idle);
    again.close();
    CHECK(again.read(records, bad, 10) == weir::read_result::ended);
}

TEST_CASE("a pushed log needs room for a record", "[sources]") {
    CHECK_THROWS_WITH(weir::pushed<reading>({.capacity = 0}), Catch::Contains("at least one record"));
}
