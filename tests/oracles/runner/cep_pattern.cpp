// SPDX-License-Identifier: Apache-2.0
#include "cep_pattern.hpp"

#include <algorithm>

#include "verdict.hpp"

namespace weir_oracle {
namespace {

using boost::json::array;
using boost::json::object;
using chain = weir::pattern_chain<cep_event>;

std::string text_at(const object& of, const char* name) {
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}
bool flag_at(const object& of, const char* name) {
    const auto* const found = of.if_contains(name);
    return found != nullptr && found->is_bool() && found->as_bool();
}
// Null if it is not there, or null.
const boost::json::value* given_at(const object& of, const char* name) {
    const auto* const found = of.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}
std::uint32_t count_at(const object& of, const char* name, std::uint32_t otherwise) {
    const auto* const found = given_at(of, name);
    return found == nullptr ? otherwise : found->to_number<std::uint32_t>();
}
weir::duration limit_at(const object& of, const char* name) {
    const auto* const found = given_at(of, name);
    return found == nullptr ? weir::duration{} : units(found->to_number<std::int64_t>());
}

bool compares(double left, const std::string& how, double right) {
    if (how == "lt") return left < right;
    if (how == "le") return left <= right;
    if (how == "gt") return left > right;
    if (how == "ge") return left >= right;
    if (how == "eq") return left == right;
    if (how == "ne") return left != right;
    throw unsupported{"a comparison '" + how + "'"};
}
bool name_holds(const object& where, const std::string& name) {
    if (where.contains("eq")) return name == text_at(where, "eq");
    if (where.contains("prefix")) return name.starts_with(text_at(where, "prefix"));
    if (where.contains("contains")) return name.find(text_at(where, "contains")) != std::string::npos;
    const auto& all = where.at("in").as_array();
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return std::string(each.as_string()) == name; });
}
bool is_among(const array& places, std::int64_t place) {
    return std::any_of(places.begin(), places.end(),
                       [&](const auto& each) { return each.template to_number<std::int64_t>() == place; });
}
const array& arguments_of(const object& where) { return where.at("args").as_array(); }

bool looks_at_others(const object& where) {
    const std::string op = text_at(where, "op");
    if (op == "sum_price" || op == "count" || op == "price_vs_last" || op == "price_eq_first") return true;
    if (!where.contains("args")) return false;
    const auto& all = arguments_of(where);
    return std::any_of(all.begin(), all.end(), [](const auto& each) { return looks_at_others(each.as_object()); });
}

weir::stage_events<cep_event> taken_by(const object& where, const chain& so_far) {
    return so_far.events(so_far.image().stage_named(text_at(where, "stage")));
}
bool holds_after_others(const object& where, const cep_event& event, const chain& so_far) {
    const std::string op = text_at(where, "op");
    const std::string how = text_at(where, "cmp");
    const auto taken = taken_by(where, so_far);
    if (op == "price_vs_last") return !taken.empty() && compares(event.price, how, taken.back().price);
    if (op == "price_eq_first") return !taken.empty() && event.price == taken.front().price;
    const bool own = flag_at(where, "include_current");
    double found = own ? (op == "count" ? 1 : event.price) : 0;
    double before = 0;
    for (const cep_event& each : taken) before += op == "count" ? 1 : each.price;
    found += before;
    return compares(found, how, where.at("value").to_number<double>());
}
bool is_met(const object& where, const cep_event& event, const chain* so_far) {
    const std::string op = text_at(where, "op");
    if (op == "true" || op == "false") return op == "true";
    if (op == "name") return name_holds(where, event.name);
    if (op == "price") return compares(event.price, text_at(where, "cmp"), where.at("value").to_number<double>());
    if (op == "ts") {
        return compares(static_cast<double>(event.ts), text_at(where, "cmp"), where.at("value").to_number<double>());
    }
    if (op == "is_sub") return event.sub;
    if (op == "event_in") return is_among(where.at("i").as_array(), event.i);
    const auto is_met_too = [&](const auto& each) { return is_met(each.as_object(), event, so_far); };
    if (op == "and") return std::all_of(arguments_of(where).begin(), arguments_of(where).end(), is_met_too);
    if (op == "or") return std::any_of(arguments_of(where).begin(), arguments_of(where).end(), is_met_too);
    if (op == "not") return !is_met_too(arguments_of(where).front());
    if (looks_at_others(where)) return so_far != nullptr && holds_after_others(where, event, *so_far);
    throw unsupported{"a condition '" + op + "'"};
}

// Calls look(stage) for the stages of a list, and those of its groups.
template <class Look> void for_each_stage(const array& stages, const Look& look) {
    for (const auto& each : stages) {
        look(each.as_object());
        if (const auto* inner = given_at(each.as_object(), "group")) for_each_stage(inner->as_array(), look);
    }
}
bool must_be_absent(const object& stage) { return text_at(stage, "contiguity").starts_with("not_"); }

}  // namespace

