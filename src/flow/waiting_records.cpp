// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/waiting_records.hpp>

#include <algorithm>

namespace weir {

// How far its channel had come, it will say again.
std::uint64_t waiting_records::load_count(binary_reader& reader) {
    static_cast<void>(load<timestamp>(reader));
    static_cast<void>(load<std::uint64_t>(reader));
    static_cast<void>(load<std::uint64_t>(reader));
    return load<std::uint64_t>(reader);
}

void waiting_records::keep(std::size_t instance, const stamp_view& at, std::size_t record) {
    if (planted(planted_bug::all_wait_at_first)) instance = 0;
    at_[instance].push_back({at.full(), at.columns().timed(), record});
}

const std::vector<waiting_records::waiting>& waiting_records::in_turn(std::size_t instance) {
    std::vector<waiting>& all = at_[instance];
    if (!planted(planted_bug::wait_out_of_turn)) {
        std::sort(all.begin(), all.end(),
                  [](const waiting& left, const waiting& right) { return left.at.at < right.at.at; });
    }
    return all;
}

}  // namespace weir
