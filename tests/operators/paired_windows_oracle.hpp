// SPDX-License-Identifier: Apache-2.0
// What windows of two streams hold, and when they speak, naively: before each record all windows are looked at.
#pragma once
#include <functional>
#include <vector>

#include <weir/operators/event_time.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/sources/memory.hpp>
#include <weir/windows/session.hpp>

#include "operators/window_oracle.hpp"

namespace operators_test {

struct click {
    std::uint32_t user = 0;
    weir::timestamp when{};
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(click, (), (user, when, number))

// How windows are cut, for the oracle: on a grid, or sessions if a gap is given.
struct cut {
    weir::window_grid grid{};
    weir::duration gap{};
    weir::duration lateness{};
    bool once = false;  // emit::final
};

struct paired_record {
    std::int64_t number;
    bool is_right;
    std::size_t place;  // among all records
};
struct spoken {
    std::uint32_t key;
    timestamp start, end;
    std::vector<std::int64_t> left, right;  // in turn
    const paired_record* update;            // the late record that caused it, or none
};

template <class Result>
struct paired_windows_oracle {
    struct window {
        std::uint32_t key;
        timestamp start, end;
        std::vector<paired_record> held{};
        bool unsaid = false;
    };
    using say_function = std::function<std::vector<Result>(const spoken&)>;

    std::vector<weir::stamped<Result>> results{};
    std::vector<std::int64_t> late_left{}, late_right{};
    std::uint64_t updates = 0;

    paired_windows_oracle(const std::vector<std::pair<weir::stamped<reading>, bool>>& records, const cut& how_cut,
                          std::size_t number, say_function function)
        : how(how_cut), stage(number), say(std::move(function)) {
        for (const auto& [stamped, is_right] : records) take(stamped, is_right);
        fire(weir::time_highest);
        sort_by_turn(results);
    }

  private:
    void take(const weir::stamped<reading>& stamped, bool is_right) {
        const auto& [record, at] = stamped;
        fire(at.watermark());
        const paired_record own{record.amount, is_right, taken++};
        std::vector<window*> taking;
        bool accepted = false;
        if (how.gap > weir::duration::zero()) {
            timestamp start = at.time, end = at.time + how.gap;
            const auto touches = [&](const window& each) {
                return each.key == record.key && each.start <= end && each.end >= start;
            };
            window merged{record.key, start, end};
            bool again = true;
            while (again) {
                again = false;
                for (std::size_t i = 0; i < open.size(); ++i) {
                    if (!touches(open[i])) continue;
                    start = std::min(start, open[i].start), end = std::max(end, open[i].end);
                    merged.held.insert(merged.held.end(), open[i].held.begin(), open[i].held.end());
                    open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
                    again = true;
                    break;
                }
            }
            accepted = at.watermark() == weir::time_lowest || end + how.lateness > at.watermark();
            if (accepted) {
                merged.start = start, merged.end = end;
                std::sort(merged.held.begin(), merged.held.end(), [](const auto& one, const auto& other) {
                    return one.place < other.place;
                });
                open.push_back(std::move(merged));
                taking.push_back(&open.back());
            }
        } else {
            for (const timestamp end : window_oracle::ends_holding(at.time, how.grid)) {
                if (at.watermark() != weir::time_lowest && end + how.lateness <= at.watermark()) continue;
                accepted = true;
                const auto same = [&](const window& each) { return each.key == record.key && each.end == end; };
                if (std::none_of(open.begin(), open.end(), same)) {
                    open.push_back({record.key, end - how.grid.size, end});
                }
            }
            for (window& each : open) {
                if (each.key == record.key && each.start <= at.time && at.time < each.end) taking.push_back(&each);
            }
            std::sort(taking.begin(), taking.end(), [](auto* one, auto* other) { return one->start < other->start; });
        }
        if (!accepted) return (is_right ? late_right : late_left).push_back(own.number);
        std::uint32_t index = 0;
        for (window* each : taking) {
            each->held.push_back(own);
            each->unsaid = true;
            if (how.once || each->end > at.watermark()) continue;
            each->unsaid = false;
            weir::stamp cause = at;
            cause.at.tail.push_back(weir::tail_word::input_of(static_cast<std::uint32_t>(stage), is_right ? 1 : 0));
            for (Result& result : say(told(*each, &own))) {
                ++updates;
                results.push_back({std::move(result), caused(each->end - weir::one_tick, cause, stage, index++)});
            }
        }
    }
    void fire(timestamp watermark) {
        for (window& each : open) {
            const timestamp speaks = how.once ? each.end + how.lateness : each.end;
            if (!each.unsaid || speaks > watermark) continue;
            each.unsaid = false;
            std::uint64_t sequence = 0;
            for (Result& result : say(told(each, nullptr))) {
                results.push_back({std::move(result), triggered(speaks - weir::one_tick, stage,
                                                                weir::stable_hash(each.key), sequence++)});
            }
        }
        std::erase_if(open, [&](const window& each) { return each.end + how.lateness <= watermark; });
    }
    spoken told(const window& of, const paired_record* update) const {
        spoken made{of.key, of.start, of.end, {}, {}, update};
        for (const auto& each : of.held) (each.is_right ? made.right : made.left).push_back(each.number);
        return made;
    }

    cut how;
    std::size_t stage;
    std::size_t taken = 0;
    say_function say;
    std::vector<window> open{};
};

// Both sides' records in turn; partitions are numbered through the graph, the left's first.
inline std::vector<std::pair<weir::stamped<reading>, bool>> both_sides(const logs& left, const logs& right,
                                                                       weir::duration bound) {
    logs all = left;
    all.insert(all.end(), right.begin(), right.end());
    std::vector<std::pair<weir::stamped<reading>, bool>> records;
    for (auto& each : arrivals(all, bound)) {
        const bool is_right = each.at.at.from.number >= left.size();
        records.emplace_back(std::move(each), is_right);
    }
    return records;
}
inline auto keyed_readings(const logs& all, weir::duration bound) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
           weir::key_by(&reading::key);
}
inline auto keyed_clicks(const logs& all, weir::duration bound) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
           weir::map([](const reading& each) { return click{each.key, each.at, each.amount}; }) |
           weir::key_by(&click::user);
}

}  // namespace operators_test
