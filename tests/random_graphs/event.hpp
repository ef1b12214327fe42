// SPDX-License-Identifier: Apache-2.0
// The record of all random graphs, and logs of it.
#pragma once
#include <string>
#include <vector>

#include <weir/record/describe.hpp>
#include <weir/testing/simulation.hpp>
#include <weir/time/timestamp.hpp>

namespace random_graphs {

struct event {
    std::uint64_t id = 0;
    std::uint32_t key = 0;
    weir::timestamp at{};
    double value = 0;
    std::int64_t count = 0;
    std::string note{};  // lives on the heap: records that were moved out, or used after that, are noticed
};
BOOST_DESCRIBE_STRUCT(event, (), (id, key, at, value, count, note))

using log = std::vector<event>;

// Times are small whole ticks, so that borders of windows, ties and lateness by one tick all happen.
[[nodiscard]] constexpr weir::timestamp tick(std::int64_t count) noexcept {
    return weir::timestamp{weir::duration{count}};
}

// One log per partition: skewed in length and keys, shuffled, late, duplicated, tied, sometimes empty.
[[nodiscard]] std::vector<log> random_logs(weir::testing::seeded& choose, std::size_t partitions, std::size_t most);

[[nodiscard]] std::string to_text(const std::vector<log>& logs);

}  // namespace random_graphs
