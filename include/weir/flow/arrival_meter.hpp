// SPDX-License-Identifier: Apache-2.0
// How long a record is on its way: from its arrival, or from when it should have arrived, to the end of it.
#pragma once
#include <chrono>
#include <cstdint>

#include <weir/base/fine_clock.hpp>
#include <weir/base/latency_histogram.hpp>

namespace weir {

// Stands for an arrival at the moment of the call.
inline constexpr std::chrono::nanoseconds just_now = std::chrono::nanoseconds::min();

// Of one thread at a time, but for what is const.
class arrival_meter {
  public:
    using instant = fine_clock::instant;

    explicit arrival_meter(environment& where) : clock_(where) {}

    [[nodiscard]] instant now() const { return clock_.read(); }
    // When the environment's clock shows this; now for just_now.
    [[nodiscard]] instant at(std::chrono::nanoseconds ticks) const {
        return ticks == just_now ? clock_.read() : clock_.at(ticks);
    }
    // So many records have arrived then, and have gone their way now.
    void done(instant arrived, instant now, std::uint32_t records = 1) {
        latency.record(clock_.between(arrived, now), records);
    }

    latency_histogram latency;

  private:
    fine_clock clock_;
};

}  // namespace weir
