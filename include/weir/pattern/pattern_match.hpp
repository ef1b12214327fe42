// SPDX-License-Identifier: Apache-2.0
// A match as its pattern knows it: events by the names of stages, which are types.
#pragma once
#include <array>
#include <cstddef>
#include <type_traits>

#include <weir/pattern/pattern_events.hpp>

namespace weir {

namespace detail {

template <std::size_t Size>
struct stage_text {
    char text[Size]{};
    constexpr stage_text(const char (&from)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) text[i] = from[i];
    }
    friend constexpr bool operator==(const stage_text&, const stage_text&) = default;
};

}  // namespace detail

// The name of a stage, as a type: constexpr weir::pattern_stage<"probe"> probe;
template <detail::stage_text Name>
struct pattern_stage {
    using stage_of_a_pattern = void;
    static constexpr const char* name = Name.text;
};

namespace detail {

template <class> inline constexpr bool is_pattern_stage = false;
template <stage_text Name> inline constexpr bool is_pattern_stage<pattern_stage<Name>> = true;

template <class... Stages> struct stage_list {};
template <class... Lists> struct joined_stages;
template <class... Stages> struct joined_stages<stage_list<Stages...>> { using type = stage_list<Stages...>; };
template <class... Left, class... Right, class... Rest>
struct joined_stages<stage_list<Left...>, stage_list<Right...>, Rest...> {
    using type = typename joined_stages<stage_list<Left..., Right...>, Rest...>::type;
};

// The number of a stage in a list, or the list's size.
template <class Stage, class... Stages> [[nodiscard]] consteval std::size_t place_of(stage_list<Stages...>) {
    std::size_t place = 0;
    static_cast<void>(((std::is_same_v<Stage, Stages> ? true : (++place, false)) || ...));
    return place;
}

}  // namespace detail

// What a match has taken, by stage: match[probe]. Valid during the call only.
template <class Event, class Stages>
class pattern_match;
template <class Event, class... Stages>
class pattern_match<Event, detail::stage_list<Stages...>> {
  public:
    using numbers = std::array<std::uint32_t, sizeof...(Stages) + 1>;  // of the stages, in the automaton
    pattern_match(const pattern_chain<Event>& chain, const numbers& of) : chain_(chain), numbers_(of) {}

    template <detail::stage_text Name> [[nodiscard]] stage_events<Event> operator[](pattern_stage<Name>) const {
        constexpr std::size_t place = detail::place_of<pattern_stage<Name>>(detail::stage_list<Stages...>{});
        static_assert(place < sizeof...(Stages),
                      "this pattern has no such stage that takes events: look at the names of its stages");
        return chain_.events(numbers_[place]);
    }
    [[nodiscard]] timestamp start() const { return chain_.start(); }
    [[nodiscard]] timestamp end() const { return chain_.end(); }
    // Runs of this key were given up because there were too many: matches may be missing.
    [[nodiscard]] bool degraded() const noexcept { return chain_.degraded(); }

  private:
    const pattern_chain<Event>& chain_;
    const numbers& numbers_;
};

}  // namespace weir