std::uint32_t cep_pattern::add(const object& stage, const char* where, const char* accepts) {
    condition added{stage.at(where).as_object(), nullptr, false};
    added.looks_back = looks_at_others(added.where);
    const auto* const places = given_at(stage, accepts);
    if (places != nullptr && !added.looks_back) added.accepts = &places->as_array();
    conditions_->push_back(std::move(added));
    return static_cast<std::uint32_t>(conditions_->size() - 1);
}

weir::pattern_part cep_pattern::part_of(const object& stage) {
    weir::pattern_part part;
    const std::string how = text_at(stage, "contiguity");
    part.before = how == "followed_by" ? weir::contiguity::relaxed
                  : how == "followed_by_any" ? weir::contiguity::any
                                             : weir::contiguity::strict;
    part.name = text_at(stage, "name");
    if (must_be_absent(stage)) {
        part.kind = how == "not_next" ? weir::part_kind::not_next : weir::part_kind::absent;
        part.condition = add(stage, "where", "where_accepts");
        part.gap_limit = limit_at(stage, "within_prev");
        return part;
    }
    const std::string inner = text_at(stage, "inner");
    part.between = inner == "strict" ? weir::contiguity::strict
                   : inner == "relaxed_any" ? weir::contiguity::any
                                            : weir::contiguity::relaxed;
    part.least = std::max<std::uint32_t>(1, count_at(stage, "min", 1));
    part.most = count_at(stage, "max", weir::pattern_part::unbounded);
    part.optional = flag_at(stage, "optional");
    part.possessive = flag_at(stage, "greedy");
    part.gap_limit = limit_at(stage, "within_prev");
    part.repetition_limit = limit_at(stage, "times_within");
    if (given_at(stage, "until") != nullptr) part.until = add(stage, "until", "until_accepts");
    if (const auto* parts = given_at(stage, "group")) {
        part.kind = weir::part_kind::group;
        for (const auto& each : parts->as_array()) part.parts.push_back(part_of(each.as_object()));
    } else {
        part.condition = add(stage, "where", "where_accepts");
    }
    return part;
}

cep_pattern::cep_pattern(const object& given) {
    weir::pattern_tree tree;
    for (const auto& each : given.at("stages").as_array()) tree.parts.push_back(part_of(each.as_object()));
    tree.within = limit_at(given, "within");
    tree.unbounded = true;
    const auto& skip = given.at("skip").as_object();
    const std::string type = text_at(skip, "type");
    tree.skip.kind = type == "skip_to_next" ? weir::skip_kind::to_next
                     : type == "skip_past_last" ? weir::skip_kind::past_last
                     : type == "skip_to_first" ? weir::skip_kind::to_first
                     : type == "skip_to_last" ? weir::skip_kind::to_last
                                              : weir::skip_kind::none;
    tree.skip.stage = text_at(skip, "stage");
    tree.skip.must_go_on = flag_at(skip, "throw_if_missing");
    // What must be absent takes nothing that a match could skip to.
    bool skips_to = tree.skip.stage.empty();
    for_each_stage(given.at("stages").as_array(), [&](const object& stage) {
        skips_to = skips_to || (text_at(stage, "name") == tree.skip.stage && !must_be_absent(stage));
    });
    if (!skips_to) tree.skip = {};
    image_ = std::make_shared<const weir::pattern_image>(
        weir::compile_pattern(tree, static_cast<std::uint32_t>(conditions_->size())));
}

bool cep_pattern::evaluate(std::uint32_t number, const cep_event& event, const chain* so_far) const {
    const condition& its = (*conditions_)[number];
    if (its.accepts != nullptr) return is_among(*its.accepts, event.i);
    return is_met(its.where, event, so_far);
}

bool has_group(const object& pattern) {
    bool found = false;
    for_each_stage(pattern.at("stages").as_array(),
                   [&](const object& stage) { found = found || given_at(stage, "group") != nullptr; });
    return found;
}

std::string argued_difference(const object& pattern) {
    bool limited = false;
    for_each_stage(pattern.at("stages").as_array(), [&](const object& stage) {
        limited = limited || given_at(stage, "within_prev") != nullptr || given_at(stage, "times_within") != nullptr;
    });
    if (limited) return "limits from event to event";
    const auto& stages = pattern.at("stages").as_array();
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const auto& stage = stages[i].as_object();
        if (!must_be_absent(stage) || i == 0) continue;
        const auto& before = stages[i - 1].as_object();
        if (must_be_absent(before)) return "one absent stage behind another";
        const bool counted = given_at(before, "max") != nullptr && count_at(before, "max", 1) > 1;
        if (counted || count_at(before, "min", 1) > 1) return "an absent stage behind counted repetitions";
        const bool rest_optional = std::all_of(stages.begin() + static_cast<std::ptrdiff_t>(i) + 1, stages.end(),
                                               [](const auto& each) { return flag_at(each.as_object(), "optional"); });
        if (i + 1 == stages.size()) continue;
        if (rest_optional) return "an absent stage before nothing but optional ones";
        if (text_at(stages[i + 1].as_object(), "contiguity") == "next") {
            return "an absent stage before one that must come at once";
        }
    }
    if (has_group(pattern)) return "groups";
    return {};
}

}  // namespace weir_oracle
