// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/match.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

constexpr weir::pattern_stage<"low"> low;
constexpr weir::pattern_stage<"high"> high;
constexpr weir::pattern_stage<"calm"> calm;

struct finding {
    std::uint32_t key = 0;
    std::vector<std::int64_t> lows{};
    std::vector<std::int64_t> highs{};
    timestamp from{}, to{};
    friend bool operator==(const finding&, const finding&) = default;
};
BOOST_DESCRIBE_STRUCT(finding, (), (key, lows, highs, from, to))

const auto is_low = [](const reading& each) { return each.amount < 4; };
const auto is_high = [](const reading& each) { return each.amount >= 7; };
const auto is_calm = [](const reading& each) { return each.amount == 5; };

const auto tell = [](const std::uint32_t& key, const auto& match) {
    finding found{key, {}, {}, match.start(), match.end()};
    for (const reading& each : match[low]) found.lows.push_back(each.amount);
    for (const reading& each : match[high]) found.highs.push_back(each.amount);
    return found;
};

const auto tell_high = [](const std::uint32_t& key, const auto& match) {
    finding found{key, {}, {}, match.start(), match.end()};
    for (const reading& each : match[high]) found.highs.push_back(each.amount);
    return found;
};
const auto tell_low = [](const std::uint32_t& key, const auto& match) {
    finding found{key, {}, {}, match.start(), match.end()};
    for (const reading& each : match[low]) found.lows.push_back(each.amount);
    return found;
};

// What a pattern finds is the same in every run, restored anywhere.
template <class Pattern, class Tell, class... Options>
auto check_everywhere(std::uint64_t seed, const logs& all, weir::duration bound, const Pattern& pattern,
                      const Tell& tell_of, Options... options) {
    const auto found = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                       weir::key_by(&reading::key) | weir::named("found", weir::match(pattern, tell_of, options...));
    const auto sink = weir::collect_stamped<finding>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("patterns", found | weir::into(sink), weir::late(found) | weir::into(late));
    const auto report = run_everywhere(what, seed, sink, late);
    // The reference executor measures no state.
    for (const auto& each : weir::run(what, weir::batch{}).stages) {
        CAPTURE(each.name);
        CHECK((each.name != "found" || each.state.keys == 0));
    }
    if (seed % 3 == 0) restore_everywhere(what, report, sink, late);
    std::vector<weir::stamped<reading>> refused;
    for (const auto& each : arrivals(all, bound)) {
        if (each.at.time < each.at.watermark()) refused.push_back(each);
    }
    REQUIRE(difference(refused, report.output(late)) == "");
    return report.output(sink);
}

// A log of one partition, one key per row, in the order of times.
logs one_key(std::initializer_list<std::pair<std::int64_t, std::int64_t>> events) {
    logs all(1);
    for (const auto& [at, amount] : events) all[0].push_back(make_reading(1, at, amount));
    return all;
}

template <class Found> std::vector<std::vector<std::int64_t>> lows_of(const Found& found) {
    std::vector<std::vector<std::int64_t>> all;
    for (const auto& each : found) all.push_back(each.record.lows);
    return all;
}

// By definition: a high one, preceded by a low one of its key within less than `limit`, with no high one between: what
// begin(low), followed_by(high) means.
std::vector<finding> low_then_high(const logs& all, weir::duration bound, weir::duration limit) {
    std::vector<weir::stamped<reading>> taken;
    for (const auto& each : arrivals(all, bound)) {
        if (each.at.time >= each.at.watermark()) taken.push_back(each);
    }
    std::sort(taken.begin(), taken.end(), [](const auto& left, const auto& right) {
        return left.at.time != right.at.time ? left.at.time < right.at.time : left.at.at < right.at.at;
    });
    std::vector<finding> found;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        if (!is_low(taken[i].record)) continue;
        for (std::size_t j = i + 1; j < taken.size(); ++j) {
            if (taken[j].record.key != taken[i].record.key || !is_high(taken[j].record)) continue;
            if (taken[j].at.time - taken[i].at.time < limit) {
                found.push_back({taken[i].record.key, {taken[i].record.amount}, {taken[j].record.amount},
                                 taken[i].at.time, taken[j].at.time});
            }
            break;
        }
    }
    return found;
}

