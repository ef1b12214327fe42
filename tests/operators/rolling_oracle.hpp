// SPDX-License-Identifier: Apache-2.0
// Rolling, naively: for every record that is on time, the records of its key taken so far whose time lies in
// (t - length, t], in order of time and turn.
#pragma once
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

namespace operators_test {

class rolling_oracle {
  public:
    std::vector<weir::stamped<reading>> late;

    // Calls visit(record, window) for each record on time; window(length) is what the record sees.
    template <class Visit> rolling_oracle(const std::vector<weir::stamped<reading>>& records, Visit visit) {
        std::vector<weir::stamped<reading>> taken;
        for (const auto& each : records) {
            if (each.at.time < each.at.watermark()) {
                late.push_back(each);
                continue;
            }
            taken.push_back(each);
            visit(each, [&](weir::duration length) {
                std::vector<weir::stamped<reading>> seen;
                for (const auto& other : taken) {
                    if (other.record.key == each.record.key && other.at.time > each.at.time - length &&
                        other.at.time <= each.at.time) {
                        seen.push_back(other);
                    }
                }
                std::sort(seen.begin(), seen.end(), [](const auto& left, const auto& right) {
                    return left.at.time != right.at.time ? left.at.time < right.at.time : left.at.at < right.at.at;
                });
                readings window;
                for (const auto& other : seen) window.push_back(other.record);
                return window;
            });
        }
    }
};

// A log, keyed, with times that may be 12 ns out of order.
[[nodiscard]] inline auto keyed(const logs& all) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(weir::duration{12})) |
           weir::key_by(&reading::key);
}
[[nodiscard]] inline std::vector<weir::stamped<reading>> keyed_arrivals(const logs& all) {
    return arrivals(all, weir::duration{12});
}

}  // namespace operators_test
