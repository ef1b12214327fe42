// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/key_by.hpp>

#include <map>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::uint64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))
struct undescribed {
    int id = 0;
    timestamp at{};
};
enum class parity : std::uint8_t { even, odd };
struct place {
    std::uint32_t row = 0;
    std::string column;
    friend bool operator==(const place&, const place&) = default;
    friend auto operator<=>(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (row, column))

// Numbers each record within its key, and compares with a std::map.
template <class Key> void check_counts(std::uint64_t seed, Key key) {
    using key_type = std::remove_cvref_t<std::invoke_result_t<Key, const reading&>>;
    const logs all = random_logs(seed, {.partitions = 2, .disorder = 5});
    const auto sink = weir::collect_stamped<std::uint64_t>();
    const auto counted = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                         weir::key_by(key) |
                         weir::process<tally>([](auto&, const reading&, tally& each) { return ++each.seen; });
    const weir::graph what("counted", counted | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 1) restore_everywhere(what, report, sink);
    std::map<key_type, std::uint64_t> counts;
    std::vector<weir::stamped<std::uint64_t>> wanted;
    for (const auto& each : arrivals(all, 5ns)) {
        const auto number = ++counts[std::invoke(key, each.record)];
        wanted.push_back({number, caused(each.at.time, each.at, what.number_of(counted.from().get()), 0)});
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
}

}  // namespace

TEST_CASE("key_by takes members and functions, of whatever can be a key", "[operators]") {
    const std::uint64_t seed = GENERATE(1U, 2U);
    CAPTURE(seed);
    check_counts(seed, &reading::key);
    check_counts(seed, &reading::note);
    check_counts(seed, &reading::at);
    check_counts(seed, [](const reading& each) { return each.amount % 2 == 0 ? parity::even : parity::odd; });
    check_counts(seed, [](const reading& each) { return place{each.key, each.note}; });
    check_counts(seed, [](const reading& each) { return std::tuple{each.key, each.amount % 3 == 0}; });
}

TEST_CASE("a member of a struct that is not described is a key, too", "[operators]") {
    const auto source = weir::memory(std::vector<undescribed>{{1, {}}, {2, {}}, {1, {}}});
    const auto keyed = source | weir::key_by(&undescribed::id);
    CHECK(keyed.key_name() == "key");
    const auto sink = weir::collect<std::uint64_t>();
    const auto counted = keyed | weir::process<tally>([](auto&, const undescribed&, tally& each) {
                             return ++each.seen;
                         });
    const auto report = run_everywhere(weir::graph("undescribed", counted | weir::into(sink)), 1);
    CHECK(report.output(sink) == std::vector<std::uint64_t>{1, 1, 2});
}

TEST_CASE("the last key_by counts, and key_by alone changes nothing", "[operators]") {
    const readings all = random_logs(1, {})[0];
    const auto sink = weir::collect<reading>();
    const auto keyed = weir::memory(all) | weir::key_by(&reading::note) | weir::key_by(&reading::key);
    CHECK(keyed.key_name() == "key");
    CHECK((weir::memory(all) | weir::key_by(&reading::note)).key_name() == "note");
    CHECK((weir::memory(all) | weir::key_by([](const reading& each) { return each.key; })).key_name() == "key");
    CHECK(weir::run(weir::graph("keyed", keyed | weir::into(sink)), weir::batch{.threads = 2}).output(sink) == all);
}
