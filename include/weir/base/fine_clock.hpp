// SPDX-License-Identifier: Apache-2.0
// A clock for measuring what takes less than a microsecond: where the environment has a counter of the processor that
// can serve as one, it is read (a few nanoseconds), else the environment's own clock is (some dozens).
#pragma once
#include <chrono>
#include <cstdint>

#include <weir/base/environment.hpp>

namespace weir {
namespace detail {
// Only where environment::counter_period is not 0.
[[nodiscard]] inline std::uint64_t processor_counter() noexcept {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
}
}  // namespace detail

class fine_clock {
  public:
    // Steps of the counter; of the environment's clock, nanoseconds.
    using instant = std::uint64_t;

    explicit fine_clock(environment& where)
        : where_(&where), period_(where.counter_period()), first_(read()), first_ticks_(where.ticks()) {}

    [[nodiscard]] instant read() const {
        return period_ != 0 ? detail::processor_counter() : static_cast<instant>(where_->ticks().count());
    }
    // To within some 0.01 %; negative if `end` lies before `begin`.
    [[nodiscard]] std::chrono::nanoseconds between(instant begin, instant end) const noexcept {
        const auto steps = static_cast<std::int64_t>(end - begin);
        if (period_ == 0) return std::chrono::nanoseconds{steps};
        return std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(steps) * period_)};
    }
    // When the environment's clock shows, or showed, this.
    [[nodiscard]] instant at(std::chrono::nanoseconds ticks) const noexcept {
        if (period_ == 0) return static_cast<instant>(ticks.count());
        const auto since = static_cast<double>((ticks - first_ticks_).count());
        return first_ + static_cast<instant>(static_cast<std::int64_t>(since / period_));
    }

  private:
    environment* where_;
    double period_;
    instant first_;
    std::chrono::nanoseconds first_ticks_;
};

}  // namespace weir
