// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/rolled.hpp>

#include <set>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/sum.hpp>

#include "operators/exact.hpp"
#include "operators/rolling_oracle.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("rolling sums and counts over several lengths, to the bit", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 11U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = seed == 10 ? 0U : 100U, .partitions = 1 + seed % 3});
    const auto rows =
        keyed(all) | weir::rolling(5ns, 60ns, 20ns) |
        weir::named("rolling", weir::aggregate(weir::sum(&reading::value), weir::over(20ns, weir::count())));
    using row = weir::rolled<reading, std::array<double, 3>, std::uint64_t>;
    const auto sink = weir::collect_stamped<row>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("rolling", rows | weir::into(sink), weir::late(rows) | weir::into(late));
    const std::size_t stage = what.number_of(rows.from().get());

    std::vector<weir::stamped<row>> wanted;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        wanted.push_back(
            {{each.record,
              {{exact_sum(window(5ns)), exact_sum(window(60ns)), exact_sum(window(20ns))}, window(20ns).size()}},
             caused(each.at.time, each.at, stage, 0)});
    });
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted, report.output(sink)) == "");
    REQUIRE(difference(oracle.late, report.output(late)) == "");
    CHECK(report.of("rolling").late == oracle.late.size());
    if (seed % 5 == 0 || seed == 1) restore_everywhere(what, report, sink, late);
}

TEST_CASE("rolling max, distinct, mean and last, by brute force", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 8U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 90, .partitions = 1 + seed % 3, .keys = 3});
    const auto rows =
        keyed(all) | weir::rolling(7ns, 40ns) |
        weir::aggregate(weir::max(&reading::amount), weir::over(40ns, weir::distinct(&reading::amount)),
                        weir::over(7ns, weir::mean(&reading::value)), weir::over(40ns, weir::last(&reading::amount)));
    using row = typename decltype(rows)::value_type;
    const auto sink = weir::collect_stamped<row>();
    const weir::graph what("rolling", rows | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    std::size_t place = 0;
    const rolling_oracle oracle(keyed_arrivals(all), [&](const auto& each, const auto& window) {
        REQUIRE(place < report.output(sink).size());
        const row& got = report.output(sink)[place++].record;
        REQUIRE(got.record == each.record);
        const auto largest = [](const readings& records) {
            std::int64_t most = records.front().amount;
            for (const reading& record : records) most = std::max(most, record.amount);
            return most;
        };
        const readings near = window(7ns);
        const readings far = window(40ns);
        CHECK(got.template get<0>()[0] == largest(near));
        CHECK(got.template get<0>()[1] == largest(far));
        std::set<std::int64_t> different;
        for (const reading& record : far) different.insert(record.amount);
        CHECK(got.template get<1>() == different.size());
        CHECK(got.template get<2>() == exact_sum(near) / static_cast<double>(near.size()));
        CHECK(got.template get<3>() == far.back().amount);
    });
    CHECK(place == report.output(sink).size());
    if (seed == 2) restore_everywhere(what, report, sink);
}

TEST_CASE("a window of length W holds what is younger than W", "[operators]") {
    const logs all{
        {make_reading(1, 0), make_reading(1, 9), make_reading(1, 10), make_reading(1, 10), make_reading(1, 1)}};
    const auto rows = keyed(all) | weir::rolling(10ns) | weir::aggregate(weir::over(10ns, weir::count()));
    const auto sink = weir::collect<weir::rolled<reading, std::uint64_t>>();
    const auto report = weir::run(weir::graph("edge", rows | weir::into(sink)), weir::event_loop{});
    std::vector<std::uint64_t> counts;
    for (const auto& each : report.output(sink)) counts.push_back(each.get<0>());
    CHECK(counts == std::vector<std::uint64_t>{1, 2, 2, 3, 2});
}

TEST_CASE("rolled rows have columns, and are stored and read back", "[operators]") {
    const auto rows = keyed({{}}) | weir::rolling(5min, 24h) |
                      weir::aggregate(weir::count(), weir::over(24h, weir::sum(&reading::value)));
    REQUIRE(rows.columns() != nullptr);
    CHECK(*rows.columns() ==
          std::vector<std::string>{"key", "at", "amount", "value", "note", "count_5m", "count_24h", "sum_value_24h"});
    using row = weir::rolled<reading, std::array<std::uint64_t, 2>, double>;
    const row made{make_reading(3, -5), {{1, 2}, 0.5}};
    weir::binary_writer writer;
    weir::save(writer, made);
    weir::binary_reader reader{std::span<const std::byte>{writer.bytes()}};
    CHECK(weir::load<row>(reader) == made);
    reader.expect_end();
    std::string line;
    weir::csv_row<row>::append(line, made, ',');
    CHECK(line == "3,1969-12-31T23:59:59.999999995Z,1,1,a note on key number 3,1,2,0.5");
}

TEST_CASE("a rolled row's results are got by their place, and it is printed", "[operators]") {
    const weir::rolled<std::tuple<int, std::string>, std::array<double, 2>, std::uint64_t> row{{7, "x"}, {{1, 2.5}, 4}};
    const auto first_of = [](const auto& any) -> const auto& { return weir::get<0>(any); };
    CHECK(&first_of(row) == &std::get<0>(row.results));
    CHECK(weir::get<1>(row) == 4);
    CHECK(weir::to_text(row) == R"({record: (7, "x"), results: ([1, 2.5], 4)})");
    struct unprintable {};
    static_assert(!weir::printable<weir::rolled<unprintable, double>>);
}

TEST_CASE("over a length that rolling has not is refused", "[operators]") {
    require_refused(
        [] { static_cast<void>(keyed({{}}) | weir::rolling(5min) | weir::aggregate(weir::over(24h, weir::count()))); },
        "over(24h, ...): rolling(...) before it has no such length");
}
