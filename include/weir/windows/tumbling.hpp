// SPDX-License-Identifier: Apache-2.0
// tumbling(size): windows [k * size, (k + 1) * size). A record at a border belongs to the later window.
#pragma once
#include <weir/windows/grid.hpp>

namespace weir {

[[nodiscard]] inline window_grid tumbling(duration size) {
    return {size, size, {}, "tumbling " + std::to_string(size.count()) + "ns"};
}

}  // namespace weir
