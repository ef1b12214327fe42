// SPDX-License-Identifier: Apache-2.0
// The two schemas in which cases of windows are written.
#include <algorithm>
#include <cmath>

#include <weir/operators/windowed.hpp>
#include <weir/time/timestamp.hpp>

#include "window_cases.hpp"

namespace weir_oracle {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::int64_t whole(const value& of) { return of.to_number<std::int64_t>(); }
std::int64_t whole(const object& of, const char* name) { return whole(of.at(name)); }
std::int64_t whole_or(const object& of, const char* name, std::int64_t otherwise) {
    const value* const found = of.if_contains(name);
    return found == nullptr || found->is_null() ? otherwise : whole(*found);
}
std::string text(const value& of) { return std::string(of.as_string()); }
std::int64_t count(weir::timestamp at) { return at.time_since_epoch().count(); }

std::string joined(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    std::string all;
    for (const std::int64_t each : values) all += (all.empty() ? "" : " ") + std::to_string(each);
    return all;
}
std::string fired_text(const std::string& key, const std::string& place, const std::vector<std::int64_t>& values) {
    return key + " " + place + " {" + joined(values) + "}";
}
std::string place_text(std::int64_t start, std::int64_t end) {
    return "[" + std::to_string(start) + ", " + std::to_string(end) + ")";
}

void set_trigger(window_setting& to, const object& trigger) {
    const std::string type = text(trigger.at("type"));
    if (type == "purging") {
        to.discards = true;
        return set_trigger(to, trigger.at("of").as_object());
    }
    if (type == "event_time") return;
    if (type == "count") {
        to.says = weir::emit::after(static_cast<std::uint64_t>(whole(trigger, "n"))).without_end();
    } else if (type == "continuous_event_time") {
        to.says = weir::emit::every(units(whole(trigger, "interval")));
        to.continuous = true;
    } else {
        throw unsupported{"a trigger of type " + type};
    }
}

}  // namespace

window_scenario read_generated(const object& given) {
    window_scenario made;
    window_setting& how = made.setting;
    const object& assigner = given.at("assigner").as_object();
    const std::string type = text(assigner.at("type"));
    using kind = window_setting::kind;
    if (type == "tumbling" || type == "sliding") {
        how.windows = type == "tumbling" ? kind::tumbling : kind::sliding;
        how.size = units(whole(assigner, "size"));
        how.slide = units(whole_or(assigner, "slide", 0));
        how.offset = units(whole_or(assigner, "offset", 0));
    } else if (type == "session") {
        how.windows = kind::session;
        how.gap = units(whole(assigner, "gap"));
    } else if (type == "session_dynamic") {
        how.windows = kind::session_by_record;
        how.gap_of = [](const window_item& each) { return units(2 + each.value % 5); };
    } else if (type == "global") {
        how.windows = kind::global;
    } else {
        throw unsupported{"windows of type " + type};
    }
    how.lateness = units(whole_or(given, "allowed_lateness", 0));
    set_trigger(how, given.at("trigger").as_object());
    const bool global = how.windows == kind::global;
    made.texts_of = [global](const window_row& row) {
        std::vector<std::int64_t> values;
        for (const window_item& each : row.get<0>()) values.push_back(each.value);
        return std::vector{fired_text(row.key, global ? "all" : place_text(count(row.start), count(row.end)), values)};
    };
    made.late_text = [](const window_item& each) { return std::to_string(each.value); };
    for (const value& each : given.at("steps").as_array()) {
        const object& step = each.as_object();
        if (const value* const event = step.if_contains("event")) {
            const object& its = event->as_object();
            made.steps.push_back({window_item{text(its.at("key")), whole(its, "value"),
                                              weir::timestamp{units(whole(its, "ts"))}}});
        } else {
            made.steps.push_back({{}, whole(step, "watermark")});
        }
        step_output& wanted = made.wanted.emplace_back();
        for (const value& fired : step.at("fired").as_array()) {
            const object& its = fired.as_object();
            std::vector<std::int64_t> values;
            for (const value& one : its.at("values").as_array()) values.push_back(whole(one));
            wanted.results.insert(fired_text(
                text(its.at("key")),
                its.at("start").is_null() ? "all" : place_text(whole(its, "start"), whole(its, "end")), values));
        }
        for (const value& late : step.at("late").as_array()) wanted.late.insert(std::to_string(whole(late)));
    }
    return made;
}

