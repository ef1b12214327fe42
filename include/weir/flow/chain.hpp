// SPDX-License-Identifier: Apache-2.0
// A chain of pure steps (map, filter, flat_map). It is a value, is copied when a stream is used twice, and is fused by
// inlining into the loop of the stage behind it.
#pragma once
#include <array>
#include <concepts>
#include <functional>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/flow/chunk.hpp>

namespace weir {

// What a pass of a record through a chain leaves behind: what flat_map added, and where it is.
template <std::size_t Depth>
struct chain_pass {
    std::uint64_t expanded = 0;
    std::array<std::uint32_t, Depth> path{};
};

namespace detail {

// A user's function takes the record, or the record and its stamp.
template <class Function, class Record>
concept takes_stamp = std::invocable<const Function&, Record, const stamp_view&>;
template <class Function, class Record>
concept takes_record = std::invocable<const Function&, Record>;

template <class Function, class Record>
decltype(auto) invoke_step(const Function& function, Record&& record, const stamp_view& at) {
    if constexpr (takes_record<Function, Record>) {
        return std::invoke(function, std::forward<Record>(record));
    } else if constexpr (takes_stamp<Function, Record>) {
        return std::invoke(function, std::forward<Record>(record), at);
    } else {
        // The function takes the record apart, but this one is still needed by somebody else.
        std::remove_cvref_t<Record> copy(record);
        using result = std::remove_cvref_t<decltype(invoke_step(function, std::move(copy), at))>;
        return result(invoke_step(function, std::move(copy), at));
    }
}
// How a record of type T is handed to a function: to look at if that is possible, else to take.
template <class Function, class T>
using step_argument =
    std::conditional_t<takes_record<Function, const T&> || takes_stamp<Function, const T&>, const T&, T&&>;
template <class Function, class T>
using step_value = decltype(invoke_step(std::declval<const Function&>(), std::declval<step_argument<Function, T>>(),
                                         std::declval<const stamp_view&>()));
template <class Function, class T>
concept step_function = takes_record<Function, const T&> || takes_record<Function, T&&> ||
                        takes_stamp<Function, const T&> || takes_stamp<Function, T&&>;

}  // namespace detail

template <class... Steps>
class chain {
  public:
    static constexpr std::size_t depth = (std::size_t{0} + ... + (Steps::expands ? 1U : 0U));
    static constexpr bool is_empty = sizeof...(Steps) == 0;
    static constexpr bool keeps_all = depth == 0 && (true && ... && !Steps::filters);
    using pass_type = chain_pass<depth>;

    chain() = default;
    explicit chain(std::tuple<Steps...> steps) : steps_(std::move(steps)) {}

    template <class Step> [[nodiscard]] chain<Steps..., Step> then(Step step) const {
        return chain<Steps..., Step>{std::tuple_cat(steps_, std::tuple<Step>{std::move(step)})};
    }
    // Sends one record through and hands what comes out to emit(value, stamp). O(1) plus the user's functions.
    template <class Record, class Emit>
    void operator()(Record&& record, const stamp_view& at, pass_type& pass, Emit& emit) const {
        run<0, 0>(std::forward<Record>(record), at, pass, emit);
    }
    [[nodiscard]] std::string text() const {
        std::string result;
        std::apply([&](const Steps&... step) { ((result += result.empty() ? "" : " ", result += step.label), ...); },
                   steps_);
        return result;
    }

  private:
    template <std::size_t Index, std::size_t Level, class Record, class Emit>
    void run(Record&& record, const stamp_view& at, pass_type& pass, Emit& emit) const {
        if constexpr (Index == sizeof...(Steps)) {
            if constexpr (depth == 0) {
                emit(std::forward<Record>(record), at);
            } else {
                emit(std::forward<Record>(record), at.with_path(pass.path));
            }
        } else {
            using step_type = std::tuple_element_t<Index, std::tuple<Steps...>>;
            constexpr std::size_t next_level = Level + (step_type::expands ? 1 : 0);
            std::uint32_t* slot = nullptr;
            if constexpr (step_type::expands) slot = &pass.path[Level];
            std::get<Index>(steps_)(std::forward<Record>(record), at, pass, slot, [&](auto&& value) {
                this->template run<Index + 1, next_level>(std::forward<decltype(value)>(value), at, pass, emit);
            });
        }
    }

    [[no_unique_address]] std::tuple<Steps...> steps_;
};

namespace detail {

template <class T, class... Steps> struct chain_value { using type = T; };
template <class T, class Step, class... Rest> struct chain_value<T, Step, Rest...> {
    using type = typename chain_value<typename Step::template result_type<T>, Rest...>::type;
};

// Records of a chunk are moved through the chain if the chunk may give them away and moving saves anything.
template <class T> inline constexpr bool worth_moving = !std::is_trivially_copyable_v<T>;

struct passed {
    std::uint64_t filtered;
    std::uint64_t expanded;
    std::uint64_t emitted;
};

// Sends records [begin, end) of a chunk through a chain; returns how many of them and of their expansions filters
// dropped, how many flat_maps added, and how many came out. after(i) is called behind each of them.
template <class T, class Chain, class Emit, class After>
[[gnu::always_inline]] inline passed pass_through_each(chunk<T>& records, std::size_t begin, std::size_t end,
                                                       const Chain& steps, Emit&& emit, After&& after) {
    typename Chain::pass_type pass;
    const stamp_columns& stamps = records.stamps;
    std::uint64_t emitted = 0;
    const auto counted = [&](auto&& value, const stamp_view& at) {
        ++emitted;
        emit(std::forward<decltype(value)>(value), at);
    };
    // What came in, or was made of it, and did not come out.
    const auto result = [&] { return passed{end - begin + pass.expanded - emitted, pass.expanded, emitted}; };
    if constexpr (worth_moving<T>) {
        if (records.movable) {
            for (std::size_t i = begin; i < end; ++i) {
                steps(std::move(records.owned(i)), {stamps, i}, pass, counted);
                after(i);
            }
            return result();
        }
    }
    if constexpr (std::is_copy_constructible_v<T>) {
        const T* data = records.data();
        for (std::size_t i = begin; i < end; ++i) {
            steps(data[i], stamp_view{stamps, i}, pass, counted);
            after(i);
        }
    } else if (begin != end) {
        throw error(error_kind::configuration, "records that cannot be copied are used by two consumers");
    }
    return result();
}
template <class T, class Chain, class Emit>
[[gnu::always_inline]] inline passed pass_through(chunk<T>& records, std::size_t begin, std::size_t end,
                                                  const Chain& steps, Emit&& emit) {
    return pass_through_each(records, begin, end, steps, emit, [](std::size_t) {});
}

}  // namespace detail
}  // namespace weir
