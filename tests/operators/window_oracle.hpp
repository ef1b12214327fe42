// SPDX-License-Identifier: Apache-2.0
// Windows, naively: for each record every window that holds it is looked at by itself.
#pragma once
#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>
#include <weir/operators/windowed.hpp>
#include <weir/windows/grid.hpp>

#include "operators/support.hpp"

namespace operators_test {

// The amounts of a window, in order: says exactly which records are in it. Commutes, and cannot take anything back.
struct gathered {
    using state_type = std::vector<std::int64_t>;
    static constexpr bool commutes = true;
    [[nodiscard]] state_type create() const { return {}; }
    void add(state_type& state, const reading& each) const {
        state.insert(std::upper_bound(state.begin(), state.end(), each.amount), each.amount);
    }
    void merge(state_type& state, const state_type& other) const {
        state.insert(state.end(), other.begin(), other.end());
        std::sort(state.begin(), state.end());
    }
    [[nodiscard]] state_type result(const state_type& state) const { return state; }
    [[nodiscard]] std::string name() const { return "gathered"; }
};

// The same that can, and checks that it only takes back what is there.
struct gathered_and_taken_back : gathered {
    void unmerge(state_type& state, const state_type& other) const {
        if (!std::includes(state.begin(), state.end(), other.begin(), other.end())) {
            throw std::logic_error("what is taken back is not there");
        }
        state_type left;
        std::set_difference(state.begin(), state.end(), other.begin(), other.end(), std::back_inserter(left));
        state = std::move(left);
    }
};

// Amounts become the records' places in the logs, so that each tells its record.
inline void number_amounts(logs& all) {
    std::int64_t number = 0;
    for (readings& each : all) {
        for (reading& record : each) record.amount = number++;
    }
}

struct window_oracle {
    using row = weir::windowed<std::uint32_t, std::vector<std::int64_t>>;
    std::vector<weir::stamped<row>> results;  // on time and updates, in turn
    std::vector<weir::stamped<reading>> late;
    std::uint64_t updates = 0;

    window_oracle(const std::vector<weir::stamped<reading>>& records, const weir::window_grid& grid,
                  std::size_t stage) {
        std::map<std::pair<std::uint32_t, timestamp>, std::vector<std::int64_t>> contents, on_time;
        for (const auto& [record, at] : records) {
            bool accepted = false;
            std::uint32_t index = 0;
            for (const timestamp end : ends_holding(at.time, grid)) {
                if (at.watermark() != weir::time_lowest && end + grid.lateness <= at.watermark()) continue;
                accepted = true;
                auto& content = contents[{record.key, end}];
                content.insert(std::upper_bound(content.begin(), content.end(), record.amount), record.amount);
                if (end <= at.watermark()) {
                    ++updates;
                    results.push_back({{record.key, end - grid.size, end, {content}},
                                       caused(end - weir::one_tick, at, stage, index++)});
                } else {
                    on_time[{record.key, end}] = content;
                }
            }
            if (!accepted) late.push_back({record, at});
        }
        for (const auto& [place, content] : on_time) {
            const auto [key, end] = place;
            results.push_back({{key, end - grid.size, end, {content}},
                               triggered(end - weir::one_tick, stage, weir::stable_hash(key), 0)});
        }
        sort_by_turn(results);
    }
    // Every k with k * slide + offset <= time < k * slide + offset + size, by looking at all that could be.
    static std::vector<timestamp> ends_holding(timestamp time, const weir::window_grid& grid) {
        std::vector<timestamp> ends;
        const auto near = time.time_since_epoch() / grid.slide;
        for (auto k = near - grid.size / grid.slide - 2; k <= near + 2; ++k) {
            const timestamp start{k * grid.slide + grid.offset};
            if (start <= time && time < start + grid.size) ends.push_back(start + grid.size);
        }
        return ends;
    }
};

}  // namespace operators_test
