// SPDX-License-Identifier: Apache-2.0
#include "event.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace random_graphs {
namespace {

// Sums of these depend on the order in which they are added, unless they are added exactly.
double random_value(weir::testing::seeded& choose) {
    constexpr double some[] = {1.0, 0.1, 1e16, -1e16, 3.5, 1e-3, -2.25, 0.3};
    return some[choose.below(std::size(some))];
}

log random_log(weir::testing::seeded& choose, std::uint64_t partition, std::size_t size) {
    log made;
    const auto step = static_cast<std::int64_t>(1 + choose.below(6));
    const auto disorder = choose.below(20);
    const std::uint64_t keys = 1 + choose.below(6);
    std::int64_t now = static_cast<std::int64_t>(choose.below(15)) - 5;
    for (std::size_t i = 0; i < size; ++i) {
        if (!made.empty() && choose.one_in(8)) {
            made.push_back(made[choose.below(made.size())]);  // sent twice
            continue;
        }
        if (!choose.one_in(3)) now += static_cast<std::int64_t>(choose.below(2 * static_cast<std::uint64_t>(step) + 1));
        std::int64_t time = now;
        if (disorder > 0 && choose.one_in(2)) time -= static_cast<std::int64_t>(choose.below(disorder + 1));
        if (choose.one_in(10)) time -= static_cast<std::int64_t>(choose.below(40));
        event each;
        each.id = partition * 1000 + i;
        // Half of all records have one key.
        each.key = choose.one_in(2) ? 0 : static_cast<std::uint32_t>(choose.below(keys));
        each.at = tick(time);
        each.value = random_value(choose);
        each.count = static_cast<std::int64_t>(choose.below(10));
        if (!choose.one_in(5)) each.note = fmt::format("what is to be said of record {}", each.id);
        made.push_back(each);
    }
    return made;
}

}  // namespace

std::vector<log> random_logs(weir::testing::seeded& choose, std::size_t partitions, std::size_t most) {
    std::vector<log> made;
    for (std::size_t i = 0; i < partitions; ++i) {
        std::size_t size = choose.below(most + 1);
        if (i > 0 && choose.one_in(2)) size /= 4;
        if (choose.one_in(12)) size = 0;
        made.push_back(random_log(choose, i, size));
    }
    return made;
}

std::string to_text(const std::vector<log>& logs) {
    std::string text;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        text += fmt::format("  partition {}:\n", i);
        for (const event& each : logs[i]) {
            text += fmt::format("    id {} key {} time {} value {} count {} note '{}'\n", each.id, each.key,
                                each.at.time_since_epoch().count(), each.value, each.count, each.note);
        }
    }
    return text;
}

}  // namespace random_graphs
