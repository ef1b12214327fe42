// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/sample.hpp>

#include <limits>
#include <set>

#include <weir/flow/explain.hpp>
#include <weir/flow/stage.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

enum class color { red, green, blue };

// Which of the numbers below `count` are kept.
std::set<std::uint64_t> kept_of(double fraction, std::uint64_t count) {
    const auto sink = weir::collect<std::uint64_t>();
    const auto numbers = weir::generate(count, [](std::uint64_t i) { return i; }) |
                         weir::sample(fraction, [](std::uint64_t each) { return each; });
    const auto report = weir::run(weir::graph("kept", numbers | weir::into(sink)), weir::batch{});
    return {report.output(sink).begin(), report.output(sink).end()};
}

}  // namespace

TEST_CASE("sample keeps all records of a value or none, with their stamps, in every run", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.partitions = 3, .keys = 40});
    const auto sink = weir::collect_stamped<reading>();
    const auto sampled = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                         weir::sample(0.5, &reading::key);
    const weir::graph what("kept", sampled | weir::named("sampled", weir::into(sink)));
    CHECK(weir::explain(what).find("sample") != std::string::npos);
    const auto report = run_everywhere(what, seed, sink);
    if (seed == 1) restore_everywhere(what, report, sink);

    std::set<std::uint32_t> in;
    for (const auto& each : report.output(sink)) in.insert(each.record.key);
    std::vector<weir::stamped<reading>> wanted;
    std::size_t records = 0;
    for (const auto& each : arrivals(all, 5ns)) {
        ++records;
        if (in.contains(each.record.key)) wanted.push_back(each);
    }
    REQUIRE(difference(wanted, report.output(sink)) == "");
    CHECK(report.of("sampled").filtered == records - wanted.size());
    CHECK(report.balanced());
}

TEST_CASE("sample keeps about its fraction of the values, from every shard, and nests", "[operators]") {
    constexpr std::uint64_t count = 100'000;
    CHECK(kept_of(0, 1'000).empty());
    CHECK(kept_of(1, 1'000).size() == 1'000);
    std::set<std::uint64_t> smaller;
    for (const double fraction : {0.001, 0.01, 0.25, 0.5, 0.99}) {
        CAPTURE(fraction);
        const auto kept = kept_of(fraction, count);
        const double deviation = std::sqrt(count * fraction * (1 - fraction));
        CHECK(std::abs(static_cast<double>(kept.size()) - count * fraction) < 5 * deviation);
        CHECK(std::includes(kept.begin(), kept.end(), smaller.begin(), smaller.end()));
        smaller = kept;
    }
    std::vector<int> of_shard(weir::shard_count);
    for (const std::uint64_t each : kept_of(0.1, count)) ++of_shard[weir::shard_of(weir::stable_hash(each))];
    CHECK(*std::min_element(of_shard.begin(), of_shard.end()) > 30);  // of about 78
}

TEST_CASE("who is in a sample never changes", "[operators]") {
    CHECK(kept_of(0.1, 60) == std::set<std::uint64_t>{10, 19, 25, 29, 40, 45, 48, 51});
}

TEST_CASE("sample goes by texts, enums, times and whatever else a key can be", "[operators]") {
    const readings all = random_logs(3, {.keys = 30})[0];
    const auto same = [&](auto of) {
        const auto sink = weir::collect<reading>();
        const auto report = weir::run(
            weir::graph("of", weir::memory(all) | weir::sample(0.5, of) | weir::into(sink)), weir::batch{.chunk = 7});
        readings in = report.output(sink);
        CHECK_FALSE(in.empty());
        CHECK(in.size() < all.size());
        for (const reading& each : in) {
            const auto twins = std::count_if(all.begin(), all.end(), [&](const reading& other) {
                return std::invoke(of, other) == std::invoke(of, each);
            });
            CHECK(twins == std::count_if(in.begin(), in.end(), [&](const reading& other) {
                return std::invoke(of, other) == std::invoke(of, each);
            }));
        }
        return in;
    };
    const readings by_text = same(&reading::note);
    CHECK(by_text == same([](const reading& each) { return std::string_view{each.note}; }));
    same(&reading::at);
    same([](const reading& each) { return std::pair{each.key, each.note}; });
    const auto colors = weir::sample(1, [](color each) { return each; });
    const auto sink = weir::collect<color>();
    CHECK(weir::run(weir::graph("colors", weir::memory({color::red, color::blue}) | colors | weir::into(sink)),
                    weir::batch{}).output(sink).size() == 2);
}

TEST_CASE("a fraction is between 0 and 1", "[operators]") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double wrong : {-0.1, 1.5, nan, -nan, std::numeric_limits<double>::infinity()}) {
        require_refused([&] { static_cast<void>(weir::sample(wrong, &reading::key)); },
                        "a fraction is between 0 and 1");
    }
    CHECK_NOTHROW(weir::sample(-0.0, &reading::key));
}
