// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/map.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/memory.hpp>

namespace {

struct reading {
    std::int64_t second = 0;
    std::string note;
    friend bool operator==(const reading&, const reading&) = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (second, note))

weir::timestamp time_of(const reading& each) { return weir::timestamp{std::chrono::seconds{each.second}}; }

std::vector<reading> readings(std::int64_t first, std::int64_t last) {
    std::vector<reading> made;
    for (std::int64_t i = first; i <= last; ++i)
        made.push_back({i, "a note too long to be kept in place " + std::to_string(i)});
    return made;
}

}  // namespace

TEST_CASE("memory is a log: its records in order, with offsets") {
    auto sink = weir::collect_stamped<reading>();
    const weir::graph what("read", weir::memory(readings(1, 3000)) | weir::into(sink));
    const auto check = [&](const auto& runner) {
        const auto report = weir::run(what, runner);
        const auto& found = report.output(sink);
        REQUIRE(found.size() == 3000);
        CHECK(report.records == 3000);
        CHECK(report.balanced());
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i].record.second == static_cast<std::int64_t>(i) + 1);
            CHECK(found[i].at.at == weir::turn{weir::time_lowest, weir::lane::partition(0), i, {}});
        }
    };
    check(weir::event_loop{});
    check(weir::micro_batch{.max_records = 7});
    check(weir::batch{});
    check(weir::batch{.threads = 2, .chunk = 1});
    check(weir::available_now{});
}

TEST_CASE("memory of records in braces is a log of them") {
    const auto ran = [](const auto& source) {
        const auto sink = weir::collect<reading>();
        const auto report = weir::run(weir::graph("read", source | weir::into(sink)), weir::batch{});
        return report.output(sink);
    };
    const std::vector<reading> both{{1, "a"}, {2, "b"}};
    CHECK(ran(weir::memory({both[0], both[1]})) == both);
    CHECK(ran(weir::memory({reading{1, "a"}, reading{2, "b"}})) == both);
    CHECK(ran(weir::memory<reading>({{1, "a"}, {2, "b"}})) == both);
    CHECK(ran(weir::memory<reading>({})).empty());
    static_assert(std::is_same_v<decltype(weir::memory({1, 2}))::value_type, int>);
}

TEST_CASE("a run leaves the log as it was") {
    const auto source = weir::memory(readings(1, 10));
    auto sink = weir::collect<reading>();
    const weir::graph what("read", source | weir::into(sink));
    CHECK(weir::run(what, weir::batch{}).output(sink) == readings(1, 10));
    CHECK(weir::run(what, weir::batch{}).output(sink) == readings(1, 10));
}

TEST_CASE("an empty log ends") {
    auto sink = weir::collect<reading>();
    const auto report =
        weir::run(weir::graph("read", weir::memory(std::vector<reading>{}) | weir::into(sink)), weir::event_loop{});
    CHECK(report.output(sink).empty());
    CHECK(report.reached_end);
}

TEST_CASE("partitions are logs of their own, merged by turn") {
    auto sink = weir::collect_stamped<reading>();
    const weir::graph what("read", weir::memory_partitions<reading>({readings(1, 50), {}, readings(20, 40)}) |
                                       weir::event_time(time_of, weir::out_of_order(std::chrono::seconds{0})) |
                                       weir::into(sink));
    const auto found = weir::run(what, weir::batch{}).output(sink);
    REQUIRE(found.size() == 71);
    CHECK(std::is_sorted(found.begin(), found.end(),
                         [](const auto& left, const auto& right) { return left.at.at < right.at.at; }));
    for (const unsigned threads : {1U, 2U, 3U}) {
        CHECK(weir::run(what, weir::event_loop{.threads = threads}).output(sink) == found);
    }
    CHECK_THROWS_AS(
        weir::run(weir::graph("read", weir::memory_partitions<reading>({readings(1, 5)}) | weir::into(sink)),
                  weir::batch{.threads = 0}),
        weir::error);
}

TEST_CASE("generated records need not be copied") {
    std::vector<std::uint64_t> seen;
    const auto source =
        weir::generate(1000, [](std::uint64_t index) { return std::make_unique<std::uint64_t>(index * 2); });
    const weir::graph what(
        "read",
        source | weir::map([](std::unique_ptr<std::uint64_t>&& each) {
            ++*each;
            return std::move(each);
        }) | weir::into(weir::for_each([&seen](std::unique_ptr<std::uint64_t> each) { seen.push_back(*each); })));
    for (const unsigned threads : {1U, 2U}) {
        seen.clear();
        const auto report = weir::run(what, weir::batch{.threads = threads, .chunk = 64});
        CHECK(report.balanced());
        REQUIRE(seen.size() == 1000);
        for (std::uint64_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i * 2 + 1);
    }
}

TEST_CASE("a job goes on in the middle of logs in memory") {
    auto sink = weir::collect_stamped<reading>();
    auto numbers = weir::collect<std::uint64_t>();
    const weir::graph what("read",
                           weir::memory_partitions<reading>({readings(1, 20), readings(5, 15)}) |
                               weir::event_time(time_of, weir::out_of_order(std::chrono::seconds{0})) |
                               weir::into(sink),
                           weir::generate(10, [](std::uint64_t index) { return index * index; }) | weir::into(numbers));
    const auto whole = weir::run(what, weir::batch{});
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 3});
    for (const std::uint64_t stop : {0U, 1U, 5U, 17U, 30U, 41U}) {
        weir::job first(what, how, weir::machine());
        first.advance(stop);
        weir::job second(what, how, weir::machine(), first.snapshot());
        second.run_to_end();
        const auto report = second.finish();
        CHECK(report.output(sink) == whole.output(sink));
        CHECK(report.output(numbers) == whole.output(numbers));
        CHECK(report.balanced());
    }
}

TEST_CASE("a snapshot of a longer log does not fit") {
    auto sink = weir::collect<reading>();
    const auto over = [&](std::int64_t last) {
        return weir::graph("read", weir::memory(readings(1, last)) | weir::into(sink));
    };
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 3});
    weir::job first(over(20), how, weir::machine());
    first.advance(15);
    const auto snapshot = first.snapshot();
    CHECK_THROWS_WITH((weir::job{over(10), how, weir::machine(), snapshot}),
                      "the snapshot's log was longer than this one");
}

TEST_CASE("a snapshot of a longer generated log does not fit either") {
    auto sink = weir::collect<std::uint64_t>();
    const auto over = [&](std::uint64_t count) {
        return weir::graph("read",
                           weir::generate(count, [](std::uint64_t index) { return index; }) | weir::into(sink));
    };
    const auto how = weir::detail::plan_of(weir::batch{.chunk = 3});
    weir::job first(over(20), how, weir::machine());
    first.advance(15);
    const auto snapshot = first.snapshot();
    CHECK_THROWS_WITH((weir::job{over(10), how, weir::machine(), snapshot}),
                      "the snapshot's log was longer than this one");
}
