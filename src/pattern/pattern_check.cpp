// SPDX-License-Identifier: Apache-2.0
#include "pattern_check.hpp"

#include <algorithm>
#include <functional>

#include <weir/base/error.hpp>

namespace weir::detail {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw error(error_kind::configuration, "pattern: " + why); }

bool must_be_absent(const pattern_part& part) {
    return part.kind == part_kind::absent || part.kind == part_kind::not_next;
}
std::string called(const pattern_part& part) {
    return part.name.empty() ? std::string("a group") : "stage '" + part.name + "'";
}

void check_numbers(const pattern_part& part) {
    if (part.least == 0) refuse(called(part) + " is repeated at least once: optional() makes it zero or more");
    if (part.most != pattern_part::unbounded && part.most < part.least) {
        refuse(called(part) + " is repeated at least " + std::to_string(part.least) + " times and at most " +
               std::to_string(part.most) + " times");
    }
    if (part.gap_limit < duration::zero() || part.repetition_limit < duration::zero()) {
        refuse("a limit of " + called(part) + " is above zero");
    }
    if (part.until != pattern_part::no_condition && part.most != pattern_part::unbounded) {
        refuse("until() of " + called(part) + " ends a loop: say times_or_more() or one_or_more()");
    }
}

// Sizes of the automaton are products of these.
constexpr std::uint32_t most_repetitions = 1000;

struct checker {
    std::vector<std::string> names{};
    std::vector<std::string> taking{};
    bool waits_for_ever = false;

    void part(const pattern_part& each, bool first) {
        if (each.kind == part_kind::stage || must_be_absent(each)) {
            if (each.name.empty()) refuse("every stage has a name");
            if (std::find(names.begin(), names.end(), each.name) != names.end()) {
                refuse("two stages are named '" + each.name + "'");
            }
            names.push_back(each.name);
            if (each.condition == pattern_part::no_condition) refuse(called(each) + " has no condition");
        }
        if (must_be_absent(each)) {
            if (first) refuse(called(each) + " must be absent behind something: a pattern cannot begin with it");
            if (each.optional || each.least != 1 || each.most != 1) {
                refuse(called(each) + " must be absent: it can be neither optional nor repeated");
            }
            return;
        }
        check_numbers(each);
        if (std::max(each.least, each.most) > most_repetitions) {
            refuse(called(each) + " is counted one by one up to " + std::to_string(most_repetitions) +
                   " times: beyond that, say times_or_more()");
        }
        if (!first && each.before != contiguity::strict && each.gap_limit == duration::zero()) waits_for_ever = true;
        const bool once = each.most == 1;
        if (!once && each.between != contiguity::strict && each.repetition_limit == duration::zero() &&
            each.until == pattern_part::no_condition) {
            waits_for_ever = true;
        }
        if (each.most == pattern_part::unbounded && each.until == pattern_part::no_condition) waits_for_ever = true;
        if (each.kind == part_kind::stage) {
            taking.push_back(each.name);
        } else if (each.kind == part_kind::branches) {
            if (each.parts.empty()) refuse("one of nothing is to be found");
            for (const pattern_part& branch : each.parts) {
                if (must_be_absent(branch)) refuse(called(branch) + " must be absent: it can be no branch");
                part(branch, first);
            }
        } else {
            sequence(each.parts, first);
        }
    }
    void sequence(const std::vector<pattern_part>& parts, bool first) {
        if (parts.empty()) refuse("a group has stages");
        for (const pattern_part& each : parts) {
            part(each, first && &each == &parts.front());
        }
    }
};

}  // namespace

void check_pattern(const pattern_tree& tree) {
    if (tree.parts.empty()) refuse("it has stages");
    checker found;
    found.sequence(tree.parts, true);
    if (tree.within < duration::zero()) refuse("within(...) is above zero");
    if (found.taking.empty()) refuse("some stage takes events");
    const bool bounded = tree.within > duration::zero();
    const pattern_part* end = &tree.parts.back();
    while (end->kind == part_kind::group) end = &end->parts.back();
    const pattern_part& last = *end;
    if (last.kind == part_kind::absent && !bounded && last.gap_limit == duration::zero()) {
        refuse("stage '" + last.name + "' must be absent at the end: within(...) says up to when");
    }
    if (found.waits_for_ever && !bounded && !tree.unbounded) {
        refuse("a match that has begun may wait for ever: add within(...), or allow_unbounded()");
    }
    if (tree.skip.kind != skip_kind::none && !bounded && !tree.unbounded) {
        refuse("a match may be held back for ever by one that began before: a skip strategy needs within(...), or "
               "allow_unbounded()");
    }
    if (tree.skip.kind == skip_kind::to_first || tree.skip.kind == skip_kind::to_last) {
        if (std::find(found.taking.begin(), found.taking.end(), tree.skip.stage) == found.taking.end()) {
            refuse("no stage that takes events is named '" + tree.skip.stage + "': a match cannot skip to it");
        }
    }
}

}  // namespace weir::detail
