// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <weir/record/migration.hpp>

namespace weir::detail {
namespace {

using action = migration_step::action;

// How many bits a whole number has beside its sign, and whether it has one.
struct number_range {
    unsigned bits;
    bool sign;
    bool real;
};
number_range range_of(number_type number) {
    constexpr number_range ranges[]{{7, true, false},   {15, true, false}, {31, true, false}, {63, true, false},
                                    {8, false, false},  {16, false, false}, {32, false, false}, {64, false, false},
                                    {24, true, true},   {53, true, true}};
    return ranges[static_cast<std::size_t>(number)];
}

// f32 is left out for whole numbers: a float is chosen for its size, and rarely to count.
bool holds(number_type wide, number_type narrow) {
    const number_range to = range_of(wide);
    const number_range from = range_of(narrow);
    if (to.real) return from.real ? from.bits <= to.bits : wide == number_type::f64 && from.bits <= 32;
    return !from.real && from.bits <= to.bits && (to.sign || !from.sign);
}

std::string deeper(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }
std::string subject(const std::string& path) { return path.empty() ? std::string("it") : "field '" + path + "'"; }

// Goes on behind what is refused, so that all of it is said.
class planner {
  public:
    explicit planner(const migration_rules& rules) : rules_(rules) {}

    // Sentences without their stops, with semicolons between them; empty if all can be read.
    [[nodiscard]] const std::string& refusals() const noexcept { return refusals_; }

    [[nodiscard]] migration_step plan(const std::string& path, const type_tree& was, const type_tree& is) {
        if (was.text == is.text) return {};
        if (is.kind == type_kind::optional && was.kind != type_kind::optional) {
            return {action::into_optional, {}, {}, {plan(path, was, is.parts[0])}, {}};
        }
        if (was.kind != is.kind) return refuse(path, was, is);
        switch (is.kind) {
            case type_kind::number:
                if (!holds(is.number, was.number)) {
                    return refuse(path, was, is, ", which cannot hold every value it had");
                }
                return {action::widen, was.number, {}, {}, {}};
            case type_kind::enumeration: return plan_enumeration(path, was, is);
            case type_kind::structure: return plan_structure(path, was, is);
            case type_kind::optional: return plan_parts(path, was, is, {""});
            case type_kind::list: return plan_parts(path, was, is, {"[]"});
            case type_kind::array:
                if (was.length != is.length) return refuse(path, was, is);
                return plan_parts(path, was, is, {"[]"});
            case type_kind::map:
            case type_kind::set: return plan_sorted(path, was, is);
            case type_kind::tuple: {
                if (was.parts.size() != is.parts.size()) return refuse(path, was, is);
                std::vector<std::string> places;
                for (std::size_t i = 0; i < is.parts.size(); ++i) places.push_back("[" + std::to_string(i) + "]");
                return plan_parts(path, was, is, places);
            }
            default: return refuse(path, was, is);
        }
    }

  private:
    migration_step refuse(const std::string& path, const type_tree& was, const type_tree& is,
                          const std::string& why = {}) {
        refuse(subject(path) + " was " + was.text + " and is " + is.text + why);
        return {};
    }
    void refuse(const std::string& sentence) { refusals_ += (refusals_.empty() ? "" : "; ") + sentence; }

    [[nodiscard]] migration_step plan_parts(const std::string& path, const type_tree& was, const type_tree& is,
                                            const std::vector<std::string>& places) {
        migration_step made{action::parts, {}, {}, {}, {}};
        for (std::size_t i = 0; i < is.parts.size(); ++i) {
            made.steps.push_back(plan(path + places[i], was.parts[i], is.parts[i]));
        }
        return made;
    }

    // Keys may only become wider numbers: whatever else changes might make two of them one.
    [[nodiscard]] migration_step plan_sorted(const std::string& path, const type_tree& was, const type_tree& is) {
        migration_step made{action::parts, {}, {}, {}, {}};
        const type_tree& key = is.parts[0];
        const bool numbers = was.parts[0].kind == type_kind::number && key.kind == type_kind::number;
        const bool same = was.parts[0].text == key.text;
        made.steps.push_back(same || numbers ? plan(path + "[key]", was.parts[0], key)
                                             : refuse(path + "[key]", was.parts[0], key));
        if (is.parts.size() > 1) made.steps.push_back(plan(path + "[]", was.parts[1], is.parts[1]));
        return made;
    }

