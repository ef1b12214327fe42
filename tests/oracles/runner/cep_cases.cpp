// SPDX-License-Identifier: Apache-2.0
// A case of a pattern: one log of events, and what came out as time went on. Cases of the automaton alone, which was
// fed event by event, have one key; what they say at a time is compared together.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/match.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/testing/script.hpp>

#include "cep_pattern.hpp"
#include "verdict.hpp"

namespace weir_oracle {
namespace {

using boost::json::array;
using boost::json::object;

struct found_match {
    std::string stages;
};
BOOST_DESCRIBE_STRUCT(found_match, (), (stages))

std::int64_t whole(const boost::json::value& of) { return of.to_number<std::int64_t>(); }

// How an event is told: by its place, or where equal ones occur by its fields.
struct teller {
    bool by_fields = false;
    std::map<std::int64_t, std::string> texts{};
    [[nodiscard]] std::string tell(std::int64_t place) const {
        return by_fields ? texts.at(place) : std::to_string(place);
    }
};

std::string text_of(const object& stages, const teller& tells) {
    std::map<std::string, std::string> parts;
    for (const auto& each : stages) {
        std::string& text = parts[std::string(each.key())];
        for (const auto& place : each.value().as_array()) text += " " + tells.tell(whole(place));
    }
    std::string text;
    for (const auto& [name, places] : parts) text += (text.empty() ? "" : ",") + name + places;
    return text;
}
std::string timed_out_text(const object& of, std::int64_t time, const teller& tells) {
    return text_of(of.at("stages").as_object(), tells) + " at " + std::to_string(time);
}
std::string text_of(const weir::pattern_chain<cep_event>& match, const teller& tells) {
    std::map<std::string, std::string> parts;
    for (std::uint32_t i = 0; i < match.image().stages.size(); ++i) {
        for (const cep_event& each : match.events(i)) parts[match.image().stages[i]] += " " + tells.tell(each.i);
    }
    std::string text;
    for (const auto& [name, places] : parts) text += (text.empty() ? "" : ",") + name + places;
    return text;
}

cep_event event_of(const object& given) {
    cep_event made;
    made.i = whole(given.at("i"));
    if (const auto* key = given.if_contains("key")) made.key = whole(*key);
    made.name = std::string(given.at("name").as_string());
    made.price = given.at("price").to_number<double>();
    made.ts = whole(given.at("ts"));
    if (const auto* sub = given.if_contains("sub")) made.sub = sub->is_bool() && sub->as_bool();
    return made;
}

struct scenario {
    std::vector<weir::testing::script<cep_event>::step> steps{};
    std::vector<std::size_t> step_of_record{};
    std::map<std::int64_t, std::size_t> step_of_time{};  // what is due up to this time comes at this step
    std::vector<step_output> wanted{};
    teller tells{};
    bool refused = false;        // the other engine throws
    bool tells_timed_out = false;  // the case says what timed out

    [[nodiscard]] step_output& at_time(std::vector<step_output>& all, std::int64_t time) const {
        const auto found = step_of_time.lower_bound(time);
        return found == step_of_time.end() ? beyond_ : all[found->second];
    }

