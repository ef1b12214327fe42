// SPDX-License-Identifier: Apache-2.0
// Chains in front of keyed stages: what comes out of them is looked up in groups, or one by one, by the size of chunks.
#include <weir/operators/keyed_groups.hpp>

#include <functional>
#include <map>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct account {
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (count))

// Counts per note, which is a key on the heap; accounts are dropped now and then, in the middle of a group.
const auto counting = weir::process<account>([](auto& context, const reading& each, account& state) {
    if (++state.count % 4 == 0) context.forget();
    return each.note + ": " + std::to_string(state.count) + " with " + std::to_string(each.amount);
});

reading renamed(const reading& each) {
    reading made = each;
    made.note += ", renamed";
    return made;
}
bool is_even(const reading& each) { return each.amount % 2 == 0; }
std::vector<reading> twice(const reading& each) { return {each, renamed(each)}; }

std::vector<std::string> expected(const logs& all, const std::function<std::vector<reading>(const reading&)>& steps) {
    std::map<std::string, std::int64_t> counts;
    std::vector<std::string> made;
    for (const auto& arrived : arrivals(all, 6ns)) {
        if (arrived.at.time < arrived.at.watermark()) continue;
        for (const reading& each : steps(arrived.record)) {
            std::int64_t& count = counts[each.note];
            made.push_back(each.note + ": " + std::to_string(++count) + " with " + std::to_string(each.amount));
            if (count % 4 == 0) counts.erase(each.note);
        }
    }
    return made;
}
template <class Sink> void check_results(const weir::run_report& report, const Sink& sink,
                                         const std::vector<std::string>& wanted) {
    std::vector<std::string> got;
    for (const auto& each : report.output(sink)) got.push_back(each.record);
    CHECK(got == wanted);
}

}  // namespace

TEST_CASE("keyed stages see what comes out of the chain before them", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 5U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 400, .keys = seed % 2 == 0 ? 5U : 300U});
    // The map makes copies of what stands in the log: those may be moved out.
    const auto timed = weir::memory_partitions(all) | weir::map([](const reading& each) { return each; }) |
                       weir::event_time(&reading::at, weir::out_of_order(6ns));
    const auto counted = [](auto from) { return from | weir::key_by(&reading::note) | counting; };
    const auto plain = weir::collect_stamped<std::string>();
    const auto filtered = weir::collect_stamped<std::string>();
    const auto mapped = weir::collect_stamped<std::string>();
    const auto both = weir::collect_stamped<std::string>();
    const auto expanded = weir::collect_stamped<std::string>();
    // The last consumer may move records out, the others may not: each kind of chain is in both places.
    const bool turned = seed > 2;
    const auto first = counted(timed | weir::filter(is_even)) | weir::into(filtered);
    const auto second = counted(timed) | weir::into(plain);
    const auto third = counted(timed | weir::filter(is_even) | weir::map(renamed)) | weir::into(both);
    const auto fourth = counted(timed | weir::flat_map(twice)) | weir::into(expanded);
    const auto last = counted(timed | weir::map(renamed)) | weir::into(mapped);
    const weir::graph what = turned ? weir::graph("chains", last, fourth, third, second, first)
                                    : weir::graph("chains", first, second, third, fourth, last);
    const weir::run_report report = run_everywhere(what, seed, plain, filtered, mapped, both, expanded);
    check_results(report, plain, expected(all, [](const reading& each) { return std::vector{each}; }));
    check_results(report, mapped, expected(all, [](const reading& each) { return std::vector{renamed(each)}; }));
    check_results(report, expanded, expected(all, twice));
    check_results(report, filtered, expected(all, [](const reading& each) {
        return is_even(each) ? std::vector{each} : std::vector<reading>{};
    }));
    check_results(report, both, expected(all, [](const reading& each) {
        return is_even(each) ? std::vector{renamed(each)} : std::vector<reading>{};
    }));
}