    // Numbers are what is written, in eight bytes whatever the type.
    [[nodiscard]] migration_step plan_enumeration(const std::string& path, const type_tree& was, const type_tree& is) {
        if (was.parts.empty() != is.parts.empty()) return refuse(path, was, is);
        if (is.parts.empty() && !holds(is.number, was.number)) return refuse(path, was, is);
        for (const type_tree& each : was.parts) {
            const auto same = std::find_if(is.parts.begin(), is.parts.end(),
                                           [&](const type_tree& other) { return other.name == each.name; });
            if (same == is.parts.end()) return refuse(path, was, is, ": '" + each.name + "' is gone");
            if (same->value != each.value) {
                return refuse(path, was, is, ": '" + each.name + "' was " + std::to_string(each.value) + " and is " +
                                                 std::to_string(same->value));
            }
        }
        return {};
    }

    [[nodiscard]] migration_step plan_structure(const std::string& path, const type_tree& was, const type_tree& is) {
        migration_step made{action::by_name, {}, {}, {}, {}};
        std::vector<const type_tree*> taken(is.parts.size(), nullptr);
        for (const type_tree& each : was.parts) {
            const std::string* const renamed = new_name(deeper(path, each.name));
            const std::string& name = renamed == nullptr ? each.name : *renamed;
            const auto found = std::find_if(is.parts.begin(), is.parts.end(),
                                            [&](const type_tree& other) { return other.name == name; });
            if (found == is.parts.end()) {
                if (renamed != nullptr) {
                    refuse(subject(deeper(path, each.name)) + ", which was " + each.text + ", is declared to be '" +
                           name + "' now, which is no field");
                } else {
                    pass_over(deeper(path, each.name), each, made);
                }
                continue;
            }
            const auto place = static_cast<std::size_t>(found - is.parts.begin());
            if (taken[place] != nullptr) {
                refuse(subject(deeper(path, name)) + " would be made of two: of '" + taken[place]->name +
                       "', which was " + taken[place]->text + ", and of '" + each.name + "', which was " + each.text);
                continue;
            }
            taken[place] = &each;
            made.fields.push_back({place, made.steps.size()});
            made.steps.push_back(plan(deeper(path, each.name), each, *found));
        }
        return made;
    }

    void pass_over(const std::string& path, const type_tree& was, migration_step& made) {
        std::string own;
        if (!can_skip(was, own)) {
            refuse(subject(path) + ", which was " + was.text + ", is gone and cannot be passed over: only " + own +
                   " itself knows where its bytes end");
        }
        made.fields.push_back({migration_step::nowhere, made.gone.size()});
        made.gone.push_back(was);
    }

    [[nodiscard]] const std::string* new_name(const std::string& path) const {
        for (const renamed_field& each : rules_) {
            if (each.from == path) return &each.to;
        }
        return nullptr;
    }

    const migration_rules& rules_;
    std::string refusals_;
};

}  // namespace

migration_step plan_migration(std::string_view was, std::string_view is, const migration_rules& rules,
                              std::string& why_not) {
    if (was == is) return {};
    const auto was_tree = parse_type(was);
    const auto is_tree = parse_type(is);
    if (!was_tree || !is_tree) {
        why_not = "it was " + std::string(was) + " and is " + std::string(is);
        return {};
    }
    planner planning(rules);
    migration_step made = planning.plan({}, *was_tree, *is_tree);
    why_not = detail::visible(planning.refusals());
    return made;
}

std::string why_no_fit(const std::string& path, std::string_view was, std::string_view is) {
    return subject(path) + " has an encoding of its own, which has changed: what it belongs to was " +
           std::string(was) + " and is " + std::string(is);
}

}  // namespace weir::detail
