// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/evicting_set.hpp>

#include <weir/aggregates/last.hpp>

#include "operators/window_check.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

using row = weir::windowed<std::uint32_t, std::vector<std::int64_t>, std::int64_t>;

// Every `every` records of a key, what `forget` leaves of all that it had left before, and the new ones.
template <class Evictor, class Forget>
void check_evictor(std::uint64_t seed, const logs& all, std::uint64_t every, const Evictor& evictor, Forget forget) {
    const auto rows = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
                      weir::key_by(&reading::key) |
                      weir::window(weir::global(), weir::emit::after(every).without_end(), evictor) |
                      weir::named("windows", weir::aggregate(gathered{}, weir::last(&reading::amount)));
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("evicting", rows | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    std::map<std::uint32_t, readings> kept;
    std::map<std::uint32_t, std::uint64_t> seen;
    std::vector<std::vector<std::int64_t>> wanted;
    for (const auto& [record, at] : arrivals(all, 9ns)) {
        readings& own = kept[record.key];
        own.push_back(record);
        if (++seen[record.key] % every != 0) continue;
        if (!evictor.afterwards) forget(own);
        std::vector<std::int64_t> numbers;
        for (const reading& each : own) numbers.push_back(each.amount);
        std::sort(numbers.begin(), numbers.end());
        wanted.push_back(numbers);
        if (evictor.afterwards) forget(own);
    }
    const auto& got = report.output(sink);
    REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CHECK(got[i].record.get<0>() == wanted[i]);
        CHECK(std::count(wanted[i].begin(), wanted[i].end(), got[i].record.get<1>()) == (wanted[i].empty() ? 0 : 1));
    }
    if (seed % 3 == 0) restore_everywhere(what, report, sink);
}

}  // namespace

TEST_CASE("windows that forget, by the definition", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    logs all = random_logs(seed, {.records = 80, .partitions = 1 + choose.below(2)});
    number_amounts(all);
    const std::uint64_t every = 1 + choose.below(4);
    const std::uint64_t count = 1 + choose.below(6);
    const auto last = [&](readings& rows) {
        while (rows.size() > count) rows.erase(rows.begin());
    };
    const auto age = weir::duration{1 + choose.below(20)};
    const auto old = [&](readings& rows) {
        timestamp latest = rows.front().at;
        for (const reading& each : rows) latest = std::max(latest, each.at);
        const auto is_old = [&](const reading& each) { return each.at <= latest - age; };
        rows.erase(std::remove_if(rows.begin(), rows.end(), is_old), rows.end());
    };
    const auto apart = [](const reading& each, const reading& newest) { return newest.amount - each.amount; };
    const auto far = [](readings& rows) {
        const std::int64_t newest = rows.back().amount;
        rows.erase(std::remove_if(rows.begin(), rows.end(),
                                  [&](const reading& each) { return newest - each.amount >= 15; }), rows.end());
    };
    switch (seed % 6) {
        case 0: return check_evictor(seed, all, every, weir::evict::all_but_last(count), last);
        case 1: return check_evictor(seed, all, every, weir::evict::all_but_last(count).after(), last);
        case 2: return check_evictor(seed, all, every, weir::evict::older_than(age), old);
        case 3: return check_evictor(seed, all, every, weir::evict::older_than(age).after(), old);
        case 4: return check_evictor(seed, all, every, weir::evict::apart(apart, std::int64_t{15}), far);
        default: return check_evictor(seed, all, every, weir::evict::apart(apart, std::int64_t{15}).after(), far);
    }
}

TEST_CASE("evictors that make no sense are refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::evict::all_but_last(0)); }, "at least one record");
    require_refused([] { static_cast<void>(weir::evict::older_than(0ns)); }, "a time above zero");
}
