// SPDX-License-Identifier: Apache-2.0
// Results of windows that are keyed and windowed again, and the best rows of each window, by the definition.
#include <weir/operators/window.hpp>

#include <map>
#include <tuple>

#include <weir/aggregates/collect.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/aggregates/top_k.hpp>
#include <weir/operators/flat_map.hpp>

#include "operators/window_check.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

// The amounts of a window that is not late, by key and end.
using window_name = std::pair<std::uint32_t, timestamp>;
using window_contents = std::map<window_name, std::vector<weir::stamped<reading>>>;

[[nodiscard]] timestamp tumbling_end(timestamp time, weir::duration size) {
    const auto past = ((time.time_since_epoch() % size) + size) % size;
    return time - past + size;
}
[[nodiscard]] window_contents tumbling_contents(const logs& all, weir::duration bound, weir::duration size) {
    window_contents made;
    for (const auto& each : arrivals(all, bound)) {
        const timestamp end = tumbling_end(each.at.time, size);
        if (end > each.at.at.watermark) made[{each.record.key, end}].push_back(each);
    }
    return made;
}
[[nodiscard]] std::int64_t sum_of(const std::vector<weir::stamped<reading>>& content) {
    std::int64_t sum = 0;
    for (const auto& each : content) sum += each.record.amount;
    return sum;
}

struct small_sum {
    std::uint32_t key = 0;
    timestamp start{};
    timestamp end{};
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(small_sum, (), (key, start, end, sum))

// What a window says of the windows in it: the sum and the largest of their sums, and when each of them ended.
struct large_sum {
    std::uint32_t key = 0;
    timestamp start{};
    timestamp end{};
    std::int64_t sum = 0;
    std::int64_t largest = 0;
    std::vector<timestamp> ends;
};
BOOST_DESCRIBE_STRUCT(large_sum, (), (key, start, end, sum, largest, ends))

[[nodiscard]] std::uint32_t group_of(const small_sum& row) { return row.key % 2; }
[[nodiscard]] std::int64_t number_of(const small_sum& row) { return row.sum; }

[[nodiscard]] auto small_sums(const logs& all, weir::duration bound, weir::duration size) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
           weir::key_by(&reading::key) | weir::window(weir::tumbling(size)) |
           weir::named("small", weir::aggregate<small_sum>(weir::sum(&reading::amount)));
}
template <class Windowing>
void check_of_small(std::uint64_t seed, const logs& all, weir::duration bound, weir::duration size,
                    const Windowing& windowing, std::vector<large_sum> wanted_rows) {
    const auto results = small_sums(all, bound, size) | weir::key_by(&group_of) | windowing |
                         weir::named("large", weir::aggregate<large_sum>(weir::sum(&number_of), weir::max(&number_of),
                                                                         weir::collect(&small_sum::end, 100)));
    const auto sink = weir::collect_stamped<large_sum>();
    const weir::graph what("windows of windows", results | weir::into(sink));
    std::vector<weir::stamped<large_sum>> wanted;
    for (large_sum& row : wanted_rows) {
        const auto at = triggered(row.end - weir::one_tick, what.number_of(results.from().get()),
                                  weir::stable_hash(row.key), 0);
        wanted.push_back({std::move(row), at});
    }
    sort_by_turn(wanted);
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    CHECK(report.of("large").late == 0);
    for (const auto& each : report.stages) CHECK(each.state.keys == 0);
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}

// The windows of a group, in the order of their ends; of equal ends one per key, which the outer window takes in turn.
[[nodiscard]] std::map<std::uint32_t, std::vector<std::pair<timestamp, std::int64_t>>> by_group(
    const window_contents& contents) {
    std::map<std::uint32_t, std::vector<std::pair<timestamp, std::int64_t>>> made;
    for (const auto& [name, content] : contents) made[name.first % 2].push_back({name.second, sum_of(content)});
    for (auto& [group, rows] : made) std::sort(rows.begin(), rows.end());
    return made;
}
void add_to(large_sum& to, timestamp end, std::int64_t sum) {
    to.largest = to.ends.empty() ? sum : std::max(to.largest, sum);
    to.sum += sum;
    to.ends.push_back(end);
}

struct best {
    std::uint32_t key = 0;
    timestamp end{};
    std::uint32_t rank = 0;
    std::int64_t amount = 0;
    std::string note;
    friend bool operator==(const best&, const best&) = default;
};
BOOST_DESCRIBE_STRUCT(best, (), (key, end, rank, amount, note))

[[nodiscard]] logs chosen_logs(weir::testing::seeded& choose, std::uint64_t seed) {
    return random_logs(seed, {.records = 70, .partitions = 1 + choose.below(3), .disorder = 5 + choose.below(25)});
}

}  // namespace

