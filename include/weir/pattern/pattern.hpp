// SPDX-License-Identifier: Apache-2.0
// pattern(...): what is looked for in the events of a key, stage by stage.
//
//   constexpr weir::pattern_stage<"probe"> probe;
//   constexpr weir::pattern_stage<"big"> big;
//   const auto card_testing = weir::pattern(
//       weir::begin(probe, [](const Transaction& each) { return each.amount < 2; }).times_or_more(3),
//       weir::followed_by(big, [](const Transaction& each, const auto& so_far) {
//           return each.amount > 100 * so_far[probe].back().amount; }),
//       weir::within(10min));
//
// A stage takes events that meet its conditions: bool(const Event&), or bool(const Event&, const auto& so_far), which
// sees what the match has taken before. A stage may have several conditions, all of which hold: those that look at the
// event alone are evaluated once for all runs. so_far[stage] is the range of the events that a stage has taken;
// so_far.start() and end() are times of the first and the last one.
//
// How a stage follows the one before: next (at once), followed_by (passing over events that it would not take),
// followed_by_any (passing over whatever), not_next and not_followed_by (must be absent). How often:
//
//   .times(n), .times(n, m), .times_or_more(n), .one_or_more(), .optional()
//   .consecutive()         no event between repetitions
//   .allow_combinations()  repetitions may pass over events that they would take
//   .until(condition)      ends a loop; its event is not taken by it
//   .possessive()          what follows takes nothing that another repetition would take
//   .reluctant()           of matches that begin alike, the one with fewer repetitions is preferred
//   .within_gap(d)         from the event before to the stage's first one less than d
//   .repeated_within(d)    from one repetition to the next less than d
//
// group(stages...) stands for a stage: next(group(begin(a, ...), next(b, ...))).times(2). one_of(group(...), ...) is
// fulfilled by one of several, the earlier preferred.
//
// Behind the stages: within(d), skip::to_next, skip::past_last, skip::to_first(stage), skip::to_last(stage),
// allow_unbounded(). Definitions: pattern/pattern_tree.hpp. Throws weir::error of kind configuration, with one
// sentence, if the pattern makes no sense.
#pragma once
#include <concepts>
#include <memory>
#include <utility>

#include <weir/pattern/pattern_parts.hpp>

namespace weir {

template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto begin(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::stage>(contiguity::strict, stage, std::move(conditions)...);
}
template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto next(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::stage>(contiguity::strict, stage, std::move(conditions)...);
}
template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto followed_by(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::stage>(contiguity::relaxed, stage, std::move(conditions)...);
}
template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto followed_by_any(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::stage>(contiguity::any, stage, std::move(conditions)...);
}
template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto not_next(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::not_next>(contiguity::strict, stage, std::move(conditions)...);
}
template <class Stage, class... Conditions>
    requires detail::is_pattern_stage<Stage>
[[nodiscard]] auto not_followed_by(Stage stage, Conditions... conditions) {
    return detail::one_stage<part_kind::absent>(contiguity::relaxed, stage, std::move(conditions)...);
}

// Stages that stand for one: begin(group(...)), next(group(...)), followed_by(group(...)).
template <class... Parts> [[nodiscard]] auto group(const Parts&... parts) {
    return detail::parts_together(part_kind::group, parts...);
}
// One of several, the earlier preferred: followed_by(one_of(next(a, ...), group(...))).
template <class... Parts> [[nodiscard]] auto one_of(const Parts&... parts) {
    return detail::parts_together(part_kind::branches, parts...);
}
template <class Stages, class... Conditions>
[[nodiscard]] auto begin(detail::typed_part<Stages, Conditions...> part) {
    part.part.before = contiguity::strict;
    return part;
}
template <class Stages, class... Conditions>
[[nodiscard]] auto next(detail::typed_part<Stages, Conditions...> part) {
    part.part.before = contiguity::strict;
    return part;
}
template <class Stages, class... Conditions>
[[nodiscard]] auto followed_by(detail::typed_part<Stages, Conditions...> part) {
    part.part.before = contiguity::relaxed;
    return part;
}
template <class Stages, class... Conditions>
[[nodiscard]] auto followed_by_any(detail::typed_part<Stages, Conditions...> part) {
    part.part.before = contiguity::any;
    return part;
}

// From the first event to the last less than this.
struct within {
    duration limit;
    explicit constexpr within(duration less_than) : limit(less_than) {}
};
// Runs may wait for ever, for what is still to come.
struct allow_unbounded {};

// Of matches that overlap: which ones a match that is reported rules out. A match is held back while one that began
// before may still come; of those that begin alike and are complete together, the preferred one is reported.
struct skip {
    skip_rule rule;
    static const skip to_next;    // those with the same first event
    static const skip past_last;  // those that begin before its last event has passed
    // Those that begin before the first, or the last, event of a stage.
    template <detail::stage_text Name> [[nodiscard]] static skip to_first(pattern_stage<Name>) {
        return {{skip_kind::to_first, pattern_stage<Name>::name, false}};
    }
    template <detail::stage_text Name> [[nodiscard]] static skip to_last(pattern_stage<Name>) {
        return {{skip_kind::to_last, pattern_stage<Name>::name, false}};
    }
};
inline const skip skip::to_next{{skip_kind::to_next, {}, false}};
inline const skip skip::past_last{{skip_kind::past_last, {}, false}};

namespace detail {

template <class T> concept pattern_option =
    std::same_as<T, within> || std::same_as<T, skip> || std::same_as<T, allow_unbounded>;
inline void set_option(pattern_tree& to, const within& option) {
    if (option.limit <= duration::zero()) throw error(error_kind::configuration, "pattern: within(...) is above zero");
    to.within = option.limit;
}
inline void set_option(pattern_tree& to, const skip& option) { to.skip = option.rule; }
inline void set_option(pattern_tree& to, allow_unbounded) { to.unbounded = true; }

}  // namespace detail

// Marks what match takes: image(), and for a condition by its number looks_back<Event>(), holds(event),
// holds_after(event, chain).
struct any_pattern {};

// A pattern that makes sense: its automaton, and conditions as they were given.
template <class Stages, class... Conditions>
class typed_pattern;
template <class... Stages, class... Conditions>
class typed_pattern<detail::stage_list<Stages...>, Conditions...> : public any_pattern {
  public:
    template <class Event> using match_type = pattern_match<Event, detail::stage_list<Stages...>>;
    using numbers = std::array<std::uint32_t, sizeof...(Stages) + 1>;

