// SPDX-License-Identifier: Apache-2.0
// Aggregates that were given more than a projection, a bound or a number of values, inside stages: rolling, which reads
// what it keeps of records, and windows use them as they were given, and schemas tell the bound.
#include <weir/aggregates/approximate_distinct.hpp>
#include <weir/aggregates/collect.hpp>
#include <weir/aggregates/count_by.hpp>
#include <weir/aggregates/exponential_mean.hpp>
#include <weir/aggregates/median.hpp>
#include <weir/aggregates/most_frequent.hpp>
#include <weir/aggregates/quantile.hpp>
#include <weir/aggregates/top_k.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/record/schema.hpp>

#include <string_view>

#include "operators/rolling_oracle.hpp"
#include "operators/window_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

// Looks at the record's own text, which goes with the record.
const auto note_of = [](const reading& each) { return std::string_view{each.note}; };

template <class A> auto result_over(const A& aggregate, const std::vector<reading>& records) {
    auto state = aggregate.create();
    for (const reading& each : records) weir::detail::add(aggregate, state, each, weir::stamp{each.at, {}});
    return aggregate.result(state);
}

}  // namespace

TEST_CASE("rolling aggregates keep the bounds they were given", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 120, .partitions = 1 + seed % 3, .keys = 3});
    number_amounts(all);
    for (readings& log : all) {
        for (reading& each : log) each.note = "a note too long to lie inside, " + std::to_string(each.amount % 5);
    }
    const auto noted = weir::count_by(&reading::note, 2);
    const auto viewed = weir::count_by(note_of, 3);
    const auto frequent = weir::most_frequent(2, note_of);
    const auto middle = weir::median(&reading::amount, 1000);
    const auto top = weir::top_k(3, &reading::amount);
    const auto about = weir::approximate_distinct(&reading::amount, 5);
    const auto recent = weir::exponential_mean(&reading::amount, 7ns);
    const auto high = weir::quantile(&reading::value, 0.75, 0.05);
    const auto rows = keyed(all) | weir::rolling(8ns, 50ns) |
                      weir::aggregate(noted, viewed, frequent, middle, top, high, about, recent,
                                      weir::collect(&reading::amount, 3));
    using texts = weir::category_counts<std::string>;
    using counted = std::vector<std::pair<std::string, std::uint64_t>>;
    using row = weir::rolled<reading, std::array<texts, 2>, std::array<texts, 2>, std::array<counted, 2>,
                             std::array<std::optional<double>, 2>, std::array<std::vector<std::int64_t>, 2>,
                             std::array<std::optional<double>, 2>, std::array<std::uint64_t, 2>, std::array<double, 2>,
                             std::array<std::vector<std::int64_t>, 2>>;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("rolling", rows | weir::into(sink));
    const std::size_t stage = what.number_of(rows.from().get());
    std::vector<weir::stamped<row>> wanted;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        const std::array<readings, 2> seen{window(8ns), window(50ns)};
        const auto over = [&](const auto& aggregate) {
            return std::array{result_over(aggregate, seen[0]), result_over(aggregate, seen[1])};
        };
        std::array<std::vector<std::int64_t>, 2> first;
        for (std::size_t i = 0; i < 2; ++i) {
            for (const reading& record : seen[i]) {
                if (first[i].size() < 3) first[i].push_back(record.amount);
            }
        }
        wanted.push_back({{each.record,
                           {over(noted), over(viewed), over(frequent), over(middle), over(top), over(high),
                            over(about), over(recent), first}},
                          caused(each.at.time, each.at, stage, 0)});
    });
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}

TEST_CASE("windows of aggregates that keep a few records are the same in every run", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 120, .partitions = 1 + seed % 3, .keys = 3});
    number_amounts(all);
    const auto rows = keyed(all) | weir::window(weir::sliding(20ns, 5ns), weir::allowed_lateness{4ns}) |
                      weir::aggregate(weir::collect(&reading::amount, 1000), weir::collect(&reading::amount, 3),
                                      weir::collect_last(&reading::amount, 2), weir::top_k(2, &reading::amount),
                                      weir::top_k(2, &reading::key, &reading::amount));
    using list = std::vector<std::int64_t>;
    using row = weir::windowed<std::uint32_t, list, list, list, list,
                               std::vector<std::pair<std::uint32_t, std::int64_t>>>;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("windows", rows | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(!report.output(sink).empty());
    for (const auto& [each, at] : report.output(sink)) {
        const auto& [everything, first, last, top, top_by_key] = each.results;
        const auto from_front = static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, everything.size()));
        const auto from_back = static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, everything.size()));
        REQUIRE(first == list(everything.begin(), everything.begin() + from_front));
        REQUIRE(last == list(everything.end() - from_back, everything.end()));
        list sorted = everything;
        std::sort(sorted.rbegin(), sorted.rend());
        sorted.resize(static_cast<std::size_t>(from_back));
        REQUIRE(top == sorted);
        for (std::size_t i = 0; i < top_by_key.size(); ++i) {
            REQUIRE(top_by_key[i] == std::pair{each.key, everything[i]});
        }
    }
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}

TEST_CASE("a program with another bound does not go on with the state of this one", "[operators]") {
    const auto schema = [](std::size_t most, const auto& window) {
        const auto rows = keyed({readings{}}) | window |
                          weir::aggregate(weir::median(&reading::amount, most),
                                          weir::as("best", weir::top_k(most, &reading::value, &reading::note)));
        return rows.from()->make({})->schema();
    };
    const auto tumbling = weir::window(weir::tumbling(10s));
    CHECK(schema(5, tumbling) == "struct{key:u32,window:tumbling 10s,states:struct{median_amount:median<5,sorted<i64>>,"
                                 "best:top<5,list<stamped<f64,text>>>}}");
    CHECK(weir::tag_difference(schema(5, tumbling), schema(7, tumbling)) ==
          "states.median_amount was median<5,sorted<i64>> and is median<7,sorted<i64>>; states.best was "
          "top<5,list<stamped<f64,text>>> and is top<7,list<stamped<f64,text>>>");
    const auto sessions = weir::window(weir::session(10s));
    CHECK(weir::tag_difference(schema(5, sessions), schema(7, sessions)) ==
          "states.median_amount was median<5,sorted<i64>> and is median<7,sorted<i64>>; states.best was "
          "top<5,list<stamped<f64,text>>> and is top<7,list<stamped<f64,text>>>");
}
