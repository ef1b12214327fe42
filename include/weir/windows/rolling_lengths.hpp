// SPDX-License-Identifier: Apache-2.0
// The lengths of a rolling window: per record, over the records of its key whose time lies in (t - length, t].
#pragma once
#include <algorithm>
#include <array>
#include <string>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>

namespace weir {

template <std::size_t Count>
struct rolling_lengths {
    static constexpr std::size_t count = Count;
    std::array<duration, Count> lengths;

    [[nodiscard]] duration longest() const {
        duration most{};
        for (const duration each : lengths) most = std::max(most, each);
        return most;
    }
    void check() const {
        for (const duration each : lengths) {
            if (each <= duration::zero()) {
                throw error(error_kind::configuration, "rolling: every length is above zero");
            }
        }
    }
};

namespace detail {

// "5m", "24h", "7d": the largest unit up to days that divides the length; 24 h and 60 s stay as they are usually said.
[[nodiscard]] inline std::string length_text(duration length) {
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t count = length.count();
    struct unit {
        std::int64_t size;
        std::int64_t from;
        const char* text;
    };
    constexpr unit units[] = {{86400 * second, 2, "d"}, {3600 * second, 1, "h"}, {60 * second, 1, "m"},
                              {second, 1, "s"},         {1'000'000, 1, "ms"},    {1'000, 1, "us"}};
    for (const unit& each : units) {
        if (count % each.size == 0 && count / each.size >= each.from)
            return std::to_string(count / each.size) + each.text;
    }
    return std::to_string(count) + "ns";
}

}  // namespace detail
}  // namespace weir
