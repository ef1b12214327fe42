// SPDX-License-Identifier: Apache-2.0
// tumbling(size): windows [k * size, (k + 1) * size), moved by `offset` if there is one: tumbling(24h, 6h) is from six
// to six. A record at a border belongs to the later window.
#pragma once
#include <weir/windows/grid.hpp>

namespace weir {

[[nodiscard]] inline window_grid tumbling(duration size, duration offset = {}) {
    offset = detail::offset_within(offset, size);
    return {size, size, {}, "tumbling " + std::to_string(size.count()) + "ns" + detail::offset_text(offset), offset};
}

}  // namespace weir
