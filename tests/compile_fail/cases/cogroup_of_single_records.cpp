// SPDX-License-Identifier: Apache-2.0
// expect: cogroup needs a function fn(const Key&, const window_bounds&, std::span<const Left>, std::span<const Right>)
#include "reading.hpp"

void wrong() {
    auto stream = weir::cogroup(keyed(), keyed(), weir::tumbling(10s), [](const reading&) { return 1; });
}
