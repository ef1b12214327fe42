// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/window_join.hpp>

#include <weir/operators/into.hpp>

#include "operators/paired_windows_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using numbers = std::pair<std::int64_t, std::int64_t>;  // of left and right; -1: nobody
constexpr std::int64_t nobody = -1;

std::int64_t number_of(const reading& each) { return each.amount; }
std::int64_t number_of(const click& each) { return each.number; }
template <class T> std::int64_t number_of(const std::optional<T>& each) { return each ? number_of(*each) : nobody; }

template <class Kind> std::vector<numbers> paired(const spoken& what) {
    std::vector<numbers> pairs;
    const auto is_new = [&](const numbers& each) {
        return what.update == nullptr || (what.update->is_right ? each.second : each.first) == what.update->number;
    };
    const auto add = [&](numbers each) {
        if (is_new(each)) pairs.push_back(each);
    };
    for (const auto left : what.left) {
        for (const auto right : what.right) add({left, right});
        if (what.right.empty() && Kind::keeps_left) add({left, nobody});
    }
    for (const auto right : what.right) {
        if (what.left.empty() && Kind::keeps_right) add({nobody, right});
    }
    return pairs;
}

struct input {
    std::uint64_t seed;
    logs left, right;
    weir::duration bound;
};

template <class Kind, class Windows, class... Options>
void check_join(const input& from, const cut& how, Kind kind, Windows windows, Options... options) {
    INFO(Kind::text << ", lateness " << how.lateness.count() << ", once " << how.once);
    const auto pairs = weir::named("pairs", weir::window_join(keyed_readings(from.left, from.bound),
                                                              keyed_clicks(from.right, from.bound), windows, kind,
                                                              options...));
    const auto sink = weir::collect_stamped<numbers>();
    const auto late_left = weir::collect_stamped<reading>();
    const auto late_right = weir::collect_stamped<click>();
    const weir::graph what("join",
                           pairs | weir::map([](const auto& each) {
                               return numbers{number_of(each.left), number_of(each.right)};
                           }) | weir::into(sink),
                           weir::late_left(pairs) | weir::into(late_left),
                           weir::late_right(pairs) | weir::into(late_right));
    const paired_windows_oracle<numbers> wanted(both_sides(from.left, from.right, from.bound), how,
                                                what.number_of(pairs.from().get()), paired<Kind>);
    const auto report = run_everywhere(what, from.seed, sink, late_left, late_right);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    std::vector<std::int64_t> got_left, got_right;
    for (const auto& each : report.output(late_left)) got_left.push_back(each.record.amount);
    for (const auto& each : report.output(late_right)) got_right.push_back(each.record.number);
    CHECK(got_left == wanted.late_left);
    CHECK(got_right == wanted.late_right);
    const auto& counts = report.of("pairs");
    CHECK(counts.late == got_left.size() + got_right.size());
    CHECK(counts.updates == wanted.updates);
    CHECK(counts.results + counts.updates == wanted.results.size());
    for (const auto& each : report.stages) CHECK((each.name != "pairs" || each.state.keys == 0));
    if (from.seed % 5 == 0) restore_everywhere(what, report, sink, late_left, late_right);
}
template <class Windows>
void check_some_kind(std::uint64_t kind, const input& from, const cut& how, Windows windows) {
    const weir::allowed_lateness late(how.lateness);
    const weir::emission says = how.once ? weir::emit::final : weir::emit::on_time;
    switch (kind) {
        case 0: return check_join(from, how, weir::join::inner, windows, late, says);
        case 1: return check_join(from, how, weir::join::left_outer, windows, late, says);
        case 2: return check_join(from, how, weir::join::right_outer, windows, late, says);
        default: return check_join(from, how, weir::join::full_outer, windows, late, says);
    }
}

input some_input(std::uint64_t seed, weir::testing::seeded& choose) {
    const auto some = [&](std::uint64_t of) {
        logs made = random_logs(of, {.records = 50, .partitions = 1 + choose.below(2), .keys = 4,
                                     .disorder = 5 + choose.below(25)});
        number_amounts(made);
        return made;
    };
    logs left = some(seed);
    logs right = some(seed + 1000);
    return {seed, std::move(left), std::move(right), weir::duration{choose.below(12)}};
}

auto no_records() {
    return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(1s)) |
           weir::key_by(&reading::key);
}

}  // namespace

