// SPDX-License-Identifier: Apache-2.0
// Rolling where much comes out of order: large buffers, whose sections and running states answer for records between
// others.
#include <weir/operators/rolled.hpp>

#include <algorithm>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/min.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/rolling_sections.hpp>
#include <weir/testing/simulation.hpp>

#include "operators/exact.hpp"
#include "operators/rolling_oracle.hpp"

using namespace operators_test;

namespace {

// One key, `records` records, each up to `disorder` before the newest.
readings disordered(std::uint64_t seed, std::int64_t records, std::uint64_t disorder) {
    weir::testing::seeded choose(seed);
    readings log;
    for (std::int64_t i = 0; i < records; ++i) {
        const auto back = choose.one_in(3) ? static_cast<std::int64_t>(choose.below(disorder + 1)) : 0;
        reading each = make_reading(choose.one_in(50) ? 2 : 1, 2 * i - back);
        each.amount = static_cast<std::int64_t>(choose.below(1'000'000));
        each.value = static_cast<double>(each.amount) / 8;
        log.push_back(each);
    }
    return log;
}

}  // namespace

TEST_CASE("rolling over large buffers with much disorder, by brute force", "[operators]") {
    const auto [seed, disorder] = GENERATE(table<std::uint64_t, std::uint64_t>({{1, 12}, {2, 300}, {3, 2000}}));
    CAPTURE(seed, disorder);
    const logs all{disordered(seed, 2500, disorder)};
    const weir::duration bound{static_cast<std::int64_t>(disorder)};
    const weir::duration shorter{150};
    const weir::duration longer{2600};
    const auto rows = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                      weir::key_by(&reading::key) | weir::rolling(shorter, longer) |
                      weir::aggregate(weir::sum(&reading::value), weir::max(&reading::amount),
                                      weir::min(&reading::amount),
                                      weir::over(longer, weir::distinct(&reading::amount)));
    using row = typename decltype(rows)::value_type;
    const auto sink = weir::collect_stamped<row>();
    const auto report = weir::run(weir::graph("rolling", rows | weir::into(sink)), weir::event_loop{});
    const auto batch = weir::run(weir::graph("rolling", rows | weir::into(sink)), weir::batch{});
    REQUIRE(report.output(sink) == batch.output(sink));
    std::size_t place = 0;
    std::size_t wrong = 0;
    const rolling_oracle oracle(arrivals(all, bound), [&](const auto& each, const auto& window) {
        const row& got = report.output(sink).at(place++).record;
        const auto check = [&](weir::duration length, std::size_t index) {
            const readings seen = window(length);
            const auto order = [](const reading& left, const reading& right) { return left.amount < right.amount; };
            const auto [least, most] = std::minmax_element(seen.begin(), seen.end(), order);
            wrong += got.template get<0>()[index] == exact_sum(seen) ? 0U : 1U;
            wrong += got.template get<1>()[index] == most->amount ? 0U : 1U;
            wrong += got.template get<2>()[index] == least->amount ? 0U : 1U;
        };
        wrong += got.record == each.record ? 0U : 1U;
        check(shorter, 0);
        if (place % 10 == 0) check(longer, 1);
    });
    CHECK(wrong == 0);
    CHECK(place == report.output(sink).size());
}

TEST_CASE("sections answer as a walk does", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 5U));
    weir::testing::seeded choose(seed);
    using item = weir::detail::rolling_item<false, std::int64_t>;
    const auto most = weir::detail::maximizing<weir::detail::kept_value<std::int64_t>>{};
    weir::detail::rolling_sections<decltype(most), 0, item> sections;
    std::vector<item> items;
    for (int step = 0; step < 400; ++step) {
        const auto value = static_cast<std::int64_t>(choose.below(1'000'000));
        for (std::uint64_t more = choose.below(60); more > 0; --more) items.push_back({{}, {}, {value}});
        if (choose.one_in(3) && !items.empty()) {
            const std::size_t back = choose.below(std::min<std::size_t>(items.size(), 300));
            const std::size_t place = items.size() - back;
            items.insert(items.begin() + static_cast<std::ptrdiff_t>(place), item{{}, {}, {value + 500'000}});
            sections.put_at(place);
        }
        if (choose.one_in(40) && items.size() > 200) {
            items.erase(items.begin(), items.begin() + 117);
            sections.clear();
        }
        const std::size_t to = choose.below(items.size() + 1);
        const std::size_t from = choose.below(to + 1);
        const auto wanted = weir::detail::walk<0>(most, items, from, to);
        REQUIRE(sections.between(most, items, from, to).value() == wanted.value());
    }
}