  private:
    mutable step_output beyond_{};  // after the last step of the case
};

scenario read_automaton_case(const object& given) {
    scenario made;
    std::map<std::int64_t, const object*> events;
    std::vector<std::int64_t> times;
    const auto* const ambiguous = given.if_contains("ambiguous_identity");
    made.tells.by_fields = ambiguous != nullptr && ambiguous->is_bool() && ambiguous->as_bool();
    for (const auto& each : given.at("events").as_array()) {
        const auto& event = each.as_object();
        events[whole(event.at("i"))] = &event;
        made.tells.texts[whole(event.at("i"))] =
            std::string(event.at("name").as_string()) + boost::json::serialize(event.at("price"));
    }
    const auto* const error = given.if_contains("expect_error");
    made.refused = error != nullptr && !error->is_null();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    std::vector<std::int64_t> time_of_event;
    for (const auto& each : given.at("steps").as_array()) {
        const auto& step = each.as_object();
        if (const auto* advance = step.if_contains("advance_time")) {
            const std::int64_t now = whole(*advance);
            if (now < last) throw unsupported{"time that goes back"};
            last = now;
        } else {
            const cep_event event = event_of(*events.at(whole(step.at("event"))));
            if (event.ts != last) throw unsupported{"an event that the automaton's time has not come to"};
            made.steps.push_back(weir::testing::watermark(units(event.ts)));
            made.steps.push_back(weir::testing::at(units(event.ts), event));
            time_of_event.push_back(event.ts);
        }
        if (made.step_of_time.try_emplace(last, made.wanted.size()).second) made.wanted.emplace_back();
        times.push_back(last);
    }
    for (const auto& one : given.at("matches").as_array()) {
        const auto& match = one.as_object();
        const auto place = static_cast<std::size_t>(whole(match.at("at")));
        // An event that is being processed, or how many have been when time went on.
        const bool by_event = match.at("on").as_string() == "event";
        const std::int64_t time = by_event ? time_of_event.at(place)
                                  : place < time_of_event.size() ? time_of_event[place] : last;
        made.at_time(made.wanted, time).results.insert(text_of(match.at("stages").as_object(), made.tells));
    }
    const auto* const timed_out = given.if_contains("timed_out");
    made.tells_timed_out = timed_out != nullptr && timed_out->is_array() && !made.tells.by_fields;
    if (made.tells_timed_out) {
        for (const auto& one : timed_out->as_array()) {
            const std::int64_t time = whole(one.as_object().at("timeout_ts"));
            made.at_time(made.wanted, time).timed_out.insert(timed_out_text(one.as_object(), time, made.tells));
        }
    }
    return made;
}

scenario read_operator_case(const object& given) {
    scenario made;
    for (const auto& each : given.at("steps").as_array()) {
        const auto& step = each.as_object();
        if (const auto* event = step.if_contains("event")) {
            const cep_event its = event_of(event->as_object());
            made.step_of_record.push_back(made.wanted.size());
            made.steps.push_back(weir::testing::at(units(its.ts), its));
        } else {
            // Nothing up to it follows, says theirs; nothing below, says ours.
            const std::int64_t mark = whole(step.at("watermark"));
            made.steps.push_back(weir::testing::watermark(units(mark + 1)));
            made.step_of_time.try_emplace(mark, made.wanted.size());
        }
        step_output& wanted = made.wanted.emplace_back();
        for (const auto& one : step.at("matches").as_array()) {
            wanted.results.insert(text_of(one.as_object().at("stages").as_object(), made.tells));
        }
        for (const auto& one : step.at("timed_out").as_array()) {
            const std::int64_t time = whole(one.as_object().at("ts"));
            wanted.timed_out.insert(timed_out_text(one.as_object(), time, made.tells));
        }
        for (const auto& one : step.at("late").as_array()) wanted.late.insert(std::to_string(whole(one)));
    }
    made.tells_timed_out = given.at("pattern").as_object().at("within").is_int64();
    return made;
}

std::multiset<std::string> all_results(const std::vector<step_output>& of) {
    std::multiset<std::string> all;
    for (const auto& each : of) all.insert(each.results.begin(), each.results.end());
    return all;
}

// Why a difference is none that weir would mend; empty if it is one.
std::string why_argued(const object& pattern, const std::vector<step_output>& wanted,
                       const std::vector<step_output>& got, bool keyed) {
    if (std::string known = argued_difference(pattern); !known.empty()) return known;
    const auto ours = all_results(got);
    const auto theirs = all_results(wanted);
    if (pattern.at("skip").as_object().at("type").as_string() != "no_skip" && ours.size() == theirs.size()) {
        return "which of matches that begin alike is preferred";
    }
    const auto& last = pattern.at("stages").as_array().back().as_object();
    const bool ends_absent = last.at("contiguity").as_string() == "not_followed_by";
    if (ours == theirs && ends_absent && !keyed) return "a match that more repetitions could have prolonged";
    if (keyed && (ours == theirs || ends_absent) &&
        std::includes(ours.begin(), ours.end(), theirs.begin(), theirs.end())) {
        return "time that passes for a key without events";
    }
    return {};
}

verdict run_scenario(const object& given, const scenario& of) {
    const auto& pattern = given.at("pattern").as_object();
    const cep_pattern its(pattern);
    const auto log = weir::testing::source(weir::testing::script<cep_event>(of.steps));
    const auto tell = [&of](const weir::pattern_chain<cep_event>& match) {
        return found_match{text_of(match, of.tells)};
    };
    const auto matches = log | weir::key_by(&cep_event::key) |
                         weir::match(its, tell, weir::on_time_out(tell));
    const auto results = weir::collect_stamped<found_match>();
    const auto timed_out = weir::collect_stamped<found_match>();
    const auto late = weir::collect_stamped<cep_event>();
    const weir::graph what("case", matches | weir::into(results), weir::timed_out(matches) | weir::into(timed_out),
                           weir::late(matches) | weir::into(late));
    std::optional<weir::run_report> first;
    std::vector<step_output> got(of.wanted.size());
    verdict said;
    run_everywhere(what, [&](const weir::run_report& report, const std::string& how) {
        if (first) {
            const bool same = weir::testing::same_bits(first->output(results), report.output(results)) &&
                              weir::testing::same_bits(first->output(timed_out), report.output(timed_out)) &&
                              weir::testing::same_bits(first->output(late), report.output(late));
            if (!same && said.is == verdict::kind::ok) {
                said = {verdict::kind::fail, how + " gives something else than the event loop"};
            }
            return;
        }
        first = report;
        for (const auto& [match, at] : report.output(results)) {
            of.at_time(got, at.time.time_since_epoch().count()).results.insert(match.stages);
        }
        for (const auto& [match, at] : report.output(timed_out)) {
            if (!of.tells_timed_out) break;
            const std::int64_t time = at.time.time_since_epoch().count();
            of.at_time(got, time).timed_out.insert(match.stages + " at " + std::to_string(time));
        }
        for (const auto& [event, at] : report.output(late)) {
            got[of.step_of_record.at(at.at.position)].late.insert(std::to_string(event.i));
        }
    });
    if (said.is == verdict::kind::ok) {
        said = compare(of.wanted, got);
        if (said.is == verdict::kind::fail) {
            const std::string why = why_argued(pattern, of.wanted, got, !of.step_of_record.empty());
            if (!why.empty()) {
                throw unsupported{why + ": " + said.why};
            }
        }
    }
    return said;
}

}  // namespace

verdict cep_case(const object& given) {
    const scenario of = given.contains("events") ? read_automaton_case(given) : read_operator_case(given);
    try {
        const verdict said = run_scenario(given, of);
        return of.refused ? verdict{verdict::kind::fail, "expected an error, got none"} : said;
    } catch (const weir::error& refused) {
        if (of.refused && refused.kind() == weir::error_kind::user) return {};
        // What weir asks for by name: a bound in time, where the other engine takes none.
        if (refused.kind() == weir::error_kind::configuration) throw unsupported{refused.what()};
        return {verdict::kind::fail, refused.what()};
    }
}

}  // namespace weir_oracle
