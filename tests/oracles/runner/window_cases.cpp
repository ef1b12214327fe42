// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <sstream>

#include <weir/operators/aggregate.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/split.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/testing/script.hpp>

#include "window_cases.hpp"

namespace weir_oracle {
namespace {

BOOST_DESCRIBE_STRUCT(window_item, (), (key, value, at))

// The records of a window, in the order in which they came.
struct gathered {
    using state_type = std::vector<window_item>;
    static constexpr bool commutes = true;  // its results are compared as multisets
    [[nodiscard]] state_type create() const { return {}; }
    void add(state_type& state, const window_item& each) const { state.push_back(each); }
    void merge(state_type& state, const state_type& other) const {
        state.insert(state.end(), other.begin(), other.end());
    }
    [[nodiscard]] state_type result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "records"; }
};

// Flink's watermark w says that no record with a time of up to w follows; weir's, that none below it does.
weir::timestamp watermark_of(std::int64_t theirs) {
    return weir::saturating_add(weir::timestamp{units(theirs)}, weir::one_tick);
}

// What is known of each window in the end. A session is known by the largest extent that it was said with.
struct known_window {
    std::int64_t start, end;
    std::multiset<std::string> values;
};
std::map<std::string, std::vector<known_window>> known_in(const std::vector<step_output>& steps, bool discards) {
    std::map<std::string, std::vector<known_window>> all;
    for (const step_output& step : steps) {
        for (const std::string& each : step.results) {
            // "x [13, 15) {1 2}", "x all {1}", or what a function of the case's own made.
            const std::size_t content = each.find(" {");
            if (content == std::string::npos) {
                all[each];
                continue;
            }
            known_window said{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), {}};
            if (const std::size_t place = each.find(" ["); place != std::string::npos) {
                said.start = std::stoll(each.substr(place + 2));
                said.end = std::stoll(each.substr(each.find(", ", place) + 2));
            }
            std::istringstream values(each.substr(content + 2, each.size() - content - 3));
            for (std::string one; values >> one;) said.values.insert(one);
            auto& of_key = all[each.substr(0, each.find(' '))];
            for (auto other = of_key.begin(); other != of_key.end();) {
                const bool holds = said.start <= other->start && other->end <= said.end;
                const bool held = other->start <= said.start && said.end <= other->end;
                if (!holds && !held) {
                    ++other;
                    continue;
                }
                said.start = std::min(said.start, other->start);
                said.end = std::max(said.end, other->end);
                if (discards) said.values.insert(other->values.begin(), other->values.end());
                other = of_key.erase(other);
            }
            of_key.push_back(said);
        }
    }
    for (auto& [key, windows] : all) {
        std::sort(windows.begin(), windows.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    }
    return all;
}
// The decision is argued in tests/oracles/README.md: such a case need not agree when it says something, but in what is
// known of every window in the end, and in what is late.
verdict judge_continuous(const window_scenario& of, const std::vector<step_output>& got, const verdict& otherwise) {
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (got[i].late != of.wanted[i].late) return otherwise;
    }
    const auto same = [](const known_window& a, const known_window& b) {
        return a.start == b.start && a.end == b.end && a.values == b.values;
    };
    const auto theirs = known_in(of.wanted, of.setting.discards);
    const auto ours = known_in(got, of.setting.discards);
    const auto same_key = [&](const auto& a, const auto& b) {
        return a.first == b.first &&
               std::equal(a.second.begin(), a.second.end(), b.second.begin(), b.second.end(), same);
    };
    if (!std::equal(theirs.begin(), theirs.end(), ours.begin(), ours.end(), same_key)) return otherwise;
    return {verdict::kind::unsupported,
            "a continuous trigger that says things twice, or counts from the epoch; what is known of every window in "
            "the end is the same"};
}

// Whether some record's own window is just the extent that several joined sessions had: the other engine then forgets
// what they held (its map from windows to states loses the entry), as cases with gaps by record show.
bool forgets_joined_sessions(const window_scenario& of) {
    struct session {
        std::int64_t start, end;
        bool joined;
    };
    if (of.setting.windows != window_setting::kind::session_by_record) return false;
    std::map<std::string, std::vector<session>> all;
    for (const window_step& each : of.steps) {
        if (!each.record) continue;
        const std::int64_t at = each.record->at.time_since_epoch().count();
        session made{at, at + of.setting.gap_of(*each.record).count(), false};
        auto& of_key = all[each.record->key];
        for (auto other = of_key.begin(); other != of_key.end();) {
            if (other->start > made.end || other->end < made.start) {
                ++other;
                continue;
            }
            if (other->joined && other->start == made.start && other->end == made.end) return true;
            const bool same = other->start == made.start && other->end == made.end && !other->joined;
            made = {std::min(made.start, other->start), std::max(made.end, other->end), !same};
            other = of_key.erase(other);
        }
        of_key.push_back(made);
    }
    return false;
}

class scenario_run {
  public:
    explicit scenario_run(const window_scenario& of) : of_(of), script_(make_script()) {}

