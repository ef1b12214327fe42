// SPDX-License-Identifier: Apache-2.0
// made_in_place{make}: hands a value on that is yet to be made. What constructs an object from it gets what make()
// returns, made where the object stands: nothing is moved there.
#pragma once
#include <type_traits>
#include <utility>

namespace weir::detail {

template <class Make>
struct made_in_place {
    Make make;
    operator std::invoke_result_t<Make&>() && { return make(); }  // NOLINT: the conversion is the point
};
template <class Make> made_in_place(Make) -> made_in_place<Make>;

}  // namespace weir::detail
