// SPDX-License-Identifier: Apache-2.0
#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_fused_first(const events& from, const use& how) {
    using enum kind;
    switch (how.a) {
        case 0:
            return lower_chain<map_value, filter_id, map_key, process_sum>(from, how);
        case 1:
            return lower_chain<flat_map, tumbling>(from, how);
        case 2:
            return lower_chain<filter_key, flat_map_nested, rolling>(from, how);
        case 3:
            return lower_chain<map_key, sliding>(from, how);
        case 4:
            return lower_chain<tumbling, map_key, tumbling>(from, how);
        case 5:
            return lower_chain<tumbling, map_key, process_sum>(from, how);
        case 6:
            return lower_chain<sliding_sum, map_value, rolling>(from, how);
        case 7:
            return lower_chain<process_sum, map_key, process_timer>(from, how);
        case 8:
            return lower_chain<process_timer, map_key, process_sum>(from, how);
        case 9:
            return lower_chain<process_emit, flat_map, tumbling_first>(from, how);
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