TEST_CASE("tumbling windows of tumbling windows, by the definition", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = chosen_logs(choose, seed);
    const auto bound = weir::duration{choose.below(10)};
    const auto size = weir::duration{1 + choose.below(9)};
    // Also one that is no multiple: a small window belongs where its last tick lies.
    const auto large = size * static_cast<std::int64_t>(1 + choose.below(5)) + weir::duration{choose.below(2)};
    std::vector<large_sum> wanted;
    for (const auto& [group, rows] : by_group(tumbling_contents(all, bound, size))) {
        std::map<timestamp, large_sum> windows;
        for (const auto& [end, sum] : rows) add_to(windows[tumbling_end(end - weir::one_tick, large)], end, sum);
        for (auto& [end, row] : windows) {
            row.key = group;
            row.start = end - large;
            row.end = end;
            wanted.push_back(row);
        }
    }
    check_of_small(seed, all, bound, size, weir::window(weir::tumbling(large)), wanted);
}

TEST_CASE("sessions of tumbling windows, and each of their windows, by the definition", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const logs all = chosen_logs(choose, seed);
    const auto bound = weir::duration{choose.below(10)};
    const auto size = weir::duration{1 + choose.below(4)};
    const auto gap = weir::duration{1 + choose.below(8)};
    std::vector<large_sum> wanted;
    for (const auto& [group, rows] : by_group(tumbling_contents(all, bound, size))) {
        bool first = true;
        for (const auto& [end, sum] : rows) {
            const timestamp time = end - weir::one_tick;
            // A result's watermark is its time: a session that ends there is no longer open.
            if (first || time >= wanted.back().end) wanted.push_back({group, time, {}, 0, 0, {}});
            first = false;
            add_to(wanted.back(), end, sum);
            wanted.back().end = time + gap;
        }
    }
    check_of_small(seed, all, bound, size, weir::window(weir::session(gap)), wanted);
}

TEST_CASE("the best rows of each window, ranked, of a key and over all keys", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    logs all = chosen_logs(choose, seed);
    for (readings& log : all) {
        for (std::size_t i = 0; i < log.size(); ++i) {
            log[i].amount %= 4;  // many are equal
            log[i].note = "number " + std::to_string(i) + " of a log of " + std::to_string(log.size());
        }
    }
    const auto bound = weir::duration{choose.below(10)};
    const auto size = weir::duration{5 + choose.below(30)};
    const std::size_t most = 1 + choose.below(5);
    const std::uint32_t keys = choose.one_in(2) ? 1 : 7;  // one key: over all
    const auto key = [keys](const reading& each) { return each.key % keys; };
    const auto ranked = [](const auto& row) {
        std::vector<best> made;
        for (const auto& [amount, note] : row.template get<0>()) {
            made.push_back({row.key, row.end, static_cast<std::uint32_t>(made.size() + 1), amount, note});
        }
        return made;
    };
    const auto sink = weir::collect_stamped<best>();
    const weir::graph what("best", weir::memory_partitions(all) |
                                       weir::event_time(&reading::at, weir::out_of_order(bound)) | weir::key_by(key) |
                                       weir::window(weir::tumbling(size)) |
                                       weir::named("best", weir::aggregate(weir::top_k(most, &reading::amount,
                                                                                       &reading::note))) |
                                       weir::flat_map(ranked) | weir::into(sink));
    std::map<std::pair<timestamp, std::uint32_t>, std::vector<weir::stamped<reading>>> windows;
    for (const auto& [name, content] : tumbling_contents(all, bound, size)) {
        auto& to = windows[{name.second, name.first % keys}];
        to.insert(to.end(), content.begin(), content.end());
    }
    std::vector<best> wanted;
    for (auto& [name, rows] : windows) {
        std::sort(rows.begin(), rows.end(), [](const auto& left, const auto& right) {
            if (left.record.amount != right.record.amount) return left.record.amount > right.record.amount;
            return std::tie(left.at.time, left.at.at) < std::tie(right.at.time, right.at.at);
        });
        if (rows.size() > most) rows.resize(most);
        std::uint32_t rank = 0;
        for (const auto& each : rows) {
            wanted.push_back({name.second, name.first, ++rank, each.record.amount, each.record.note});
        }
    }
    const auto report = run_everywhere(what, seed, sink);
    // Keys of equal ends come in the order of their hashes; within a window rows come by rank.
    std::map<std::pair<timestamp, std::uint32_t>, std::vector<best>> of_windows;
    for (const auto& each : report.output(sink)) {
        CHECK(each.at.time == each.record.end - weir::one_tick);
        of_windows[{each.record.end, each.record.key}].push_back(each.record);
    }
    std::vector<best> got;
    for (const auto& [name, rows] : of_windows) got.insert(got.end(), rows.begin(), rows.end());
    REQUIRE(got == wanted);
    for (const auto& each : report.stages) CHECK(each.state.keys == 0);
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}
