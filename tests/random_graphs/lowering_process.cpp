// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/interval_join.hpp>

#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_interval_join(const std::vector<events>& inputs, const use& how) {
    const auto keyed = [&](std::size_t input) { return inputs[input] | weir::key_by(&event::key); };
    const auto pairs = weir::interval_join(keyed(0), keyed(1), weir::between(ticks(-how.a), ticks(how.b)),
                                           weir::join::left_outer);
    const auto made = pairs | weir::map([](const weir::joined<event, std::optional<event>>& each) {
                          event pair = each.left;
                          pair.note += each.right ? each.right->note : " alone";
                          if (!each.right) return pair;
                          pair.value += each.right->value;
                          pair.count = wrapping_add(pair.count, each.right->count);
                          return pair;
                      });
    return {{hide(made)}, {pairs.from().get()}};
}

lowered_use lower_process(const std::vector<events>& inputs, const use& how) {
    using enum kind;
    const events& from = inputs[0];
    switch (how.what) {
        case process_sum:
            return lower_one<process_sum>(from, how);
        case process_emit:
            return lower_one<process_emit>(from, how);
        case process_timer:
            return lower_one<process_timer>(from, how);
        case process_text:
            return lower_one<process_text>(from, how);
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
