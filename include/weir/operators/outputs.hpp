// SPDX-License-Identifier: Apache-2.0
// outputs<Out, Alert, ...>: what a stage emits, by type, where it emits more than one type. The first one is the stream
// of its results; the others are streams beside it, taken by their types:
//
//   auto decisions = keyed | process<State, outputs<Decision, Alert>>(fn);   // context.emit(Alert{...}) in fn
//   auto alerts = side<Alert>(decisions);
//
// What is emitted carries the same stamps whichever way it goes, in one sequence of turns.
#pragma once
#include <tuple>
#include <type_traits>

#include <weir/flow/stream.hpp>

namespace weir {

template <class Out, class... Sides>
struct outputs {};

namespace detail {

// The place of T in a list of types; their number if it is not among them.
template <class T, class... All>
[[nodiscard]] consteval std::size_t place_of() {
    std::size_t place = 0;
    static_cast<void>(((std::is_same_v<T, All> ? true : (++place, false)) || ...));
    return place;
}
template <class...> inline constexpr bool all_different = true;
template <class First, class... More> inline constexpr bool all_different<First, More...> =
    place_of<First, More...>() == sizeof...(More) && all_different<More...>;

// What a stage emits, of one type or by outputs<...>.
template <class Out>
struct output_list {
    using first = Out;
    using sides = std::tuple<>;
    static constexpr std::size_t side_count = 0;
    static constexpr bool distinct = true;
    template <class T> static constexpr bool has_side = false;
    template <class Late> using late_type = Late;
};
template <class Out, class... Sides>
struct output_list<outputs<Out, Sides...>> {
    using first = Out;
    using sides = std::tuple<outlet<Sides>...>;
    static constexpr std::size_t side_count = sizeof...(Sides);
    static constexpr bool distinct = all_different<Out, Sides...>;
    template <class T> static constexpr std::size_t place = place_of<T, Sides...>();
    template <class T> static constexpr bool has_side = place<T> < side_count;
    template <class Late> using late_type = late_and_sides<Late, Sides...>;
};

template <class Side, class S, class Late, class... Sides>
[[nodiscard]] auto side_of(const S& results, late_and_sides<Late, Sides...>) {
    constexpr std::size_t place = place_of<Side, Sides...>();
    if constexpr (place == sizeof...(Sides)) {
        static_assert(unsupported<Side>, "side: the stage has no side output of this type: name it in "
                                         "process<State, weir::outputs<Out, ...>>");
        return rejected_stream{};
    } else {
        return stream<stream_port<Side, typename S::port::order, S::time>>{results.from(),
                                                                           static_cast<unsigned>(2 + place)};
    }
}

}  // namespace detail

// The side output with records of this type, of a stage with outputs<...>.
template <class Side, class S> [[nodiscard]] auto side(const S& results) {
    if constexpr (!plain_stream<S>) {
        static_assert(detail::unsupported<S>, "side needs the stream of results of a stage, such as a process");
        return rejected_stream{};
    } else if constexpr (!detail::has_sides<typename S::port::late_type> || !S::chain_type::is_empty) {
        static_assert(detail::unsupported<S>, "side needs the stream right behind a stage that has side outputs: "
                                              "process<State, weir::outputs<Out, ...>>");
        return rejected_stream{};
    } else {
        return detail::side_of<Side>(results, typename S::port::late_type{});
    }
}

}  // namespace weir
