// SPDX-License-Identifier: Apache-2.0
// Windows that speak as they are told, naively: every window keeps its records' numbers, and before each record all
// moments that its watermark has passed are looked for in all windows of all keys.
#pragma once
#include <functional>
#include <list>
#include <optional>

#include <weir/windows/emission.hpp>

#include "operators/window_oracle.hpp"

namespace operators_test {

struct spoken_windows {
    using row = weir::windowed<std::uint32_t, std::vector<std::int64_t>>;
    struct span {
        timestamp start, end;
    };
    std::function<std::vector<span>(const reading&)> spans;
    bool joins = false;
    bool endless = false;
    weir::duration lateness{};
    weir::emission says{};
    bool discards = false;

    std::vector<weir::stamped<row>> results{};
    std::vector<weir::stamped<reading>> late{};
    std::uint64_t updates = 0;

    void run(const std::vector<weir::stamped<reading>>& records, std::size_t stage) {
        stage_ = stage;
        for (const auto& [record, at] : records) {
            pass(at.watermark());
            take(record, at);
        }
        pass(weir::time_highest);
        sort_by_turn(results);
    }

  private:
    struct window {
        std::uint32_t key;
        span when;
        std::vector<std::int64_t> all{};
        std::vector<std::int64_t> fresh{};
        std::optional<timestamp> boundary{};
    };
    // The watermark that a window's end, and all of it, waits for.
    [[nodiscard]] timestamp end_of(const window& each) const { return each.when.end; }
    [[nodiscard]] timestamp gone_of(const window& each) const { return weir::saturating_add(each.when.end, lateness); }

    // All moments m with m <= watermark, the earliest first; of a moment by key, then by start.
    void pass(timestamp watermark) {
        if (watermark == weir::time_lowest) return;
        while (true) {
            timestamp next = weir::time_highest;
            bool found = false;
            for (const window& each : open_) {
                for (const timestamp moment : moments_of(each)) {
                    if (moment <= watermark && moment > passed_ && (!found || moment < next)) {
                        next = moment;
                        found = true;
                    }
                }
            }
            if (!found) break;
            at_moment(next);
            passed_ = next;
        }
        passed_ = std::max(passed_, watermark);
    }
    [[nodiscard]] std::vector<timestamp> moments_of(const window& each) const {
        std::vector<timestamp> all{gone_of(each)};
        if (says.at_end && !says.after_lateness) all.push_back(end_of(each));
        if (each.boundary) all.push_back(*each.boundary);
        return all;
    }
    void at_moment(timestamp moment) {
        std::vector<window*> speaking;
        for (window& each : open_) speaking.push_back(&each);
        std::sort(speaking.begin(), speaking.end(), [](const window* left, const window* right) {
            return std::pair{weir::stable_hash(left->key), left->when.start} <
                   std::pair{weir::stable_hash(right->key), right->when.start};
        });
        std::map<std::uint32_t, std::uint64_t> sequence;
        for (window* each : speaking) {
            const bool at_end = says.at_end && !says.after_lateness && end_of(*each) == moment;
            const bool at_last = says.after_lateness && gone_of(*each) == moment;
            const bool between = each->boundary == moment;
            if ((at_end || at_last || between) && !each->fresh.empty()) {
                results.push_back({say(*each), triggered(moment - weir::one_tick, stage_, weir::stable_hash(each->key),
                                                         sequence[each->key]++)});
            }
            if (between) each->boundary.reset();
        }
        open_.remove_if([&](const window& each) { return gone_of(each) == moment; });
    }
    [[nodiscard]] row say(window& each) {
        each.fresh.clear();
        row said{each.key, each.when.start, each.when.end, {each.all}};
        if (discards) each.all.clear();
        return said;
    }

    void take(const reading& record, const weir::stamp& at) {
        bool accepted = false;
        std::uint32_t index = 0;
        const auto all = spans(record);
        // In a gap.
        if (all.empty() && (at.watermark() == weir::time_lowest || at.time + lateness >= at.watermark())) return;
        for (const span& each : all) {
            window* to = nullptr;
            if (joins) {
                to = &join(record.key, each);
            } else {
                to = &find(record.key, each);
            }
            if (at.watermark() != weir::time_lowest && gone_of(*to) <= at.watermark()) {
                if (to->all.empty()) open_.remove_if([&](const window& other) { return &other == to; });
                continue;
            }
            accepted = true;
            for (auto* numbers : {&to->all, &to->fresh}) {
                numbers->insert(std::upper_bound(numbers->begin(), numbers->end(), record.amount), record.amount);
            }
            const bool after_end = at.watermark() != weir::time_lowest && end_of(*to) <= at.watermark();
            if ((after_end && says.at_end && !says.after_lateness) ||
                (says.records != 0 && to->fresh.size() >= says.records)) {
                ++updates;
                const timestamp time = endless ? at.time : to->when.end - weir::one_tick;
                results.push_back({say(*to), caused(time, at, stage_, index++)});
            } else if (says.interval > weir::duration{} && !after_end && !to->boundary) {
                for (timestamp moment = to->when.start + says.interval; moment < to->when.end;
                     moment += says.interval) {
                    if (at.watermark() != weir::time_lowest && moment <= at.watermark()) continue;
                    to->boundary = moment;
                    break;
                }
            }
        }
        if (!accepted) late.push_back({record, at});
    }
    window& find(std::uint32_t key, const span& when) {
        for (window& each : open_) {
            if (each.key == key && each.when.start == when.start) return each;
        }
        return open_.emplace_back(window{key, when});
    }
    window& join(std::uint32_t key, const span& when) {
        window made{key, when};
        for (auto each = open_.begin(); each != open_.end();) {
            if (each->key != key || each->when.start > when.end || each->when.end < when.start) {
                ++each;
                continue;
            }
            made.when = {std::min(made.when.start, each->when.start), std::max(made.when.end, each->when.end)};
            made.all.insert(made.all.end(), each->all.begin(), each->all.end());
            made.fresh.insert(made.fresh.end(), each->fresh.begin(), each->fresh.end());
            each = open_.erase(each);
        }
        std::sort(made.all.begin(), made.all.end());
        std::sort(made.fresh.begin(), made.fresh.end());
        return open_.emplace_back(std::move(made));
    }

    std::size_t stage_ = 0;
    std::list<window> open_;
    timestamp passed_ = weir::time_lowest;
};

}  // namespace operators_test
