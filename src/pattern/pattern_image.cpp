// SPDX-License-Identifier: Apache-2.0
// Parts become positions from the end to the beginning: what follows a part is known as a function from what has been
// passed over on the way there to waits, so that a wait crosses optional parts, and ends of groups, by asking the next.
#include <weir/pattern/pattern_image.hpp>

#include <algorithm>
#include <functional>
#include <map>

#include <weir/base/error.hpp>

#include "pattern_check.hpp"

namespace weir {
namespace {

using wait = pattern_image::wait;
using waits = std::vector<wait>;

// The automaton is kept small enough for its states to be numbered in 16 bits.
constexpr std::size_t most_waits = 60'000;

// What lies between the last event and the present place of the pattern.
struct passed {
    std::vector<std::uint32_t> absent{};
    std::vector<std::uint32_t> absent_first{};
    std::vector<pattern_image::possession> possessed{};
    // Of groups whose present repetition has taken nothing: these hold for its first event, not for what comes instead.
    duration limit{};
    std::uint32_t ends = pattern_image::none;
    bool taken_in_group = false;  // the present repetition of a group has taken something
};
using continuation = std::function<waits(const passed&)>;

struct compiler {
    const pattern_tree& tree;
    pattern_image& made;
    bool ends_absent = false;
    std::map<std::string, std::uint32_t> known{};           // positions by their path
    std::vector<std::function<waits()>> behind{};           // of a position: what follows it

    std::uint32_t stage_number(const std::string& name) {
        const auto found = std::find(made.stages.begin(), made.stages.end(), name);
        if (found != made.stages.end()) return static_cast<std::uint32_t>(found - made.stages.begin());
        made.stages.push_back(name);
        return static_cast<std::uint32_t>(made.stages.size() - 1);
    }
    std::uint32_t position_at(const std::string& path, const pattern_part& part, std::function<waits()> then) {
        const auto [place, added] = known.try_emplace(path, static_cast<std::uint32_t>(made.positions.size()));
        if (added) {
            made.positions.push_back({stage_number(part.name), part.condition, part.until, 0, 0});
            behind.push_back(std::move(then));
        }
        return place->second;
    }

    // Waits for what comes at parts[index] and, if that may be skipped, behind it.
    waits sequence(const std::vector<pattern_part>& parts, std::size_t index, const passed& before,
                   const contiguity* first_gap, const std::string& path, const continuation& then) {
        if (index == parts.size()) return then(before);
        const pattern_part& part = parts[index];
        if (part.kind == part_kind::absent || part.kind == part_kind::not_next) {
            passed more = before;
            (part.kind == part_kind::absent ? more.absent : more.absent_first).push_back(part.condition);
            return sequence(parts, index + 1, more, nullptr, path, then);
        }
        const std::string its_path = path + "/" + std::to_string(index);
        const contiguity gap = first_gap != nullptr ? *first_gap : part.before;
        const bool possesses = part.possessive && part.most != part.least && part.kind == part_kind::stage;
        const auto after = [=, this, &parts, this_part = &part](const passed& at_its_end) {
            passed more = at_its_end;
            if (possesses) more.possessed.push_back({this_part->condition, this_part->until});
            return sequence(parts, index + 1, more, nullptr, path, then);
        };
        // What must be absent right behind it.
        std::vector<const pattern_part*> watched;
        for (std::size_t next = index + 1; next < parts.size() && watches(parts[next]); ++next) {
            watched.push_back(&parts[next]);
        }
        waits all = repeated(part, gap, before, its_path, watched, after);
        if (part.optional) {
            passed over = before;
            if (possesses) over.possessed.push_back({part.condition, part.until});
            const waits skipped = sequence(parts, index + 1, over, nullptr, path, then);
            join(all, skipped, part.reluctant);
        }
        return all;
    }
    static duration shorter(duration one, duration other) {
        if (one == duration::zero() || other == duration::zero()) return std::max(one, other);
        return std::min(one, other);
    }
    static bool watches(const pattern_part& part) {
        return part.kind == part_kind::absent || part.kind == part_kind::not_next;
    }
    // Groups that stand last looked into.
    static const pattern_part& last_of(const std::vector<pattern_part>& parts) {
        const pattern_part& last = parts.back();
        return last.kind == part_kind::group ? last_of(last.parts) : last;
    }
    // The preferred ones first.
    static void join(waits& all, const waits& others, bool others_first) {
        all.insert(others_first ? all.begin() : all.end(), others.begin(), others.end());
    }