namespace {

// "key1 -> 3000; key2 with value 10 -> 1000; key2 otherwise -> 2000"
std::function<weir::duration(const window_item&)> read_gaps(const std::string& rules) {
    struct rule {
        std::string key;
        std::optional<std::int64_t> value;
        std::int64_t gap;
    };
    std::vector<rule> all;
    for (std::size_t begin = 0; begin < rules.size();) {
        const std::size_t end = std::min(rules.find(';', begin), rules.size());
        const std::string one = rules.substr(begin, end - begin);
        const std::size_t arrow = one.find("->");
        const std::size_t key = one.find_first_not_of(' ');
        if (arrow == std::string::npos) throw unsupported{"a gap given as '" + rules + "'"};
        rule made{one.substr(key, one.find(' ', key) - key), {}, std::stoll(one.substr(arrow + 2))};
        constexpr std::string_view with = "with value ";
        if (const auto place = one.find(with); place != std::string::npos) {
            made.value = std::stoll(one.substr(place + with.size()));
        }
        all.push_back(made);
        begin = end + 1;
    }
    return [all, rules](const window_item& each) {
        for (const rule& one : all) {
            if (one.key == each.key && (!one.value || *one.value == each.value)) return units(one.gap);
        }
        throw unsupported{"a gap given as '" + rules + "'"};
    };
}

void set_unit_trigger(window_setting& to, const object& trigger) {
    const std::string type = text(trigger.at("class"));
    if (type == "PurgingTrigger") {
        to.discards = true;
        const std::string nested = text(trigger.at("nestedTrigger"));
        if (nested == "EventTimeTrigger()") return;
        const auto open = nested.find("CountTrigger(");
        if (open == std::string::npos) throw unsupported{"a purging trigger around " + nested};
        to.says = weir::emit::after(std::stoull(nested.substr(open + 13))).without_end();
    } else if (type == "CountTrigger") {
        to.says = weir::emit::after(static_cast<std::uint64_t>(whole(trigger, "maxCount"))).without_end();
    } else if (type == "ContinuousEventTimeTrigger") {
        to.says = weir::emit::every(units(whole(trigger, "interval")));
        to.continuous = true;
    } else if (type != "EventTimeTrigger") {
        throw unsupported{type + ": processing time and triggers of Flink's own are not deterministic, or others"};
    }
}

void set_evictor(window_setting& to, const object& evictor) {
    const std::string type = text(evictor.at("class"));
    using forgets = window_setting::forgets;
    if (type == "DeltaEvictor") {
        if (text(evictor.at("deltaFunction")) != "new.value - old.value") throw unsupported{"another delta function"};
        to.evictor = forgets::apart;
        const double threshold = evictor.at("threshold").to_number<double>();
        to.evicts = static_cast<std::int64_t>(std::ceil(threshold));  // of differences that are whole numbers
    } else if (type == "TimeEvictor") {
        to.evictor = forgets::older_than;
        to.evicts = whole(evictor, "windowSize");
    } else if (type == "CountEvictor") {
        to.evictor = forgets::all_but_last;
        to.evicts = whole(evictor, "maxCount");
    } else {
        throw unsupported{"an evictor that is a " + type};
    }
    const value* const after = evictor.if_contains("doEvictAfter");
    to.evicts_after = after != nullptr && (after->is_bool() ? after->as_bool() : text(*after) == "true");
}

// ["key2-5", 1000, 11500] is said as "key2 [1000, 11500) {5}", all else as it stands.
std::string wanted_text(const value& out) {
    const array& parts = out.as_array();
    if (parts.size() != 3) return boost::json::serialize(out);
    const std::string key_and_sum = text(parts[0]);
    const std::size_t dash = key_and_sum.rfind('-');
    return key_and_sum.substr(0, dash) + " " + place_text(whole(parts[1]), whole(parts[2])) + " {" +
           key_and_sum.substr(dash + 1) + "}";
}

// How the function of the case's own says what is in a window.
std::function<std::vector<std::string>(const window_row&)> texts_by(const std::string& function) {
    const auto sum = [](const window_row& row) {
        std::int64_t all = 0;
        for (const window_item& each : row.get<0>()) all += each.value;
        return std::to_string(all);
    };
    if (function.find("SessionWindowFunction") != std::string::npos || function == "SessionProcessWindowFunction") {
        return [sum](const window_row& row) {
            return std::vector{row.key + " " + place_text(count(row.start), count(row.end)) + " {" + sum(row) + "}"};
        };
    }
    if (function == "PassThroughFunction") {
        return [](const window_row& row) {
            std::vector<std::string> all;
            for (const window_item& each : row.get<0>()) {
                all.push_back("[\"" + each.key + "\"," + std::to_string(each.value) + "]");
            }
            return all;
        };
    }
    return [sum](const window_row& row) { return std::vector{"[\"" + row.key + "\"," + sum(row) + "]"}; };
}

}  // namespace

