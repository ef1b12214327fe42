// SPDX-License-Identifier: Apache-2.0
#include "lowering_erased.hpp"

namespace random_graphs::detail {

lowered_use lower_fused_second(const events& from, const use& how) {
    using enum kind;
    switch (how.a) {
        case 10:
            return lower_chain<rolling, map_key, process_emit>(from, how);
        case 11:
            return lower_chain<rolling_several, filter_id, sliding_allowed>(from, how);
        case 12:
            return lower_chain<sort_by_time, map_value, process_sum>(from, how);
        case 13:
            return lower_chain<tumbling_allowed, map_key, process_sum>(from, how);
        case 14:
            return lower_chain<flat_map, map_stamp, flat_map, process_text>(from, how);
        case 15:
            return lower_chain<process_text, map_key, rolling_several>(from, how);
        case 16:
            return lower_chain<tumbling_plain, map_value, tumbling_hash>(from, how);
        case 17:
            return lower_chain<map_key, process_sum, map_key, process_sum, map_key, process_sum>(from, how);
        case 18:
            return lower_chain<tumbling, map_key, sliding, map_key, tumbling_plain>(from, how);
        case 19:
            return lower_chain<sliding_allowed, map_key, tumbling_allowed>(from, how);
        default:
            throw std::logic_error("this is lowered elsewhere");
    }
}

}  // namespace random_graphs::detail