template <class Findings> void sort_findings(Findings& found) {
    std::sort(found.begin(), found.end(), [](const finding& left, const finding& right) {
        return std::tie(left.to, left.key, left.from, left.lows, left.highs) <
               std::tie(right.to, right.key, right.from, right.lows, right.highs);
    });
}

logs amounts(std::uint64_t seed, std::uint64_t partitions, std::uint64_t keys, std::uint64_t disorder) {
    weir::testing::seeded choose(seed * 7 + 1);
    logs all = random_logs(seed, {.records = 90, .partitions = partitions, .keys = keys, .disorder = disorder});
    for (auto& log : all) {
        for (auto& each : log) each.amount = static_cast<std::int64_t>(choose.below(10));
    }
    return all;
}

}  // namespace

TEST_CASE("a pattern of two stages finds what its definition says, in the order of times", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 19U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = amounts(seed, 1 + choose.below(3), 2 + choose.below(8), 5 + choose.below(20));
    const weir::duration bound{choose.below(12)};
    const weir::duration limit{3 + choose.below(30)};
    const auto pattern = weir::pattern(weir::begin(low, is_low), weir::followed_by(high, is_high),
                                       weir::within(limit));
    std::vector<finding> got;
    for (const auto& each : check_everywhere(seed, all, bound, pattern, tell)) {
        CHECK(each.at.time == each.record.to);
        CHECK(each.at.watermark() == each.record.to);
        got.push_back(each.record);
    }
    auto wanted = low_then_high(all, bound, limit);
    sort_findings(wanted);
    sort_findings(got);
    REQUIRE(got == wanted);
}

TEST_CASE("loops, groups, absent stages and skips are the same in every run, restored anywhere", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = amounts(seed, 1 + choose.below(3), 2 + choose.below(5), 5 + choose.below(20));
    const weir::duration bound{choose.below(12)};
    const weir::duration limit{5 + choose.below(20)};
    const auto higher = [](const reading& each, const auto& so_far) { return each.amount > so_far[low].back().amount; };
    switch (seed % 6) {
        case 0:
            check_everywhere(seed, all, bound, weir::pattern(weir::begin(low, is_low).one_or_more(),
                                                             weir::followed_by(high, is_high, higher),
                                                             weir::within(limit), weir::skip::past_last), tell);
            break;
        case 1:
            check_everywhere(seed, all, bound,
                             weir::pattern(weir::begin(low, is_low).times(1, 3).allow_combinations(),
                                           weir::not_followed_by(calm, is_calm),
                                           weir::followed_by_any(high, is_high), weir::within(limit)), tell);
            break;
        case 2:
            check_everywhere(seed, all, bound, weir::pattern(weir::begin(high, is_high),
                                                             weir::not_followed_by(calm, is_calm),
                                                             weir::within(limit), weir::skip::to_next), tell_high);
            break;
        case 3:
            check_everywhere(seed, all, bound,
                             weir::pattern(weir::begin(weir::group(weir::begin(low, is_low), weir::next(high, is_high)))
                                               .times(1, 2),
                                           weir::within(limit)), tell, weir::as_they_come);
            break;
        case 4:
            check_everywhere(seed, all, bound,
                             weir::pattern(weir::begin(low, is_low).one_or_more().until(is_calm).reluctant(),
                                           weir::followed_by(high, is_high).within_gap(6ns).optional(),
                                           weir::within(limit), weir::skip::to_last(low)), tell);
            break;
        default:
            check_everywhere(seed, all, bound,
                             weir::pattern(weir::begin(low, is_low).one_or_more(), weir::followed_by(high, is_high),
                                           weir::within(limit)),
                             tell, weir::runs_per_key(3), weir::as_they_come);
    }
}

TEST_CASE("an event at the last tick of within belongs to the match, the next one does not", "[operators]") {
    const auto pattern = weir::pattern(weir::begin(low, is_low), weir::followed_by(high, is_high), weir::within(10ns));
    CHECK(check_everywhere(3, one_key({{0, 1}, {9, 8}}), 0ns, pattern, tell).size() == 1);
    CHECK(check_everywhere(3, one_key({{0, 1}, {10, 8}}), 0ns, pattern, tell).empty());
    CHECK(check_everywhere(3, one_key({{0, 1}, {11, 8}}), 0ns, pattern, tell).empty());
}