window_scenario read_unit(const object& given) {
    window_scenario made;
    window_setting& how = made.setting;
    const object& config = given.at("config").as_object();
    if (config.contains("evictor") && !config.at("evictor").is_null()) {
        set_evictor(how, config.at("evictor").as_object());
    }
    const object& assigner = config.at("assigner").as_object();
    const std::string type = text(assigner.at("class"));
    using kind = window_setting::kind;
    if (type == "TumblingEventTimeWindows") {
        how.windows = kind::tumbling;
        how.size = units(whole(assigner, "size"));
        how.offset = units(whole_or(assigner, "globalOffset", 0));
    } else if (type == "SlidingEventTimeWindows") {
        how.windows = kind::sliding;
        how.size = units(whole(assigner, "size"));
        how.slide = units(whole(assigner, "slide"));
        how.offset = units(whole_or(assigner, "offset", 0));
    } else if (type == "EventTimeSessionWindows") {
        how.windows = kind::session;
        how.gap = units(whole(assigner, "sessionTimeout"));
    } else if (type == "DynamicEventTimeSessionWindows") {
        how.windows = kind::session_by_record;
        how.gap_of = read_gaps(text(assigner.at("gap_by_element")));
    } else if (type == "GlobalWindows") {
        how.windows = kind::global;
    } else {
        throw unsupported{type + ": processing time is not deterministic"};
    }
    how.lateness = units(whole_or(config, "allowed_lateness", 0));
    set_unit_trigger(how, config.at("trigger").as_object());
    made.texts_of = texts_by(text(config.at("user_function")));
    made.late_text = [](const window_item& each) {
        return "[\"" + each.key + "\"," + std::to_string(each.value) + "]";
    };
    made.says_late = config.at("late_side_output").as_bool();
    for (const value& each : given.at("steps").as_array()) {
        const object& step = each.as_object();
        const std::string op = text(step.at("op"));
        if (op == "restore_from_snapshot") continue;  // every run is restored in the tests of operators
        if (op == "element") {
            const array& its = step.at("value").as_array();
            made.steps.push_back(
                {window_item{text(its.at(0)), whole(its.at(1)), weir::timestamp{units(whole_or(step, "ts", 0))}}});
        } else if (op == "watermark") {
            made.steps.push_back({{}, whole(step, "ts")});
        } else {
            throw unsupported{"a step that is " + op};
        }
        step_output& wanted = made.wanted.emplace_back();
        for (const value& out : step.at("out").as_array()) {
            wanted.results.insert(wanted_text(out.as_object().at("value")));
        }
        if (!made.says_late) continue;
        for (const value& late : step.at("late").as_array()) wanted.late.insert(boost::json::serialize(late));
    }
    return made;
}

}  // namespace weir_oracle
