// SPDX-License-Identifier: Apache-2.0
// The first or last few values in the order of (time, turn).
#include <weir/aggregates/collect.hpp>

#include <catch2/catch.hpp>

#include "samples.hpp"

namespace {
using namespace weir_test;
using texts = std::vector<std::string>;
}  // namespace

TEST_CASE("collect keeps the first few values in order", "[aggregates]") {
    CHECK(weir::collect(&payment::merchant, 2).name() == "collect_merchant");
    CHECK(weir::collect_last(&payment::merchant, 2).name() == "collect_last_merchant");
    CHECK(result_of(weir::collect(&payment::merchant, 2), three_payments()) == texts{"bakery", "bookshop"});
    CHECK(result_of(weir::collect_last(&payment::merchant, 2), three_payments()) == texts{"bookshop", "bakery"});
    CHECK(result_of(weir::collect(&payment::merchant, 9), three_payments()) == texts{"bakery", "bookshop", "bakery"});
    CHECK(result_of(weir::collect(&payment::merchant, 2), {}).empty());
    CHECK(result_of(weir::collect_last(&payment::amount, 1), {{1, 7.0}}) == std::vector<double>{7.0});
}

TEST_CASE("collecting nothing is refused", "[aggregates]") {
    CHECK_THROWS_WITH(weir::collect(&payment::card, 0), "collect(..., 0) keeps nothing: give it at least 1");
    CHECK_THROWS_WITH(weir::collect_last(&payment::card, 0), "collect_last(..., 0) keeps nothing: give it at least 1");
    CHECK(weir::collect(&payment::card, 5).state_tag() == "first<5,list<stamped<u64>>>");
}

TEST_CASE("collect is a piece of the sorted list of all records", "[aggregates]") {
    std::mt19937_64 random(GENERATE(range(1U, 80U)));
    const auto list = random_payments(random, random() % 40);
    const std::size_t most = 1 + random() % 12;
    texts sorted;
    for (const auto& [paid, at] : in_turn(list)) sorted.push_back(paid.merchant);
    const auto kept = static_cast<std::ptrdiff_t>(std::min(most, sorted.size()));
    CHECK(result_in_parts(weir::collect(&payment::merchant, most), list, random) ==
          texts(sorted.begin(), sorted.begin() + kept));
    CHECK(result_in_parts(weir::collect_last(&payment::merchant, most), list, random) ==
          texts(sorted.end() - kept, sorted.end()));
}

TEST_CASE("collect_last of many records in order keeps twice its bound at most", "[aggregates]") {
    const auto last = weir::collect_last(&payment::card, 4);
    auto state = last.create();
    weir::stamp at;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        at.at.position = i;
        last.add(state, payment{.card = i}, at);
        REQUIRE(state.items().size() == std::min<std::size_t>(4, i + 1));
        REQUIRE(last.result(state).back() == i);
    }
    auto copy = state;
    last.merge(copy, state);
    CHECK(last.result(copy) == std::vector<std::uint64_t>{998, 998, 999, 999});
}

TEST_CASE("damaged lists of first and last items are refused", "[aggregates]") {
    weir::binary_writer writer;
    writer.write_count(2);
    for (const int second : {2, 1}) {
        weir::save(writer, std::uint64_t{7});
        weir::stamp{weir::timestamp{std::chrono::seconds{second}}, {}}.save(writer);
    }
    weir::binary_reader reader(writer.bytes());
    auto first = weir::collect(&payment::card, 5).create();
    CHECK_THROWS_WITH(first.load(reader), "the snapshot is damaged: a list of first items is not in order");
    weir::binary_reader again(writer.bytes());
    auto last = weir::collect_last(&payment::card, 5).create();
    CHECK_THROWS_WITH(last.load(again), "the snapshot is damaged: a list of last items is not in order");
}
