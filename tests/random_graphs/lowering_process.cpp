// SPDX-License-Identifier: Apache-2.0
#include "lowering_erased.hpp"

namespace random_graphs::detail {

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
