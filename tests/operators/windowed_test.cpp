// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/windowed.hpp>

#include <weir/aggregates/as.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

TEST_CASE("a windowed row has a key, two times and results, and is stored and read back", "[operators]") {
    using row = weir::windowed<std::string, std::uint64_t, double>;
    const row made{"a key", nanosecond(-10), nanosecond(0), {3, -0.0}};
    CHECK(made.get<0>() == 3);
    CHECK(std::signbit(made.get<1>()));
    weir::binary_writer writer;
    weir::save(writer, made);
    weir::binary_reader reader{std::span<const std::byte>{writer.bytes()}};
    const row loaded = weir::load<row>(reader);
    reader.expect_end();
    CHECK(loaded == made);
    CHECK(std::signbit(loaded.get<1>()));
}

TEST_CASE("a windowed row is written as key, start, end and its results", "[operators]") {
    using row = weir::windowed<std::uint32_t, std::uint64_t, double>;
    std::string line;
    weir::csv_row<row>::append(line, {7, nanosecond(0), timestamp{10s}, {3, 1.5}}, ',');
    CHECK(line == "7,1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,3,1.5");
    std::vector<std::string> names;
    weir::csv_row<row>::names(names, "");
    CHECK(names == std::vector<std::string>{"key", "start", "end", "result0", "result1"});
}

namespace {
const auto first_of = [](const auto& row) -> const auto& { return weir::get<0>(row); };
struct unprintable {};
}  // namespace

TEST_CASE("a windowed row's results are got by their place, and it is printed", "[operators]") {
    const weir::windowed<std::string, std::uint64_t, double> row{"a", nanosecond(0), timestamp{10s}, {3, 1.5}};
    CHECK(&first_of(row) == &std::get<0>(row.results));
    CHECK(get<1>(row) == 1.5);
    CHECK(weir::to_text(row) ==
          R"({key: "a", start: 1970-01-01T00:00:00Z, end: 1970-01-01T00:00:10Z, results: (3, 1.5)})");
    static_assert(weir::printable<std::vector<weir::windowed<int, double>>>);
    static_assert(!weir::printable<weir::windowed<int, unprintable>>);
}

TEST_CASE("columns are named after the key's field and the aggregates", "[operators]") {
    const auto keyed = weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                       weir::key_by(&reading::note);
    const auto rows =
        keyed | weir::window(weir::tumbling(10ns)) |
        weir::aggregate(weir::count(), weir::sum(&reading::value), weir::as("total", weir::sum(&reading::amount)));
    REQUIRE(rows.columns() != nullptr);
    CHECK(*rows.columns() == std::vector<std::string>{"note", "start", "end", "count", "sum_value", "total"});
}