    waits repeated(const pattern_part& part, contiguity gap, const passed& before, const std::string& path,
                   const std::vector<const pattern_part*>& watched, const continuation& after) {
        return repetition(part, 1, gap, before, path, watched, after, false);
    }
    // Waits for the repetition's first event.
    waits repetition(const pattern_part& part, std::uint32_t number, contiguity gap, const passed& before,
                     const std::string& path, const std::vector<const pattern_part*>& watched,
                     const continuation& after, bool again) {
        const std::string its_path = path + ":" + std::to_string(number);
        const auto done = [=, this, this_part = &part](const passed& there) {
            return behind_repetition(*this_part, number, there, path, watched, after);
        };
        if (part.kind == part_kind::stage) {
            wait one;
            one.target = position_at(its_path, part, [done] { return done({}); });
            one.gap = gap;
            one.ends = again && part.until != pattern_image::none ? part.until : before.ends;
            one.absent = before.absent;
            one.absent_first = before.absent_first;
            one.possessed = before.possessed;
            one.limit = shorter(before.limit, again ? part.repetition_limit : part.gap_limit);
            return {one};
        }
        passed inner = before;
        inner.taken_in_group = false;
        inner.limit = shorter(before.limit, again ? part.repetition_limit : part.gap_limit);
        if (again && part.until != pattern_image::none) inner.ends = part.until;
        const continuation at_its_end = [=](const passed& there) {
            if (there.taken_in_group) return done(there);
            // A repetition that took nothing is the last one.
            passed back = there;
            back.limit = before.limit;
            back.ends = before.ends;
            back.taken_in_group = before.taken_in_group;
            return after(back);
        };
        waits all;
        if (part.kind == part_kind::branches) {
            for (std::size_t i = 0; i < part.parts.size(); ++i) {
                const contiguity* const first_gap = &gap;
                join(all, branch(part.parts[i], first_gap, inner, its_path + "|" + std::to_string(i), at_its_end),
                     false);
            }
        } else {
            all = sequence(part.parts, 0, inner, &gap, its_path, at_its_end);
        }
        return all;
    }
    waits branch(const pattern_part& part, const contiguity* gap, const passed& before, const std::string& path,
                 const continuation& then) {
        // The part is kept by the tree; a vector of one would not be.
        const auto possesses = part.possessive && part.most != part.least && part.kind == part_kind::stage;
        const auto after = [=, this_part = &part](const passed& at_its_end) {
            passed more = at_its_end;
            if (possesses) more.possessed.push_back({this_part->condition, this_part->until});
            return then(more);
        };
        waits all = repeated(part, *gap, before, path, {}, after);
        if (part.optional) {
            passed over = before;
            if (possesses) over.possessed.push_back({part.condition, part.until});
            join(all, then(over), part.reluctant);
        }
        return all;
    }
    waits behind_repetition(const pattern_part& part, std::uint32_t number, const passed& there,
                            const std::string& path, const std::vector<const pattern_part*>& watched,
                            const continuation& after) {
        const bool unbounded = part.most == pattern_part::unbounded;
        const std::uint32_t highest = unbounded ? part.least : part.most;
        const bool may_end = number >= part.least;
        waits all;
        if (number < highest || unbounded) {
            passed between = there;
            if (may_end) {
                for (const pattern_part* each : watched) {
                    (each->kind == part_kind::absent ? between.absent : between.absent_first)
                        .push_back(each->condition);
                }
            }
            all = repetition(part, std::min(number + 1, highest), part.between, between, path, watched, after, true);
        }
        if (may_end) {
            passed taken = there;
            taken.taken_in_group = true;
            join(all, after(taken), part.reluctant);
        }
        return all;
    }
    // The end of the pattern.
    waits finish(const passed& before) const {
        wait last;
        last.target = pattern_image::end;
        last.gap = contiguity::any;
        // An optional part behind what must be absent was skipped: nothing follows that could be too early.
        if (ends_absent) {
            last.absent = before.absent;
            last.absent_first = before.absent_first;
            last.possessed = before.possessed;
            last.limit = last_of(tree.parts).gap_limit;
        }
        return {last};
    }

