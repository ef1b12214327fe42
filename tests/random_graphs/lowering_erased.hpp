// SPDX-License-Identifier: Apache-2.0
// Operators one by one, hidden behind events; and chains of them, hidden as a whole.
#pragma once
#include <weir/operators/erase.hpp>

#include "lowering.hpp"
#include "operators.hpp"

namespace random_graphs::detail {

template <class S> events hide(S from) {
    const auto erased = weir::erase(std::move(from));
    return {erased.from(), erased.outlet()};
}

template <kind What> lowered_use lower_one(const events& input, const use& how) {
    const auto stage = stage_of<What>(input, how);
    lowered_use made{{hide(events_of<What>(stage, how))}, {}};
    made.stages.push_back(What < kind::split ? nullptr : stage.from().get());
    if constexpr (!std::is_same_v<typename decltype(stage)::port::late_type, void>) {
        if (outputs_of(What) == 2) made.outputs.push_back(hide(weir::late(stage)));
    }
    return made;
}

template <kind First, kind... Rest, class S>
events lower_typed(const S& input, const use& whole, std::size_t index, std::vector<const weir::node*>& stages) {
    const use how = part_of(whole, index);
    const auto stage = stage_of<First>(input, how);
    stages.push_back(First < kind::split ? nullptr : stage.from().get());
    if constexpr (sizeof...(Rest) == 0) {
        return hide(events_of<First>(stage, how));
    } else {
        return lower_typed<Rest...>(events_of<First>(stage, how), whole, index + 1, stages);
    }
}
template <kind... What> lowered_use lower_chain(const events& input, const use& whole) {
    if (fused_chain(static_cast<int>(whole.a)) != std::vector<kind>{What...}) {
        throw std::logic_error("the chain is not the one that description.cpp names");
    }
    lowered_use made;
    made.outputs.push_back(lower_typed<What...>(input, whole, 0, made.stages));
    return made;
}

}  // namespace random_graphs::detail
