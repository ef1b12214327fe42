// SPDX-License-Identifier: Apache-2.0
#include "environment_counter.hpp"

#include <chrono>

#include <weir/base/fine_clock.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace weir::detail {
namespace {

#if defined(__x86_64__)
// "Invariant TSC": the counter runs evenly whatever the core's frequency is, and in all its states of sleep.
bool counter_is_even() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __get_cpuid(0x80000007U, &a, &b, &c, &d) != 0 && (d & (1U << 8U)) != 0;
}

struct reading {
    std::uint64_t counter;
    std::chrono::steady_clock::time_point time;
};
// The clock between two looks at the counter that lie closest together: nothing came in between then.
reading read_both() {
    reading best{};
    std::uint64_t closest = ~std::uint64_t{0};
    for (int i = 0; i < 16; ++i) {
        const std::uint64_t before = processor_counter();
        const auto time = std::chrono::steady_clock::now();
        const std::uint64_t after = processor_counter();
        if (after - before >= closest) continue;
        closest = after - before;
        best = {before + (after - before) / 2, time};
    }
    return best;
}
#endif

}  // namespace

double measured_counter_period() {
#if defined(__x86_64__)
    if (!counter_is_even()) return 0;
    const reading first = read_both();
    reading last = first;
    while (last.time - first.time < std::chrono::milliseconds{2}) last = read_both();
    if (last.counter <= first.counter) return 0;
    return std::chrono::duration<double, std::nano>(last.time - first.time).count() /
           static_cast<double>(last.counter - first.counter);
#else
    return 0;
#endif
}

}  // namespace weir::detail
