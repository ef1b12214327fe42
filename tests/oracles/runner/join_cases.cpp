// SPDX-License-Identifier: Apache-2.0
// A case of an interval join: one log of both sides' records, whose watermark is the smaller of the two sides'.
#include <limits>
#include <optional>

#include <weir/operators/filter.hpp>
#include <weir/operators/interval_join.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/testing/script.hpp>

#include "verdict.hpp"

namespace weir_oracle {
namespace {

struct join_item {
    bool left = false;
    std::string key;
    std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(join_item, (), (left, key, value))

std::int64_t whole(const boost::json::value& of) { return of.to_number<std::int64_t>(); }
std::string text_of(const std::string& key, std::int64_t left, std::int64_t right, std::int64_t ts) {
    return key + " " + std::to_string(left) + "+" + std::to_string(right) + " at " + std::to_string(ts);
}

struct scenario {
    std::vector<weir::testing::script<join_item>::step> steps{};
    std::vector<std::size_t> step_of_record{};
    std::vector<step_output> wanted{};
};

scenario read(const boost::json::object& given) {
    scenario made;
    constexpr std::int64_t nothing = std::numeric_limits<std::int64_t>::min();
    std::int64_t marks[2] = {nothing, nothing};
    for (const auto& each : given.at("steps").as_array()) {
        const auto& step = each.as_object();
        const bool left = step.at("side").as_string() == "left";
        if (const auto* event = step.if_contains("event")) {
            const auto& its = event->as_object();
            made.step_of_record.push_back(made.wanted.size());
            join_item item{left, std::string(its.at("key").as_string()), whole(its.at("value"))};
            made.steps.push_back(weir::testing::at(units(whole(its.at("ts"))), std::move(item)));
        } else {
            std::int64_t& mark = marks[left ? 0 : 1];
            mark = std::max(mark, whole(step.at("watermark")));
            if (const std::int64_t both = std::min(marks[0], marks[1]); both != nothing) {
                made.steps.push_back(weir::testing::watermark(units(both)));
            }
        }
        step_output& wanted = made.wanted.emplace_back();
        for (const auto& one : step.at("joined").as_array()) {
            const auto& pair = one.as_object();
            wanted.results.insert(text_of(std::string(pair.at("key").as_string()), whole(pair.at("left")),
                                          whole(pair.at("right")), whole(pair.at("ts"))));
        }
        for (const auto& one : step.at("late").as_array()) wanted.late.insert(std::to_string(whole(one)));
    }
    return made;
}

}  // namespace

verdict join_case(const boost::json::object& given) {
    const scenario of = read(given);
    // An end that does not belong to the interval is one tick nearer.
    const auto end = [&](const char* name, const char* inclusive, std::int64_t nearer) {
        const auto* const belongs = given.if_contains(inclusive);
        const bool excluded = belongs != nullptr && !belongs->as_bool();
        return units(whole(given.at(name)) + (excluded ? nearer : 0));
    };
    const weir::duration lo = end("lower", "lower_inclusive", 1);
    const weir::duration hi = end("upper", "upper_inclusive", -1);
    if (lo > hi) throw unsupported{"an interval with nothing in it"};
    const auto log = weir::testing::source(weir::testing::script<join_item>(of.steps));
    const auto side = [&](bool left) {
        return log | weir::filter([left](const join_item& each) { return each.left == left; }) |
               weir::key_by(&join_item::key);
    };
    const auto pairs = weir::interval_join(side(true), side(false), weir::between(lo, hi));
    const auto results = weir::collect_stamped<weir::joined<join_item, join_item>>();
    const auto late_left = weir::collect_stamped<join_item>();
    const auto late_right = weir::collect_stamped<join_item>();
    const weir::graph what("case", pairs | weir::into(results), weir::late_left(pairs) | weir::into(late_left),
                           weir::late_right(pairs) | weir::into(late_right));
    std::optional<weir::run_report> first;
    verdict said;
    run_everywhere(what, [&](const weir::run_report& report, const std::string& how) {
        if (first) {
            const bool same = weir::testing::same_bits(first->output(results), report.output(results)) &&
                              weir::testing::same_bits(first->output(late_left), report.output(late_left)) &&
                              weir::testing::same_bits(first->output(late_right), report.output(late_right));
            if (!same && said.is == verdict::kind::ok) {
                said = {verdict::kind::fail, how + " gives something else than the event loop"};
            }
            return;
        }
        first = report;
        std::vector<step_output> got(of.wanted.size());
        const auto step = [&](const weir::stamp& at) -> step_output& {
            return got[of.step_of_record.at(at.at.position)];
        };
        for (const auto& [pair, at] : report.output(results)) {
            step(at).results.insert(text_of(pair.left.key, pair.left.value, pair.right.value,
                                            at.time.time_since_epoch().count()));
        }
        for (const auto* late : {&report.output(late_left), &report.output(late_right)}) {
            for (const auto& [item, at] : *late) step(at).late.insert(std::to_string(item.value));
        }
        said = compare(of.wanted, got);
    });
    const auto* const quirk = given.if_contains("quirk");
    if (said.is == verdict::kind::fail && quirk != nullptr && quirk->is_string()) {
        throw unsupported{"a boundary effect of the other engine: " + std::string(quirk->as_string())};
    }
    return said;
}

}  // namespace weir_oracle
