// SPDX-License-Identifier: Apache-2.0
// Rolling with aggregates that cannot take records back: two stacks where they commute, a walk where they do not.
#include <weir/aggregates/plain_sum.hpp>
#include <weir/operators/aggregate.hpp>

#include "operators/rolling_oracle.hpp"
#include "operators/window_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

// Order-sensitive: the notes, one behind the other.
struct spelled {
    using state_type = std::string;
    [[nodiscard]] state_type create() const { return {}; }
    void add(state_type& state, const reading& each) const { state += std::to_string(each.amount) + " "; }
    void merge(state_type& state, const state_type& other) const { state += other; }
    [[nodiscard]] std::string result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "spelled"; }
};

}  // namespace

TEST_CASE("rolling by two stacks holds exactly the records of each window", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 120, .partitions = 1 + seed % 3, .keys = 3});
    number_amounts(all);
    const auto rows = keyed(all) | weir::rolling(4ns, 15ns, 70ns) | weir::aggregate(gathered{});
    using row = weir::rolled<reading, std::array<std::vector<std::int64_t>, 3>>;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("rolling", rows | weir::into(sink));
    const std::size_t stage = what.number_of(rows.from().get());
    std::vector<weir::stamped<row>> wanted;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        std::array<std::vector<std::int64_t>, 3> results;
        std::size_t index = 0;
        for (const weir::duration length : {4ns, 15ns, 70ns}) {
            for (const reading& record : window(length)) results[index].push_back(record.amount);
            std::sort(results[index].begin(), results[index].end());
            ++index;
        }
        wanted.push_back({{each.record, {results}}, caused(each.at.time, each.at, stage, 0)});
    });
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    if (seed % 6 == 0) restore_everywhere(what, report, sink);
}

TEST_CASE("rolling in order of time and turn where the order shows", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 100, .partitions = 1 + seed % 3, .keys = 3});
    number_amounts(all);
    const auto rows = keyed(all) | weir::rolling(8ns, 50ns) |
                      weir::aggregate(weir::plain_sum(&reading::value), weir::over(50ns, spelled{}));
    using row = weir::rolled<reading, std::array<double, 2>, std::string>;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("rolling", rows | weir::into(sink));
    const std::size_t stage = what.number_of(rows.from().get());
    std::vector<weir::stamped<row>> wanted;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        double near = 0;
        double far = 0;
        std::string text;
        for (const reading& record : window(8ns)) near += record.value;
        for (const reading& record : window(50ns)) {
            far += record.value;
            text += std::to_string(record.amount) + " ";
        }
        wanted.push_back({{each.record, {{near, far}, text}}, caused(each.at.time, each.at, stage, 0)});
    });
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}

TEST_CASE("a buffer that is cut often keeps its windows", "[operators]") {
    // Thousands of records of one key and a short window: the front of the buffer goes many times.
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 3000, .keys = 1});
    number_amounts(all);
    const auto rows = keyed(all) | weir::rolling(6ns, 25ns) | weir::aggregate(gathered{}, weir::over(25ns, spelled{}));
    using row = weir::rolled<reading, std::array<std::vector<std::int64_t>, 2>, std::string>;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("rolling", rows | weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{});
    require_same(report, weir::run(what, weir::batch{}), "batch", sink);
    std::size_t place = 0;
    bool same = true;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        const row& got = report.output(sink).at(place++).record;
        std::vector<std::int64_t> near, far;
        std::string text;
        for (const reading& record : window(6ns)) near.push_back(record.amount);
        for (const reading& record : window(25ns)) {
            far.push_back(record.amount);
            text += std::to_string(record.amount) + " ";
        }
        std::sort(near.begin(), near.end());
        std::sort(far.begin(), far.end());
        same = same && got.record == each.record && got.template get<0>()[0] == near &&
               got.template get<0>()[1] == far && got.template get<1>() == text;
    });
    CHECK(same);
    CHECK(place == report.output(sink).size());
}
