// SPDX-License-Identifier: Apache-2.0
// Parts of a pattern with the types of their conditions: what begin(...), next(...) and the like return. What may be
// said of a part, and what it means, stands in pattern/pattern.hpp.
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <tuple>

#include <weir/base/error.hpp>
#include <weir/pattern/pattern_match.hpp>

namespace weir {

namespace detail {

// The conditions of one stage, all of which hold.
template <class... Functions>
struct all_of {
    std::tuple<Functions...> functions;

    template <class Event> static constexpr bool looks_back = !(std::predicate<const Functions&, const Event&> && ...);

    template <class Event> [[nodiscard]] bool holds(const Event& event) const {
        return std::apply([&](const auto&... one) { return (holds_alone(one, event) && ...); }, functions);
    }
    template <class Event, class Match> [[nodiscard]] bool holds_after(const Event& event, const Match& so_far) const {
        return std::apply([&](const auto&... one) { return (holds_with(one, event, so_far) && ...); }, functions);
    }

  private:
    template <class One, class Event> static bool holds_alone(const One& one, const Event& event) {
        if constexpr (std::predicate<const One&, const Event&>) {
            return std::invoke(one, event);
        } else {
            return true;
        }
    }
    template <class One, class Event, class Match>
    static bool holds_with(const One& one, const Event& event, const Match& so_far) {
        if constexpr (std::predicate<const One&, const Event&>) {
            return true;
        } else {
            return std::invoke(one, event, so_far);
        }
    }
};
template <class Event, class Match, class Conditions> inline constexpr bool all_fit = false;
template <class Event, class Match, class... Functions>
inline constexpr bool all_fit<Event, Match, all_of<Functions...>> =
    ((std::predicate<const Functions&, const Event&> ||
      std::predicate<const Functions&, const Event&, const Match&>)&&...);

// A part with the types of its conditions, those of its until, and the stages in it that take events.
template <class Stages, class... Conditions>
struct typed_part {
    using stages = Stages;
    pattern_part part;
    std::tuple<Conditions...> conditions;  // numbered from 0 within the part

    [[nodiscard]] typed_part times(std::uint32_t exactly) const { return times(exactly, exactly); }
    [[nodiscard]] typed_part times(std::uint32_t least, std::uint32_t most) const {
        if (most == 0) throw error(error_kind::configuration, "pattern: a stage is repeated at least once");
        return with([&](pattern_part& to) { to.least = least, to.most = most; });
    }
    [[nodiscard]] typed_part times_or_more(std::uint32_t least) const {
        return with([&](pattern_part& to) { to.least = least, to.most = pattern_part::unbounded; });
    }
    [[nodiscard]] typed_part one_or_more() const { return times_or_more(1); }
    [[nodiscard]] typed_part optional() const {
        return with([](pattern_part& to) { to.optional = true; });
    }
    [[nodiscard]] typed_part consecutive() const {
        return with([](pattern_part& to) { to.between = contiguity::strict; });
    }
    [[nodiscard]] typed_part allow_combinations() const {
        return with([](pattern_part& to) { to.between = contiguity::any; });
    }
    [[nodiscard]] typed_part possessive() const {
        return with([](pattern_part& to) { to.possessive = true; });
    }
    [[nodiscard]] typed_part reluctant() const {
        return with([](pattern_part& to) { to.reluctant = true; });
    }
    [[nodiscard]] typed_part within_gap(duration limit) const {
        if (limit <= duration::zero()) throw error(error_kind::configuration, "pattern: within_gap is above zero");
        return with([&](pattern_part& to) { to.gap_limit = limit; });
    }
    [[nodiscard]] typed_part repeated_within(duration limit) const {
        if (limit <= duration::zero()) throw error(error_kind::configuration, "pattern: repeated_within is above zero");
        return with([&](pattern_part& to) { to.repetition_limit = limit; });
    }
    template <class Function> [[nodiscard]] auto until(Function function) const {
        typed_part<Stages, Conditions..., all_of<Function>> more{
            part, std::tuple_cat(conditions, std::tuple{all_of<Function>{{std::move(function)}}})};
        more.part.until = sizeof...(Conditions);
        return more;
    }

  private:
    template <class Change> [[nodiscard]] typed_part with(Change change) const {
        typed_part changed = *this;
        change(changed.part);
        return changed;
    }
};

template <class> inline constexpr bool is_typed_part = false;
template <class Stages, class... Conditions>
inline constexpr bool is_typed_part<typed_part<Stages, Conditions...>> = true;

// Adds to the numbers of all conditions of a part.
inline void renumber(pattern_part& part, std::uint32_t by) {
    if (part.condition != pattern_part::no_condition) part.condition += by;
    if (part.until != pattern_part::no_condition) part.until += by;
    for (pattern_part& each : part.parts) renumber(each, by);
}

template <class... Parts> [[nodiscard]] auto parts_together(part_kind kind, const Parts&... each) {
    static_assert((is_typed_part<Parts> && ...),
                  "a group has stages: begin(...), next(...), followed_by(...), not_next(...)");
    pattern_part all;
    all.kind = kind;
    std::uint32_t number = 0;
    const auto add = [&]<class Part>(const Part& one) {
        pattern_part copy = one.part;
        renumber(copy, number);
        number += static_cast<std::uint32_t>(std::tuple_size_v<decltype(one.conditions)>);
        all.parts.push_back(std::move(copy));
    };
    (add(each), ...);
    return std::apply(
        [&](auto... conditions) {
            return typed_part<typename joined_stages<stage_list<>, typename Parts::stages...>::type,
                              decltype(conditions)...>{std::move(all), {std::move(conditions)...}};
        },
        std::tuple_cat(each.conditions...));
}

template <part_kind Kind, class Stage, class... Functions>
[[nodiscard]] auto one_stage(contiguity before, Stage, Functions... functions) {
    static_assert(sizeof...(Functions) > 0, "a stage has a condition: bool(const Event&), or one that also takes what "
                                            "the match has taken so far");
    using stages = std::conditional_t<Kind == part_kind::stage, stage_list<Stage>, stage_list<>>;
    pattern_part made;
    made.kind = Kind;
    made.name = Stage::name;
    made.condition = 0;
    made.before = before;
    return typed_part<stages, all_of<Functions...>>{std::move(made), {all_of<Functions...>{{std::move(functions)...}}}};
}

}  // namespace detail
}  // namespace weir
