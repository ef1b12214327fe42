// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/interval_join.hpp>

#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/sources/memory.hpp>

#include "operators/window_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct login {
    std::uint32_t user = 0;
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(login, (), (user, number))

using numbers = std::pair<std::int64_t, std::int64_t>;  // of left and right; -1: nobody
constexpr std::int64_t nobody = -1;

std::int64_t number_of(const reading& each) { return each.amount; }
std::int64_t number_of(const login& each) { return each.number; }
template <class T> std::int64_t number_of(const std::optional<T>& each) { return each ? number_of(*each) : nobody; }

struct kept {
    std::uint32_t key;
    std::int64_t number;
    weir::stamp at;
    std::size_t place;  // among all records
    bool paired = false;
};

// Naively: every record against all that came before it on the other side.
struct join_oracle {
    std::vector<weir::stamped<numbers>> results{};
    std::vector<std::int64_t> late_left{}, late_right{};

    join_oracle(const std::vector<std::pair<weir::stamped<reading>, bool>>& records, weir::duration lo,
                weir::duration hi, bool keeps_left, bool keeps_right, std::size_t stage) {
        std::vector<kept> sides[2];
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& [stamped, is_right] = records[i];
            const auto& [record, at] = stamped;
            if (at.time < at.watermark()) {
                (is_right ? late_right : late_left).push_back(record.amount);
                continue;
            }
            kept own{record.key, record.amount, at, i};
            std::uint32_t index = 0;
            for (kept& other : sides[is_right ? 0 : 1]) {
                if (other.key != record.key) continue;
                const timestamp left = is_right ? other.at.time : at.time;
                const timestamp right = is_right ? at.time : other.at.time;
                const weir::duration apart = right - left;
                if (apart < lo || apart > hi) continue;
                own.paired = other.paired = true;
                const numbers pair = is_right ? numbers{other.number, own.number} : numbers{own.number, other.number};
                weir::stamp cause = at;
                cause.at.tail.push_back(weir::tail_word::input_of(static_cast<std::uint32_t>(stage), is_right ? 1 : 0));
                results.push_back({pair, caused(std::max(left, right), cause, stage, index++)});
            }
            sides[is_right ? 1 : 0].push_back(std::move(own));
        }
        std::map<std::pair<timestamp, std::uint64_t>, std::vector<std::pair<std::size_t, numbers>>> alone;
        for (const bool is_right : {false, true}) {
            if (!(is_right ? keeps_right : keeps_left)) continue;
            for (const kept& each : sides[is_right ? 1 : 0]) {
                if (each.paired) continue;
                const timestamp last = weir::saturating_add(each.at.time, is_right ? -lo : hi);
                const timestamp due =
                    std::min(std::max(last, each.at.watermark()), weir::time_highest - weir::one_tick);
                alone[{due, weir::stable_hash(each.key)}].push_back(
                    {each.place, is_right ? numbers{nobody, each.number} : numbers{each.number, nobody}});
            }
        }
        for (auto& [when, rows] : alone) {
            std::sort(rows.begin(), rows.end());
            std::uint64_t sequence = 0;
            for (const auto& row : rows) {
                results.push_back({row.second, triggered(when.first, stage, when.second, sequence++)});
            }
        }
        sort_by_turn(results);
    }
};

template <class Kind>
void check_join(std::uint64_t seed, const logs& left, const logs& right, weir::duration bound, weir::duration lo,
                weir::duration hi, Kind kind) {
    INFO(Kind::text << ", between " << lo.count() << " and " << hi.count());
    const auto timed = [&](const logs& all) {
        return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound));
    };
    const auto rights = timed(right) | weir::map([](const reading& each) { return login{each.key, each.amount}; });
    const auto pairs = weir::named("pairs", weir::interval_join(timed(left) | weir::key_by(&reading::key),
                                                                rights | weir::key_by(&login::user),
                                                                weir::between(lo, hi), kind));
    const auto sink = weir::collect_stamped<numbers>();
    const auto late_left = weir::collect_stamped<reading>();
    const auto late_right = weir::collect_stamped<login>();
    const weir::graph what("join",
                           pairs | weir::map([](const auto& each) {
                               return numbers{number_of(each.left), number_of(each.right)};
                           }) | weir::into(sink),
                           weir::late_left(pairs) | weir::into(late_left),
                           weir::late_right(pairs) | weir::into(late_right));
    // Partitions are numbered through the graph: the left's first.
    logs all = left;
    all.insert(all.end(), right.begin(), right.end());
    std::vector<std::pair<weir::stamped<reading>, bool>> records;
    for (auto& each : arrivals(all, bound)) {
        const bool is_right = each.at.at.from.number >= left.size();
        records.emplace_back(std::move(each), is_right);
    }
    const join_oracle wanted(records, lo, hi, Kind::keeps_left, Kind::keeps_right, what.number_of(pairs.from().get()));
    const auto report = run_everywhere(what, seed, sink, late_left, late_right);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    std::vector<std::int64_t> got_left, got_right;
    for (const auto& each : report.output(late_left)) got_left.push_back(each.record.amount);
    for (const auto& each : report.output(late_right)) got_right.push_back(each.record.number);
    CHECK(got_left == wanted.late_left);
    CHECK(got_right == wanted.late_right);
    const auto& counts = report.of("pairs");
    CHECK(counts.late == got_left.size() + got_right.size());
    CHECK(counts.results == wanted.results.size());
    for (const auto& each : report.stages) CHECK((each.name != "pairs" || each.state.keys == 0));
    if (seed % 5 == 0) restore_everywhere(what, report, sink, late_left, late_right);
}

}  // namespace

