// SPDX-License-Identifier: Apache-2.0
// Gives an aggregate's column another name: as("spent", sum(&Transaction::amount)).
#pragma once
#include <string>
#include <utility>

#include <weir/aggregates/aggregate.hpp>

namespace weir {

namespace detail {
template <described_aggregate A>
struct renamed : A {
    std::string column;

    [[nodiscard]] std::string name() const { return column; }
};
}  // namespace detail

template <described_aggregate A>
[[nodiscard]] detail::renamed<A> as(std::string name, A aggregate) {
    return {std::move(aggregate), std::move(name)};
}

}  // namespace weir
