// SPDX-License-Identifier: Apache-2.0
// How many records of each category.
#include <weir/aggregates/count_by.hpp>

#include <catch2/catch.hpp>
#include <map>
#include <string_view>

#include "samples.hpp"

#include <weir/record/print.hpp>

namespace {
using namespace weir_test;
using by_text = weir::category_counts<std::string>;
}  // namespace

TEST_CASE("count_by counts each category", "[aggregates]") {
    const auto count = weir::count_by(&payment::merchant, 10);
    CHECK(count.name() == "count_by_merchant");
    CHECK(result_of(count, three_payments()) == by_text{{{"bakery", 2}, {"bookshop", 1}}, 0});
    CHECK(result_of(count, {}) == by_text{});
    CHECK(result_of(weir::count_by([](const payment& p) { return std::string_view{p.merchant}; }, 10),
                    three_payments()) == by_text{{{"bakery", 2}, {"bookshop", 1}}, 0});
    CHECK(result_of(weir::count_by(&payment::points, 10), three_payments()).counts ==
          std::map<std::int64_t, std::uint64_t>{{-4, 1}, {3, 2}});
    CHECK(weir::to_text(result_of(count, three_payments())) == "{counts: {\"bakery\": 2, \"bookshop\": 1}, others: 0}");
}

TEST_CASE("categories beyond the bound are counted together", "[aggregates]") {
    CHECK(result_of(weir::count_by(&payment::merchant, 1), three_payments()) == by_text{{{"bakery", 2}}, 1});
    CHECK(result_of(weir::count_by(&payment::card, 1), {{9}, {9}, {4}, {9}, {4}, {5}}) ==
          weir::category_counts<std::uint64_t>{{{4, 2}}, 4});
    CHECK_THROWS_WITH(weir::count_by(&payment::card, 0), "count_by(..., 0) counts no category: give it at least 1");
    CHECK(weir::count_by(&payment::card, 7).state_tag() == "smallest<7,category_counts<u64>>");
    STATIC_REQUIRE_FALSE(weir::removable<decltype(weir::count_by(&payment::card, 1)), payment>);
}

TEST_CASE("count_by counts what a map of all records counts", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 80U)));
    const auto list = random_payments(random, random() % 60);
    const std::size_t most = 1 + random() % 14;
    by_text expected;
    for (const auto& [paid, at] : list) ++expected.counts[paid.merchant];
    while (expected.counts.size() > most) {
        expected.others += expected.counts.rbegin()->second;
        expected.counts.erase(std::prev(expected.counts.end()));
    }
    CHECK(result_in_parts(weir::count_by(&payment::merchant, most), list, random) == expected);
}

TEST_CASE("damaged counts of categories are refused", "[aggregates]") {
    const auto refused = [](std::uint64_t total, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& counts) {
        weir::binary_writer writer;
        writer.write_fixed(total);
        writer.write_count(counts.size());
        for (const auto& [category, times] : counts) {
            writer.write_fixed(category);
            writer.write_fixed(times);
        }
        weir::binary_reader reader(writer.bytes());
        auto state = weir::count_by(&payment::card, 5).create();
        try {
            state.load(reader);
        } catch (const weir::error& error) {
            return error.kind() == weir::error_kind::state;
        }
        return false;
    };
    CHECK_FALSE(refused(3, {{1, 1}, {2, 1}}));
    CHECK(refused(3, {{2, 1}, {1, 1}}));
    CHECK(refused(3, {{1, 1}, {1, 1}}));
    CHECK(refused(3, {{1, 2}, {2, 2}}));
    CHECK(refused(3, {{1, 0}}));
}
