// SPDX-License-Identifier: Apache-2.0
// What a user's first program needs from the installed package.
#include <cstdio>
#include <weir/time/timestamp.hpp>

int main() {
    const auto end = weir::saturating_add(weir::time_highest, weir::one_tick);
    std::puts(end == weir::time_highest ? "weir found" : "weir is broken");
    return end == weir::time_highest ? 0 : 1;
}
