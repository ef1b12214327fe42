// SPDX-License-Identifier: Apache-2.0
// Savepoints of one version of a program, gone on from by another: graphs that have changed.
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/window.hpp>

#include "runtime/upgrade_support.hpp"

using namespace upgrade_test;
using weir::checkpointing;

namespace {

struct total {
    std::int64_t count = 0;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (count, sum))

constexpr auto add = [](auto&, const payment& each, total& state) {
    return line{each.id, ++state.count, state.sum += each.cents};
};

// The branch that all versions have, whose lines are compared.
template <class Timed> auto main_branch(const Timed& from, const line_sink& sink) {
    return from | weir::key_by(&payment::card) | weir::named("totals", weir::process<total>(add)) |
           weir::named("lines", weir::into(sink));
}
// Another one.
template <class Timed> auto side_branch(const Timed& from, const std::string& name, const line_sink& sink) {
    return from | weir::key_by([](const payment& each) { return each.card % 5; }) |
           weir::named(name, weir::process<total>(add)) | weir::named(name + " lines", weir::into(sink));
}

auto one_branch(probe& at, const line_sink& sink) { return weir::graph("job", main_branch(timed(at), sink)); }
auto two_branches(probe& at, const line_sink& sink) {
    const auto from = timed(at);
    return weir::graph("job", main_branch(from, sink), side_branch(from, "side", weir::collect<line>()));
}
auto other_order(probe& at, const line_sink& sink) {
    const auto from = timed(at);
    return weir::graph("job", side_branch(from, "side", weir::collect<line>()), main_branch(from, sink));
}
auto other_kind(probe& at, const line_sink& sink) {
    const auto from = timed(at);
    const auto side = from | weir::key_by([](const payment& each) { return each.card % 5; }) |
                      weir::window(weir::tumbling(1h)) | weir::named("side", weir::aggregate(weir::count())) |
                      weir::map([](const auto& row) { return line{row.key, 0, 0}; }) |
                      weir::named("side lines", weir::into(weir::collect<line>()));
    return weir::graph("job", main_branch(from, sink), side);
}
// Through a merge, which has no name and keeps nothing but counts.
auto merged(probe& at, const line_sink& sink) {
    const auto from = timed(at);
    const auto halves = weir::merge(from | weir::filter([](const payment& each) { return each.id % 2 == 0; }),
                                    from | weir::filter([](const payment& each) { return each.id % 2 == 1; }));
    return weir::graph("job", main_branch(halves, sink));
}
auto two_logs(probe& at, const line_sink& sink) {
    const auto other = weir::memory(std::vector<payment>{{1, 2, weir::timestamp{1s}, 3}}) |
                       weir::named("others", weir::event_time(&payment::at, weir::out_of_order(5s)));
    return weir::graph("job", main_branch(timed(at), sink), side_branch(other, "side", weir::collect<line>()));
}
auto same_log_twice(probe& at, const line_sink& sink) {
    static probe of_other;
    const auto other = log(of_other) | weir::named("others", weir::event_time(&payment::at, weir::out_of_order(5s)));
    return weir::graph("job", main_branch(timed(at), sink), side_branch(other, "side", weir::collect<line>()));
}
// Sinks without names, in one order and in the other.
template <bool Swapped> auto unnamed_sinks(probe& at, const line_sink& sink) {
    const auto from = timed(at);
    const auto lines = from | weir::key_by(&payment::card) | weir::named("totals", weir::process<total>(add));
    const auto side = from | weir::key_by(&payment::card) | weir::named("side", weir::process<total>(add));
    if (Swapped) return weir::graph("job", side | weir::into(weir::collect<line>()), lines | weir::into(sink));
    return weir::graph("job", lines | weir::into(sink), side | weir::into(weir::collect<line>()));
}
// What 'totals' takes in turn comes of two logs, one of which is ahead: its records wait.
template <bool WithSide> auto two_merged(probe& at, const line_sink& sink) {
    std::vector<payment> ahead;
    for (std::uint32_t i = 0; i < 100; ++i) {
        ahead.push_back({i, i, weir::timestamp{std::chrono::seconds{3'900 + i}}, 1});
    }
    const auto from = timed(at);
    const auto both = weir::merge(from, weir::memory(ahead) | weir::named("ahead", weir::event_time(
                                                                  &payment::at, weir::out_of_order(5s))));
    if (WithSide) {
        return weir::graph("job", main_branch(both, sink), side_branch(from, "side", weir::collect<line>()));
    }
    return weir::graph("job", main_branch(both, sink));
}

auto windows(weir::duration size) {
    return [size](probe& at, const line_sink& sink) {
        return weir::graph("job", timed(at) | weir::key_by(&payment::card) | weir::window(weir::tumbling(size)) |
                                      weir::named("hours", weir::aggregate(weir::sum(&payment::cents), weir::count())) |
                                      weir::map([](const auto& row) {
                                          return line{row.key, static_cast<std::int64_t>(row.template get<1>()),
                                                      static_cast<double>(row.template get<0>())};
                                      }) |
                                      weir::named("lines", weir::into(sink)));
    };
}
auto other_windows(probe& at, const line_sink& sink) {
    return weir::graph("job", timed(at) | weir::key_by(&payment::card) | weir::window(weir::tumbling(10min)) |
                                  weir::named("hours", weir::aggregate(weir::max(&payment::cents), weir::count())) |
                                  weir::map([](const auto& row) { return line{row.key, 0, 0}; }) |
                                  weir::named("lines", weir::into(sink)));
}
auto rolled(weir::duration length) {
    return [length](probe& at, const line_sink& sink) {
        return weir::graph("job", timed(at) | weir::key_by(&payment::card) | weir::rolling(length) |
                                      weir::named("last", weir::aggregate(weir::sum(&payment::cents))) |
                                      weir::map([](const auto& row) {
                                          return line{row.record.id, 0,
                                                      static_cast<double>(row.template get<0>()[0])};
                                      }) |
                                      weir::named("lines", weir::into(sink)));
    };
}

void check_contains(const std::string& text, std::string_view part) {
    INFO(text);
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("a graph with more, fewer or reordered stages goes on with those that it had", "[runtime]") {
    const outcome whole = upgrade_test::run(one_branch, {});
    REQUIRE(whole.lines.size() > payments / 2);
    CHECK(upgrade(one_branch, two_branches).lines == whole.lines);
    CHECK(upgrade(two_branches, other_order).lines == whole.lines);
    const checkpointing dropped{.dropped_stages = {"side", "side lines"}};
    CHECK(upgrade(two_branches, one_branch, dropped).lines == whole.lines);
    CHECK(upgrade(two_branches, other_kind, dropped).lines == whole.lines);
    CHECK(upgrade(one_branch, other_kind).lines == whole.lines);
}

TEST_CASE("a graph goes on with stages that it had, by other runners and threads", "[runtime]") {
    const outcome whole = upgrade_test::run(one_branch, {});
    const unsigned runner = GENERATE(0U, 1U, 2U);
    const temporary_folder folder;
    constexpr unsigned threads[]{1, 4, 2, 1};
    for (unsigned piece = 0; piece < 4; ++piece) {
        const run_options options{.folder = folder / "state",
                                  .stop_at = piece == 3 ? payments : (piece + 1) * 1'000,
                                  .threads = threads[piece],
                                  .runner = runner + piece,
                                  .checkpoint = {.dropped_stages = {"side", "side lines"}}};
        const outcome made = piece % 2 == 0 ? upgrade_test::run(one_branch, options)
                                            : upgrade_test::run(two_branches, options);
        CHECK(made.refused == "");
        CHECK(made.ended == (piece == 3));
        if (made.ended) CHECK(made.lines == whole.lines);
    }
}

TEST_CASE("stages that are gone are forgotten by leave only", "[runtime]") {
    const std::string leave = "If what it kept is to be forgotten, say so: checkpointing::dropped_stages = ";
    check_contains(refusal(two_branches, one_branch),
                   "does not fit graph 'job': stage 'side' (process) is not in the graph any more; stage 'side lines' "
                   "(collect) is not in the graph any more. " + leave + "{\"side\", \"side lines\"}");
    check_contains(refusal(two_branches, one_branch, {.dropped_stages = {"side"}}),
                   "stage 'side lines' (collect) is not in the graph any more. " + leave + "{\"side lines\"}");
    check_contains(refusal(two_branches, other_kind), "stage 'side' (process) is of kind aggregate now. " + leave);
}

TEST_CASE("stages that keep nothing but counts come and go", "[runtime]") {
    const outcome whole = upgrade_test::run(one_branch, {});
    CHECK(upgrade(one_branch, merged).lines == whole.lines);
    CHECK(upgrade(merged, merged).lines == whole.lines);
}

TEST_CASE("a log that is new is read by leave only", "[runtime]") {
    const outcome whole = upgrade_test::run(one_branch, {});
    check_contains(refusal(one_branch, two_logs),
                   "log 'memory #1' (memory) is new, and would be read from its beginning by stages that have come "
                   "further. If that is meant, say so: checkpointing::added_sources = {\"memory #1\"}");
    CHECK(upgrade(one_branch, two_logs, {.added_sources = {"memory #1"}}).lines == whole.lines);
    check_contains(refusal(two_logs, one_branch), "log 'memory #1' (memory) is not in the graph any more");
    CHECK(upgrade(two_logs, one_branch, {.dropped_stages = {"memory #1", "others", "side", "side lines"}}).lines ==
          whole.lines);
    check_contains(refusal(one_branch, same_log_twice),
                   "of logs of kind generate, there were 1 and are 2, so that which is which cannot be known");
}

TEST_CASE("records that wait go on waiting before a stage with the same inputs, and before no other", "[runtime]") {
    const outcome whole = upgrade_test::run(two_merged<false>, {});
    CHECK((upgrade(two_merged<false>, two_merged<true>, {}, 2).lines == whole.lines));
    CHECK((upgrade(two_merged<false>, two_merged<true>, {}, 2, 3).lines == whole.lines));
    for (const unsigned threads : {1U, 3U}) {
        check_contains(refusal(two_merged<false>, one_branch, {.dropped_stages = {"memory #1", "ahead"}}, 2, threads),
                       "records wait in front of stage 'totals', so it can only go on with the logs and inputs that it "
                       "had");
    }
}

TEST_CASE("what has no name is not taken for another", "[runtime]") {
    check_contains(refusal(unnamed_sinks<false>, unnamed_sinks<true>),
                   "of stages without a name, of kind collect, 'collect #1' has other inputs now, so that which is "
                   "which cannot be known: put weir::named(\"...\", ...) around them before the graph is changed");
    check_contains(refusal(unnamed_sinks<false>, [](probe& at, const line_sink& sink) {
                       const auto lines = timed(at) | weir::key_by(&payment::card) |
                                          weir::named("totals", weir::process<total>(add));
                       return weir::graph("job", lines | weir::into(sink));
                   }), "of stages without a name, of kind collect, there were 2 and are 1, so that");
}

TEST_CASE("windows that are not what they were are refused", "[runtime]") {
    const std::string hours = "stage 'hours' (aggregate) keeps something else now: ";
    check_contains(refusal(windows(10min), windows(20min)), hours + "window was tumbling 10m and is tumbling 20m");
    check_contains(refusal(windows(10min), other_windows), hours + "states has no field 'sum_cents' any more");
    check_contains(refusal(rolled(10min), rolled(20min)), "rolling was 10m and is 20m");
    CHECK(upgrade(windows(10min), windows(10min)).lines == upgrade_test::run(windows(10min), {}).lines);
}
