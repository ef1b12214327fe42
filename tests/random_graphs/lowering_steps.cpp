// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/split.hpp>

#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_steps(const std::vector<events>& inputs, const use& how) {
    using enum kind;
    const events& first = inputs[0];
    switch (how.what) {
        case map_value:
            return lower_one<map_value>(first, how);
        case map_key:
            return lower_one<map_key>(first, how);
        case map_stamp:
            return lower_one<map_stamp>(first, how);
        case filter_id:
            return lower_one<filter_id>(first, how);
        case filter_key:
            return lower_one<filter_key>(first, how);
        case flat_map:
            return lower_one<flat_map>(first, how);
        case flat_map_nested:
            return lower_one<flat_map_nested>(first, how);
        case sort_by_time:
            return lower_one<sort_by_time>(first, how);
        case split: {
            const auto [even, odd] = first | weir::split([](const event& each) { return each.count % 2 == 0; });
            return {{hide(even), hide(odd)}, {nullptr}};
        }
        case split_late: {
            const auto [on_time, late] = first | weir::split_late();
            return {{hide(on_time), hide(late)}, {nullptr}};
        }
        case merge: {
            const auto merged = weir::merge(first, inputs[1]);
            return {{hide(merged)}, {merged.from().get()}};
        }
        case merge_three: {
            const auto merged = weir::merge(first, inputs[1], inputs[2]);
            return {{hide(merged)}, {merged.from().get()}};
        }
        case join_by_origin: {
            const auto pairs = weir::join_by_origin(first, inputs[1]);
            return {{hide(pairs | weir::map([](const weir::joined<event, event>& pair) {
                              const std::int64_t count = wrapping_add(pair.left.count, pair.right.count);
                              return event{pair.left.id,
                                           pair.left.key,
                                           pair.left.at,
                                           pair.left.value + pair.right.value,
                                           count,
                                           pair.left.note + pair.right.note};
                          }))},
                    {pairs.from().get()}};
        }
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