    template <class Windowing> verdict by(const Windowing& windowing) {
        const auto rows = weir::testing::source(script_) | weir::key_by(&window_item::key) | windowing |
                          weir::aggregate(gathered{});
        const auto results = weir::collect_stamped<window_row>();
        const auto late = weir::collect_stamped<window_item>();
        const weir::graph what("case", rows | weir::into(results), weir::late(rows) | weir::into(late));
        std::optional<weir::run_report> first;
        verdict said;
        run_everywhere(what, [&](const weir::run_report& report, const std::string& how) {
            if (!first) {
                first = report;
                const auto got = outputs(report.output(results), report.output(late));
                said = compare(of_.wanted, got);
                if (said.is == verdict::kind::fail && of_.setting.continuous) said = judge_continuous(of_, got, said);
                if (said.is == verdict::kind::fail && forgets_joined_sessions(of_)) {
                    said = {verdict::kind::unsupported, "the other engine forgets what joined sessions held when a "
                                                        "record's own is as large: " + said.why};
                }
            } else if (said.is == verdict::kind::ok &&
                       (!weir::testing::same_bits(first->output(results), report.output(results)) ||
                        !weir::testing::same_bits(first->output(late), report.output(late)))) {
                said = {verdict::kind::fail, how + " gives something else than the event loop"};
            }
        });
        return said;
    }

  private:
    using script_type = weir::testing::script<window_item>;

    [[nodiscard]] script_type make_script() {
        std::vector<script_type::step> steps;
        std::int64_t highest = std::numeric_limits<std::int64_t>::min();
        for (std::size_t i = 0; i < of_.steps.size(); ++i) {
            const window_step& each = of_.steps[i];
            if (each.record) {
                steps.push_back(weir::testing::at(each.record->at.time_since_epoch(), *each.record));
                step_of_record_.push_back(i);
            } else {
                highest = std::max(highest, each.watermark);
                steps.push_back(weir::testing::watermark(watermark_of(highest).time_since_epoch()));
                watermarks_.push_back({watermark_of(highest), i});
            }
        }
        return script_type(steps);
    }
    [[nodiscard]] std::optional<std::size_t> step_of(const weir::stamp& at) const {
        if (!at.at.from.triggered()) return step_of_record_.at(at.at.position);
        for (const auto& [watermark, step] : watermarks_) {
            if (watermark > at.time) return step;
        }
        return {};  // at the end of all input, which a case does not have
    }
    [[nodiscard]] std::vector<step_output> outputs(const std::vector<weir::stamped<window_row>>& results,
                                                   const std::vector<weir::stamped<window_item>>& late) const {
        std::vector<step_output> made(of_.steps.size());
        for (const auto& [row, at] : results) {
            const auto step = step_of(at);
            if (!step) continue;
            for (const std::string& each : of_.texts_of(row)) made[*step].results.insert(each);
        }
        if (!of_.says_late) return made;
        for (const auto& [item, at] : late) made[step_of(at).value()].late.insert(of_.late_text(item));
        return made;
    }

    const window_scenario& of_;
    std::vector<std::size_t> step_of_record_;
    std::vector<std::pair<weir::timestamp, std::size_t>> watermarks_;
    script_type script_;
};

// Windows of one kind, with what else the case asks for.
template <class Windows> verdict check(scenario_run& runs, const window_setting& how, const Windows& windows) {
    const weir::allowed_lateness late(how.lateness);
    const auto keeps = how.discards ? weir::discarding : weir::accumulating;
    const auto with = [&](const auto& evictor) {
        return runs.by(weir::window(windows, late, how.says, keeps, how.evicts_after ? evictor.after() : evictor));
    };
    using forgets = window_setting::forgets;
    switch (how.evictor) {
        case forgets::all_but_last: return with(weir::evict::all_but_last(static_cast<std::uint64_t>(how.evicts)));
        case forgets::older_than: return with(weir::evict::older_than(units(how.evicts)));
        case forgets::apart:
            return with(weir::evict::apart(
                [](const window_item& each, const window_item& last) { return last.value - each.value; }, how.evicts));
        case forgets::nothing: break;
    }
    return runs.by(weir::window(windows, late, how.says, keeps));
}

verdict check(const window_scenario& of) {
    const window_setting& how = of.setting;
    scenario_run runs(of);
    using kind = window_setting::kind;
    switch (how.windows) {
        case kind::session: return check(runs, how, weir::session(how.gap));
        case kind::session_by_record: return check(runs, how, weir::session(how.gap_of));
        case kind::global: return check(runs, how, weir::global());
        case kind::tumbling:
        case kind::sliding: break;
    }
    const auto grid = how.windows == kind::tumbling ? weir::tumbling(how.size, how.offset)
                                                    : weir::sliding(how.size, how.slide, how.offset);
    const verdict one_by_one = check(runs, how, grid.with_gaps());
    const bool plain = how.says.text().empty() && !how.discards && grid.slide <= grid.size &&
                       how.evictor == window_setting::forgets::nothing;
    if (!plain || one_by_one.is != verdict::kind::ok) return one_by_one;
    return runs.by(weir::window(grid, weir::allowed_lateness(how.lateness)));
}

}  // namespace

verdict window_case(const boost::json::object& given) {
    return check(given.contains("config") ? read_unit(given) : read_generated(given));
}

}  // namespace weir_oracle
