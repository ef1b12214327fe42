// SPDX-License-Identifier: Apache-2.0
// expect: window_join and cogroup need keys of one type on both sides
#include "reading.hpp"

void wrong() {
    const auto by_value = timed() | weir::key_by([](const reading& each) { return std::to_string(each.sensor); });
    auto stream = weir::window_join(keyed(), by_value, weir::tumbling(10s));
}
