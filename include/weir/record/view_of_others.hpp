// SPDX-License-Identifier: Apache-2.0
// Values that only look at memory of somebody else's: a std::string_view, a std::span, a pointer, a view. Kept, they
// outlive what they look at; and what they look at is not theirs to move from.
#pragma once
#include <span>
#include <string_view>
#include <type_traits>

namespace weir::detail {

template <class T>
concept view_of_others = std::is_pointer_v<T> || std::ranges::enable_view<T> || std::ranges::enable_borrowed_range<T>;

}  // namespace weir::detail
