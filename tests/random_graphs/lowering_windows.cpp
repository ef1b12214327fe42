// SPDX-License-Identifier: Apache-2.0
#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_windows(const std::vector<events>& inputs, const use& how) {
    using enum kind;
    const events& from = inputs[0];
    switch (how.what) {
        case tumbling:
            return lower_one<tumbling>(from, how);
        case tumbling_allowed:
            return lower_one<tumbling_allowed>(from, how);
        case tumbling_first:
            return lower_one<tumbling_first>(from, how);
        case tumbling_plain:
            return lower_one<tumbling_plain>(from, how);
        case tumbling_spread:
            return lower_one<tumbling_spread>(from, how);
        case tumbling_hash:
            return lower_one<tumbling_hash>(from, how);
        case tumbling_text:
            return lower_one<tumbling_text>(from, how);
        case sliding:
            return lower_one<sliding>(from, how);
        case sliding_allowed:
            return lower_one<sliding_allowed>(from, how);
        case sliding_sum:
            return lower_one<sliding_sum>(from, how);
        case session:
            return lower_one<session>(from, how);
        case rolling:
            return lower_one<rolling>(from, how);
        case rolling_several:
            return lower_one<rolling_several>(from, how);
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
