// SPDX-License-Identifier: Apache-2.0
#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_fused_third(const events& from, const use& how) {
    using enum kind;
    switch (how.a) {
        case 20:
            return lower_chain<filter_id, filter_key, map_value, map_stamp, tumbling_spread>(from, how);
        case 21:
            return lower_chain<tumbling_text, map_key, process_text>(from, how);
        case 22:
            return lower_chain<tumbling_hash, map_key, rolling>(from, how);
        case 23:
            return lower_chain<sort_by_time, map_key, sort_by_time, process_emit>(from, how);
        case 24:
            return lower_chain<process_timer, sort_by_time, map_key, process_timer>(from, how);
        case 25:
            return lower_chain<flat_map, flat_map, rolling, flat_map, process_sum>(from, how);
        case 26:
            return lower_chain<tumbling_first, sliding_sum>(from, how);
        case 27:
            return lower_chain<rolling, rolling>(from, how);
        case 28:
            return lower_chain<process_emit, map_key, process_emit, map_key, tumbling_plain>(from, how);
        case 29:
            return lower_chain<map_stamp, sliding, sort_by_time, map_key, tumbling_allowed>(from, how);
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
