// SPDX-License-Identifier: Apache-2.0
// expect: windows answer nobody in time
#include "reading.hpp"

void wrong() {
    const auto requests = weir::requests<reading, reading>();
    auto end = requests | weir::event_time(&reading::at, weir::out_of_order(1s)) |
               weir::key_by(&reading::sensor) | weir::window(weir::tumbling(1s)) |
               weir::reply(requests);
}
