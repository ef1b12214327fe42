// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/table_join.hpp>

#include <weir/operators/into.hpp>

#include "operators/paired_windows_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using numbers = std::pair<std::int64_t, std::int64_t>;  // of left and right; -1: nobody
constexpr std::int64_t nobody = -1;
constexpr numbers deleted{-2, -2};

std::int64_t number_of(const reading& each) { return each.amount; }
std::int64_t number_of(const click& each) { return each.number; }
template <class T> std::int64_t number_of(const std::optional<T>& each) { return each ? number_of(*each) : nobody; }
template <class Left, class Right> numbers numbers_of(const weir::joined<Left, Right>& each) {
    return {number_of(each.left), number_of(each.right)};
}
template <class Key, class Row> numbers numbers_of(const weir::table_row<Key, Row>& each) {
    return each.row ? numbers_of(*each.row) : deleted;
}

// Every third of the left's records is a delete, every fourth of the right's.
struct left_goes {
    bool operator()(const reading& each) const { return each.amount % 3 == 0; }
};
struct right_stays {
    std::optional<std::int64_t> operator()(const click& each) const {
        return each.number % 4 == 0 ? std::nullopt : std::optional{each.number};
    }
};

struct change {
    std::uint32_t key;
    std::int64_t number;
    timestamp time;
    bool is_right, goes;
};

// Naively: for each change all those before it are looked through for the last of either side.
struct table_oracle {
    std::vector<weir::stamped<numbers>> results{};
    std::vector<std::int64_t> late_left{}, late_right{};

    table_oracle(const std::vector<std::pair<weir::stamped<reading>, bool>>& records, weir::duration retention,
                 bool keeps_left, bool keeps_right, bool deletes, std::size_t stage) {
        std::vector<change> changes;
        const auto row_at = [&](std::size_t count, std::uint32_t key, bool is_right, timestamp at) -> const change* {
            const change* last = nullptr;
            for (std::size_t i = 0; i < count; ++i) {
                if (changes[i].key == key && changes[i].is_right == is_right) last = &changes[i];
            }
            const bool there = last != nullptr && !last->goes && at <= weir::saturating_add(last->time, retention);
            return there ? last : nullptr;
        };
        for (const auto& [stamped, is_right] : records) {
            const auto& [record, at] = stamped;
            if (at.time < at.watermark()) {
                (is_right ? late_right : late_left).push_back(record.amount);
                continue;
            }
            const bool goes = deletes && record.amount % (is_right ? 4 : 3) == 0;
            changes.push_back({record.key, record.amount, at.time, is_right, goes});
            const auto joined_at = [&](std::size_t count) -> std::optional<std::pair<numbers, timestamp>> {
                const change* const left = row_at(count, record.key, false, at.time);
                const change* const right = row_at(count, record.key, true, at.time);
                const bool there = (left && right) || (left && keeps_left) || (right && keeps_right);
                if (!there) return {};
                timestamp time = at.time;
                if (left) time = std::max(time, left->time);
                if (right) time = std::max(time, right->time);
                return {{{left ? left->number : nobody, right ? right->number : nobody}, time}};
            };
            const bool was_there = row_at(changes.size() - 1, record.key, is_right, at.time) != nullptr;
            const change* const other = row_at(changes.size(), record.key, !is_right, at.time);
            const auto before = joined_at(changes.size() - 1);
            const auto after = joined_at(changes.size());
            weir::stamp cause = at;
            cause.at.tail.push_back(weir::tail_word::input_of(static_cast<std::uint32_t>(stage), is_right ? 1 : 0));
            if (goes && !was_there) continue;
            if (after) {
                results.push_back({after->first, caused(after->second, cause, stage, 0)});
            } else if (goes && before) {
                const timestamp time = other ? std::max(at.time, other->time) : at.time;
                results.push_back({deleted, caused(time, cause, stage, 0)});
            }
        }
        sort_by_turn(results);
    }
};

struct input {
    std::uint64_t seed;
    logs left, right;
    weir::duration bound;
};