    typed_pattern(const pattern_tree& tree, std::tuple<Conditions...> conditions)
        : image_(std::make_shared<const pattern_image>(compile_pattern(tree, sizeof...(Conditions)))),
          conditions_(std::move(conditions)), numbers_{image_->stage_named(Stages::name)...} {}

    [[nodiscard]] const std::shared_ptr<const pattern_image>& image() const noexcept { return image_; }
    // A function of each condition takes an event, alone or with the match so far.
    template <class Event> static constexpr bool takes = (detail::all_fit<Event, match_type<Event>, Conditions> && ...);

    // Whether a condition looks at what the match has taken so far.
    template <class Event> [[nodiscard]] static bool looks_back(std::uint32_t condition) {
        static constexpr bool table[]{Conditions::template looks_back<Event>..., false};
        return table[condition];
    }
    // The part of a condition that looks at the event alone.
    template <class Event> [[nodiscard]] bool holds(std::uint32_t condition, const Event& event) const {
        return visit(condition, [&](const auto& one) { return one.holds(event); });
    }
    // The part that looks at the match so far, too.
    template <class Event>
    [[nodiscard]] bool holds_after(std::uint32_t condition, const Event& event,
                                   const pattern_chain<Event>& so_far) const {
        const match_type<Event> match{so_far, numbers_};
        return visit(condition, [&](const auto& one) { return one.holds_after(event, match); });
    }
    template <class Event> [[nodiscard]] match_type<Event> view(const pattern_chain<Event>& of) const {
        return {of, numbers_};
    }

  private:
    template <class Visit> [[nodiscard]] bool visit(std::uint32_t condition, const Visit& visit_one) const {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            bool found = false;
            static_cast<void>(((I == condition ? (found = visit_one(std::get<I>(conditions_)), true) : false) || ...));
            return found;
        }(std::make_index_sequence<sizeof...(Conditions)>{});
    }

    std::shared_ptr<const pattern_image> image_;
    std::tuple<Conditions...> conditions_;
    numbers numbers_{};
};

namespace detail {

template <class> struct pattern_of;
template <class Stages, class... Conditions> struct pattern_of<typed_part<Stages, Conditions...>> {
    using type = typed_pattern<Stages, Conditions...>;
};

}  // namespace detail

template <class... Each> [[nodiscard]] auto pattern(const Each&... each) {
    static_assert(((detail::is_typed_part<Each> || detail::pattern_option<Each>)&&...),
                  "a pattern has stages, such as begin(...) and followed_by(...), and behind them within(...), "
                  "skip::... or allow_unbounded()");
    const auto part_or_nothing = []<class One>(const One& one) {
        if constexpr (detail::is_typed_part<One>) {
            return std::tuple<One>{one};
        } else {
            return std::tuple<>{};
        }
    };
    auto all = std::apply([](const auto&... parts) { return detail::parts_together(part_kind::group, parts...); },
                          std::tuple_cat(part_or_nothing(each)...));
    pattern_tree tree;
    tree.parts = std::move(all.part.parts);
    const auto set = [&]<class One>(const One& one) {
        if constexpr (detail::pattern_option<One>) detail::set_option(tree, one);
    };
    (set(each), ...);
    return typename detail::pattern_of<decltype(all)>::type{tree, std::move(all.conditions)};
}

}  // namespace weir