TEST_CASE("what must be absent at the end is known when time is up, for a key that went silent", "[operators]") {
    const auto pattern = weir::pattern(weir::begin(high, is_high), weir::not_followed_by(calm, is_calm),
                                       weir::within(10ns));
    logs all = one_key({{0, 8}});
    // Another key goes on.
    for (std::int64_t at = 1; at < 30; ++at) all[0].push_back(make_reading(2, at, 1));
    const auto found = check_everywhere(3, all, 0ns, pattern, tell_high);
    REQUIRE(found.size() == 1);
    CHECK(found[0].record.highs == std::vector<std::int64_t>{8});
    CHECK(found[0].at.time == nanosecond(10));
    CHECK(check_everywhere(3, one_key({{0, 8}, {9, 5}}), 0ns, pattern, tell_high).empty());
    CHECK(check_everywhere(3, one_key({{0, 8}, {10, 5}}), 0ns, pattern, tell_high).size() == 1);
}

TEST_CASE("what had begun and did not become a match is told when its time is up", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = amounts(seed, 1 + choose.below(3), 2 + choose.below(8), 5 + choose.below(20));
    const weir::duration bound{choose.below(12)};
    const weir::duration limit{3 + choose.below(30)};
    const auto pattern = weir::pattern(weir::begin(low, is_low), weir::followed_by(high, is_high),
                                       weir::within(limit));
    const auto start_of = [](const std::uint32_t& key, const auto& match) {
        return finding{key, {match[low].front().amount}, {}, match.start(), match.end()};
    };
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                        weir::key_by(&reading::key);
    const auto found = seed % 2 == 0
                           ? source | weir::named("found", weir::match(pattern, tell, weir::on_time_out(start_of)))
                           : source | weir::named("found", weir::match(pattern, tell, weir::on_time_out(start_of),
                                                                       weir::runs_per_key(50)));
    const auto sink = weir::collect_stamped<finding>();
    const auto alone = weir::collect_stamped<finding>();
    const weir::graph what("patterns", found | weir::into(sink), weir::timed_out(found) | weir::into(alone));
    const auto report = run_everywhere(what, seed, sink, alone);
    if (seed % 3 == 0) restore_everywhere(what, report, sink, alone);
    // By definition: low ones of no match. What has begun ends in a match or is told of, once.
    std::vector<finding> wanted, got;
    auto matches = low_then_high(all, bound, limit);
    for (const auto& each : arrivals(all, bound)) {
        if (each.at.time < each.at.watermark() || !is_low(each.record)) continue;
        const auto of_it = std::find_if(matches.begin(), matches.end(), [&](const finding& match) {
            return match.key == each.record.key && match.from == each.at.time &&
                   match.lows.front() == each.record.amount;
        });
        if (of_it != matches.end()) {
            matches.erase(of_it);
        } else {
            wanted.push_back({each.record.key, {each.record.amount}, {}, each.at.time, each.at.time});
        }
    }
    for (const auto& each : report.output(alone)) {
        CHECK(each.at.time == each.record.from + limit);
        got.push_back(each.record);
    }
    sort_findings(wanted);
    sort_findings(got);
    REQUIRE(got == wanted);
}

TEST_CASE("of matches that begin alike, more repetitions are preferred, fewer if a loop is reluctant", "[operators]") {
    const logs all = one_key({{0, 1}, {1, 2}, {2, 3}, {3, 8}});
    const auto find = [&](const auto& loop, const auto& rule) {
        return lows_of(check_everywhere(3, all, 0ns, weir::pattern(loop, weir::followed_by_any(high, is_high),
                                                                   weir::within(10ns), rule), tell));
    };
    using lists = std::vector<std::vector<std::int64_t>>;
    const auto loop = weir::begin(low, is_low).one_or_more();
    CHECK(find(loop, weir::skip::past_last) == lists{{1, 2, 3}});
    CHECK(find(loop, weir::skip::to_next) == lists{{1, 2, 3}, {2, 3}, {3}});
    CHECK(find(loop, weir::skip::to_last(low)) == lists{{1, 2, 3}, {3}});
    CHECK(find(loop.reluctant(), weir::skip::past_last) == lists{{1}});
}