    void compile() {
        ends_absent = watches(last_of(tree.parts));
        made.waits = sequence(tree.parts, 0, {}, nullptr, "", [this](const passed& at) { return finish(at); });
        // A run begins with an event.
        std::erase_if(made.waits, [](const wait& each) { return each.target == pattern_image::end; });
        made.starts = static_cast<std::uint32_t>(made.waits.size());
        for (std::size_t i = 0; i < made.positions.size(); ++i) {
            waits of_it = behind[i]();
            drop_repeated(of_it);
            made.positions[i].first_wait = static_cast<std::uint32_t>(made.waits.size());
            made.waits.insert(made.waits.end(), of_it.begin(), of_it.end());
            made.positions[i].end_wait = static_cast<std::uint32_t>(made.waits.size());
            if (made.waits.size() > most_waits) {
                throw error(error_kind::configuration,
                            "pattern: it has more than 60000 transitions: use loops instead of long counted "
                            "repetitions");
            }
        }
    }
    // Two ways to the same are one, the preferred one: what comes of them is the same match.
    static void drop_repeated(waits& of_it) {
        waits kept;
        for (const wait& each : of_it) {
            const bool repeated_end = each.completes() && std::any_of(kept.begin(), kept.end(), [](const wait& one) {
                return one.completes();
            });
            if (!repeated_end && std::find(kept.begin(), kept.end(), each) == kept.end()) kept.push_back(each);
        }
        of_it = std::move(kept);
    }
};

void name_conditions(const std::vector<pattern_part>& parts, std::vector<std::string>& names) {
    for (const pattern_part& each : parts) {
        if (each.condition < names.size()) names[each.condition] = each.name;
        if (each.until < names.size()) names[each.until] = "until of " + (each.name.empty() ? "a group" : each.name);
        name_conditions(each.parts, names);
    }
}

void append(std::string& text, std::uint32_t number) {
    text += number == pattern_image::none ? std::string("-") : std::to_string(number);
    text += ' ';
}

}  // namespace

std::uint32_t pattern_image::stage_named(const std::string& name) const noexcept {
    const auto found = std::find(stages.begin(), stages.end(), name);
    return found == stages.end() ? none : static_cast<std::uint32_t>(found - stages.begin());
}

std::string pattern_image::fingerprint() const {
    std::string text;
    for (const std::string& each : stages) text += each + " ";
    for (const position& each : positions) {
        text += "/";
        for (const std::uint32_t number : {each.stage, each.condition, each.until, each.first_wait, each.end_wait}) {
            append(text, number);
        }
    }
    for (const wait& each : waits) {
        text += "|";
        append(text, each.target);
        append(text, static_cast<std::uint32_t>(each.gap));
        append(text, each.ends);
        for (const std::uint32_t number : each.absent) append(text, number);
        text += "f";
        for (const std::uint32_t number : each.absent_first) append(text, number);
        text += "p";
        for (const possession& one : each.possessed) {
            append(text, one.condition);
            append(text, one.unless);
        }
        text += std::to_string(each.limit.count());
    }
    text += "w" + std::to_string(within.count()) + " s" + std::to_string(static_cast<int>(skip)) + " ";
    append(text, skip_stage);
    append(text, starts);
    text += conditions_say;
    return text;
}

pattern_image compile_pattern(const pattern_tree& tree, std::uint32_t conditions) {
    detail::check_pattern(tree);
    if (conditions > pattern_image::most_conditions) {
        throw error(error_kind::configuration, "pattern: it has more than 64 conditions");
    }
    pattern_image made;
    compiler{tree, made}.compile();
    made.conditions = conditions;
    made.condition_names.resize(conditions);
    name_conditions(tree.parts, made.condition_names);
    made.within = tree.within;
    made.skip = tree.skip.kind;
    made.must_go_on = tree.skip.must_go_on;
    if (!tree.skip.stage.empty()) made.skip_stage = made.stage_named(tree.skip.stage);
    return made;
}

}  // namespace weir
