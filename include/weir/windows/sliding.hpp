// SPDX-License-Identifier: Apache-2.0
// sliding(size, slide): windows [k * slide, k * slide + size), moved by `offset` if there is one; a record is in
// size / slide of them.
#pragma once
#include <weir/windows/grid.hpp>

namespace weir {

[[nodiscard]] inline window_grid sliding(duration size, duration slide, duration offset = {}) {
    offset = detail::offset_within(offset, slide);
    return {size, slide, {}, "sliding " + std::to_string(size.count()) + "ns/" + std::to_string(slide.count()) + "ns" +
                                 detail::offset_text(offset), offset};
}

}  // namespace weir