TEST_CASE("a timer of a run that is gone leaves nothing behind", "[operators]") {
    // The second one begins before the first in time, and takes its place; the third ends it. Two timers are left.
    const auto pattern = weir::pattern(weir::begin(low, is_low), weir::next(high, is_high), weir::within(10ns));
    CHECK(check_everywhere(3, one_key({{10, 1}, {5, 1}, {11, 5}}), 9ns, pattern, tell, weir::as_they_come).empty());
}

TEST_CASE("beyond the bound the oldest runs are given up, and matches say so", "[operators]") {
    logs all(1);
    for (std::int64_t at = 0; at < 6; ++at) all[0].push_back(make_reading(1, at, 1));
    all[0].push_back(make_reading(1, 6, 8));
    const auto degraded = [](const auto& match) { return match.degraded() ? 1 : 0; };
    const auto pattern = weir::pattern(weir::begin(low, is_low), weir::followed_by(high, is_high), weir::within(10ns));
    const auto found = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                       weir::key_by(&reading::key);
    const auto bounded = weir::collect<int>();
    const auto unbounded = weir::collect<int>();
    const auto at_most_four = found | weir::match(pattern, degraded, weir::runs_per_key(4));
    const weir::graph what("bounds", at_most_four | weir::into(bounded),
                           found | weir::match(pattern, degraded) | weir::into(unbounded));
    const auto report = weir::run(what, weir::batch{});
    CHECK(report.output(bounded) == std::vector<int>(4, 1));
    CHECK(report.output(unbounded) == std::vector<int>(6, 0));
}

TEST_CASE("patterns that make no sense are refused in one sentence", "[operators]") {
    const auto refused = [](const auto& make) -> std::string {
        try {
            static_cast<void>(make());
        } catch (const weir::error& wrong) {
            CHECK(wrong.kind() == weir::error_kind::configuration);
            return wrong.what();
        }
        return "nothing";
    };
    const auto first = weir::begin(low, is_low);
    const auto then = weir::followed_by(high, is_high);
    using Catch::Matchers::Contains;
    CHECK_THAT(refused([&] { return weir::pattern(first, then); }), Contains("may wait for ever"));
    CHECK_THAT(refused([&] { return weir::pattern(first.one_or_more()); }), Contains("may wait for ever"));
    CHECK_THAT(refused([&] { return weir::pattern(first, first, weir::within(1s)); }),
               Contains("two stages are named 'low'"));
    CHECK_THAT(refused([&] { return weir::pattern(first, weir::next(high, is_high), weir::skip::past_last); }),
               Contains("a skip strategy needs within"));
    CHECK_THAT(refused([&] { return weir::pattern(first, then, weir::within(1s), weir::skip::to_first(calm)); }),
               Contains("no stage that takes events is named 'calm'"));
    CHECK_THAT(refused([&] { return weir::pattern(first, weir::not_followed_by(calm, is_calm)); }),
               Contains("must be absent at the end"));
    CHECK_THAT(refused([&] { return weir::pattern(weir::not_next(calm, is_calm), then, weir::within(1s)); }),
               Contains("cannot begin with it"));
    CHECK_THAT(refused([&] { return weir::pattern(first.times(3, 2), weir::within(1s)); }),
               Contains("at least 3 times and at most 2 times"));
    CHECK_THAT(refused([&] { return first.times(0); }), Contains("at least once"));
    CHECK_THAT(refused([&] { return weir::pattern(first.times(2).until(is_calm), weir::within(1s)); }),
               Contains("ends a loop"));
    CHECK_THAT(refused([&] { return weir::pattern(first, weir::within(0s)); }), Contains("above zero"));
    CHECK_THAT(refused([&] { return weir::match(weir::pattern(first), tell_low, weir::runs_per_key(0)); }),
               Contains("above zero"));
    CHECK(refused([&] { return weir::pattern(first, then, weir::allow_unbounded()); }) == "nothing");
    CHECK(refused([&] { return weir::pattern(first, weir::next(high, is_high)); }) == "nothing");
}
