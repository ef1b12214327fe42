// SPDX-License-Identifier: Apache-2.0
// expect: interval_join needs event time on both sides: put weir::event_time
#include "reading.hpp"

void wrong() {
    const auto untimed = weir::memory(std::vector<reading>{}) | weir::key_by(&reading::sensor);
    auto stream = weir::interval_join(untimed, keyed(), weir::between(0s, 1s));
}