TEST_CASE("a window join on a grid, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const input from = some_input(seed, choose);
    const weir::duration slide{1 + choose.below(14)};
    const weir::duration size = choose.below(2) == 0 ? slide : slide + weir::duration{choose.below(30)};
    const auto grid = weir::sliding(size, slide, weir::duration{choose.below(5)});
    const auto kind = choose.below(4);
    const weir::duration lateness{choose.below(25)};
    const bool once = choose.below(3) == 0;
    check_some_kind(kind, from, {.grid = grid, .lateness = choose.below(3) == 0 ? 0ns : lateness, .once = once}, grid);
}

TEST_CASE("a join in the sessions of both streams, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const input from = some_input(seed, choose);
    const weir::duration gap{1 + choose.below(12)};
    const auto kind = choose.below(4);
    const bool once = choose.below(2) == 0;
    const weir::duration lateness{once ? choose.below(25) : 0};
    check_some_kind(kind, from, {.gap = gap, .lateness = lateness, .once = once}, weir::session(gap));
}

TEST_CASE("a session's gap may be a matter of the record, of either side", "[operators]") {
    weir::testing::seeded choose(5);
    const input from = some_input(5, choose);
    struct gap_of {
        weir::duration operator()(const reading&) const { return 6ns; }
        weir::duration operator()(const click&) const { return 6ns; }
    };
    check_join(from, {.gap = 6ns}, weir::join::full_outer, weir::session(gap_of{}));
}

TEST_CASE("one side is empty, or neither has anything", "[operators]") {
    const logs some{{make_reading(1, 3, 0), make_reading(1, 1, 1), make_reading(2, 12, 2)}};
    for (const auto& [left, right] : {std::pair{some, logs{{}}}, {logs{{}}, some}, {logs{{}}, logs{{}}}}) {
        for (const std::uint64_t kind : {0U, 1U, 2U, 3U}) {
            check_some_kind(kind, {5, left, right, 4ns}, {.grid = weir::tumbling(5ns)}, weir::tumbling(5ns));
        }
    }
}

TEST_CASE("of windows with gaps, records in a gap are filtered", "[operators]") {
    const logs left{{make_reading(1, 1, 0), make_reading(1, 5, 1), make_reading(1, 11, 2)}};
    const logs right{{make_reading(1, 2, 3), make_reading(1, 7, 4), make_reading(1, 12, 5), make_reading(1, 25, 6)}};
    const auto pairs = weir::named("pairs", weir::window_join(keyed_readings(left, 0ns), keyed_readings(right, 0ns),
                                                              weir::sliding(4ns, 10ns).with_gaps()));
    const auto sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const weir::graph what("gaps", pairs | weir::into(sink));
    const auto report = run_everywhere(what, 1, sink);
    const auto& got = report.output(sink);
    REQUIRE(got.size() == 2);
    CHECK((got[0].record.left.amount == 0 && got[0].record.right.amount == 3 && got[0].at.time == nanosecond(3)));
    CHECK((got[1].record.left.amount == 2 && got[1].record.right.amount == 5 && got[1].at.time == nanosecond(13)));
    CHECK(report.of("pairs").filtered == 3);
}

TEST_CASE("a window join says what it is", "[operators]") {
    const auto pairs = weir::window_join(no_records(), no_records(), weir::sliding(10min, 1min), weir::join::left_outer,
                                         weir::allowed_lateness(5s), weir::emit::final);
    CHECK(pairs.from()->kind() == "window_join");
    CHECK(pairs.from()->detail() == "by key and key, left outer sliding 10m 1m late 5s final");
}

TEST_CASE("windows and options that make no sense for two streams are refused", "[operators]") {
    const auto refused = [](const std::string& part, auto windows, auto... options) {
        require_refused([&] {
            static_cast<void>(weir::window_join(no_records(), no_records(), windows, weir::join::inner, options...));
        }, part);
    };
    refused("a size and a slide above zero", weir::tumbling(0s));
    refused("a gap is above zero", weir::session(0s));
    refused("a slide larger than the window", weir::sliding(1s, 2s));
    refused("allowed lateness is not negative", weir::tumbling(1s), weir::allowed_lateness(-1s));
    refused("emit::on_time or emit::final", weir::tumbling(1s), weir::emit::every_update);
    refused("emit::on_time or emit::final", weir::tumbling(1s), weir::emit::every(1s));
    refused("add emit::final", weir::session(1s), weir::allowed_lateness(1s));
}
