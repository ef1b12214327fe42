// SPDX-License-Identifier: Apache-2.0
// The orders that decide which records an aggregate keeps. Both are total, so that no order of arrival shows: values go
// by `<`, doubles by IEEE 754's total order (extreme.hpp); records go by (time, turn), where there are no ties.
#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

#include <weir/aggregates/extreme.hpp>
#include <weir/record/kind.hpp>
#include <weir/time/stamp.hpp>

namespace weir::detail {

template <class Value>
[[nodiscard]] constexpr bool ordered_before(const Value& left, const Value& right) {
    if constexpr (std::same_as<Value, double>) {
        return order_key(std::bit_cast<std::int64_t>(left)) < order_key(std::bit_cast<std::int64_t>(right));
    } else if constexpr (std::same_as<Value, float>) {
        return order_key(std::bit_cast<std::int32_t>(left)) < order_key(std::bit_cast<std::int32_t>(right));
    } else {
        return left < right;
    }
}

[[nodiscard]] inline bool earlier(const stamp& left, const stamp& right) noexcept {
    return left.time != right.time ? left.time < right.time : left.at < right.at;
}

// What decides a record's rank, before anything of it is copied.
template <class Key>
struct rank_of {
    const Key& key;
    const stamp& at;
};

// The largest key first, or the smallest; of equal keys the earliest record.
template <bool Largest, class Left, class Right>
[[nodiscard]] bool ranked_before(const Left& left, const Right& right) {
    if (ordered_before(left.key, right.key)) return !Largest;
    if (ordered_before(right.key, left.key)) return Largest;
    return earlier(left.at, right.at);
}

}  // namespace weir::detail