TEST_CASE("an interval join, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const auto some = [&](std::uint64_t of) {
        logs made = random_logs(of, {.records = 60, .partitions = 1 + choose.below(2),
                                     .disorder = 5 + choose.below(20)});
        number_amounts(made);
        return made;
    };
    const logs left = some(seed);
    const logs right = some(seed + 1000);
    const auto bound = weir::duration{choose.below(12)};
    const auto lo = weir::duration{static_cast<std::int64_t>(choose.below(24)) - 14};
    const auto hi = lo + weir::duration{choose.below(20)};
    switch (choose.below(4)) {
        case 0: return check_join(seed, left, right, bound, lo, hi, weir::join::inner);
        case 1: return check_join(seed, left, right, bound, lo, hi, weir::join::left_outer);
        case 2: return check_join(seed, left, right, bound, lo, hi, weir::join::right_outer);
        default: return check_join(seed, left, right, bound, lo, hi, weir::join::full_outer);
    }
}

TEST_CASE("the interval's ends belong to it", "[operators]") {
    logs left{{make_reading(1, 10, 0)}};
    logs right{{make_reading(1, 6, 0), make_reading(1, 7, 1), make_reading(1, 12, 2), make_reading(1, 13, 3)}};
    check_join(5, left, right, 10ns, -3ns, 2ns, weir::join::inner);
    check_join(5, left, right, 10ns, 3ns, 3ns, weir::join::full_outer);
    check_join(5, left, {{}}, 0ns, -3ns, 2ns, weir::join::left_outer);
    check_join(5, {{}}, right, 0ns, -3ns, 2ns, weir::join::full_outer);
}

TEST_CASE("an interval without an end, and one that lies wholly before", "[operators]") {
    logs left{{make_reading(1, 10, 0), make_reading(2, 11, 1), make_reading(1, 40, 2)}};
    logs right{{make_reading(1, 9, 0), make_reading(1, 30, 1), make_reading(3, 35, 2)}};
    for (const auto& [lo, hi] : {std::pair{0ns, weir::duration::max()}, {-weir::duration::max(), -1ns},
                                 {-weir::duration::max(), weir::duration::max()}, {-9ns, -5ns}}) {
        check_join(5, left, right, 10ns, lo, hi, weir::join::inner);
        check_join(5, left, right, 10ns, lo, hi, weir::join::full_outer);
    }
}

TEST_CASE("nothing is left of a key whose records came too late for any partner", "[operators]") {
    // Left records whose partners lie before them find nobody when they come, and are not kept.
    logs left{{make_reading(1, 60, 0), make_reading(1, 100, 1), make_reading(1, 101, 2)}};
    logs right{{make_reading(1, 10, 0), make_reading(1, 55, 1), make_reading(1, 99, 2), make_reading(2, 200, 3)}};
    for (const auto bound : {0ns, 3ns, 20ns}) check_join(5, left, right, bound, -10ns, -2ns, weir::join::inner);
}

TEST_CASE("a stream joined with itself", "[operators]") {
    logs all = random_logs(7, {.records = 60});
    number_amounts(all);
    const auto source = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                        weir::key_by(&reading::key);
    const auto pairs = weir::interval_join(source, source, weir::between(-4ns, 4ns));
    const auto sink = weir::collect_stamped<weir::joined<reading, reading>>();
    const weir::graph what("with itself", pairs | weir::into(sink));
    const auto report = run_everywhere(what, 1, sink);
    std::size_t wanted = 0;
    std::vector<reading> taken;
    for (const auto& [record, at] : arrivals(all, 9ns)) {
        if (at.time >= at.watermark()) taken.push_back(record);
    }
    for (const reading& one : taken) {
        for (const reading& other : taken) {
            wanted += one.key == other.key && std::abs((one.at - other.at).count()) <= 4 ? 1U : 0U;
        }
    }
    CHECK(report.output(sink).size() == wanted);
}

TEST_CASE("an interval that makes no sense is refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::between(2ns, 1ns)); }, "lo is not above hi");
    require_refused([] { static_cast<void>(weir::between(weir::duration::min(), 1ns)); }, "-duration::max()");
}