template <class Kind, class Retention, class... Deletes>
void check_tables(const input& from, weir::duration retention, Retention kept, Kind kind, Deletes... deletes) {
    INFO(Kind::text << ", rows of " << retention.count() << ", options " << sizeof...(deletes));
    const auto rows = weir::named("rows", weir::table_join(keyed_readings(from.left, from.bound),
                                                           keyed_clicks(from.right, from.bound), kept, deletes...,
                                                           kind));
    const auto sink = weir::collect_stamped<numbers>();
    const auto late_left = weir::collect_stamped<reading>();
    const auto late_right = weir::collect_stamped<click>();
    const weir::graph what("tables",
                           rows | weir::map([](const auto& each) { return numbers_of(each); }) | weir::into(sink),
                           weir::late_left(rows) | weir::into(late_left),
                           weir::late_right(rows) | weir::into(late_right));
    const table_oracle wanted(both_sides(from.left, from.right, from.bound), retention, Kind::keeps_left,
                              Kind::keeps_right, sizeof...(deletes) != 0, what.number_of(rows.from().get()));
    const auto report = run_everywhere(what, from.seed, sink, late_left, late_right);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    std::vector<std::int64_t> got_left, got_right;
    for (const auto& each : report.output(late_left)) got_left.push_back(each.record.amount);
    for (const auto& each : report.output(late_right)) got_right.push_back(each.record.number);
    CHECK(got_left == wanted.late_left);
    CHECK(got_right == wanted.late_right);
    CHECK(report.of("rows").results == wanted.results.size());
    for (const auto& each : report.stages) CHECK((each.name != "rows" || each.state.keys == 0));
    if (from.seed % 5 == 0) restore_everywhere(what, report, sink, late_left, late_right);
}

input some_input(std::uint64_t seed, weir::testing::seeded& choose) {
    const auto some = [&](std::uint64_t of) {
        logs made = random_logs(of, {.records = 60, .partitions = 1 + choose.below(2), .keys = 6,
                                     .disorder = 5 + choose.below(20)});
        number_amounts(made);
        return made;
    };
    logs left = some(seed);
    logs right = some(seed + 1000);
    return {seed, std::move(left), std::move(right), weir::duration{choose.below(12)}};
}
template <class... Deletes>
void check_some_kind(std::uint64_t kind, const input& from, weir::duration retention, Deletes... deletes) {
    const weir::keep_for kept(retention);
    switch (kind) {
        case 0: return check_tables(from, retention, kept, weir::join::inner, deletes...);
        case 1: return check_tables(from, retention, kept, weir::join::left_outer, deletes...);
        case 2: return check_tables(from, retention, kept, weir::join::right_outer, deletes...);
        default: return check_tables(from, retention, kept, weir::join::full_outer, deletes...);
    }
}

auto no_records() {
    return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(1s)) |
           weir::key_by(&reading::key);
}

}  // namespace

TEST_CASE("a join of tables, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const input from = some_input(seed, choose);
    const weir::duration retention{1 + choose.below(choose.below(2) == 0 ? 20 : 200)};
    check_some_kind(choose.below(4), from, retention);
}

TEST_CASE("a join of tables with deletes, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 41U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const input from = some_input(seed, choose);
    const weir::duration retention{1 + choose.below(choose.below(2) == 0 ? 20 : 200)};
    check_some_kind(choose.below(4), from, retention, weir::deletes_left(left_goes{}),
                    weir::deletes_right(right_stays{}));
}

TEST_CASE("a join of tables whose rows are kept for ever", "[operators]") {
    const std::uint64_t seed = GENERATE(range(5U, 11U));
    weir::testing::seeded choose(seed);
    check_tables(some_input(seed, choose), weir::duration::max(), weir::unbounded, weir::join::full_outer);
}

TEST_CASE("a row is seen up to its time and the retention, and not after", "[operators]") {
    const logs left{{make_reading(1, 10, 1)}};
    const logs right{{make_reading(1, 14, 1), make_reading(1, 15, 2), make_reading(1, 16, 3)}};
    check_tables({5, left, right, 0ns}, 5ns, weir::keep_for(5ns), weir::join::inner);
    check_tables({5, left, right, 9ns}, 5ns, weir::keep_for(5ns), weir::join::right_outer);
    check_tables({5, left, {{}}, 0ns}, 5ns, weir::keep_for(5ns), weir::join::left_outer);
}

TEST_CASE("a join of tables says what it is, and refuses a bound that is none", "[operators]") {
    const auto detail = [](const auto& rows) { return rows.from()->detail(); };
    CHECK(detail(weir::table_join(no_records(), no_records(), weir::keep_for(24h))) ==
          "by key and key, inner, rows of 24h");
    CHECK(detail(weir::table_join(no_records(), no_records(), weir::unbounded, weir::deletes_left(left_goes{}),
                                  weir::join::left_outer)) ==
          "by key and key, left outer, unbounded, with deletes");
    require_refused([] { static_cast<void>(weir::table_join(no_records(), no_records(), weir::keep_for(0s))); },
                    "rows are kept for a time above zero");
}
