// SPDX-License-Identifier: Apache-2.0
// The runs of a pattern for one key. A run is what has been taken (a node) and one thing that it waits for.
//
// Runs stand in two lists: in a bucket with all that wait for the same, and in a group with all that began with the
// same event. An event looks at the buckets whose condition it meets, so what it costs does not depend on how many runs
// wait for something else. Groups stand in the order of their starts: what has run out of time, and what a match rules
// out, is at the front.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <weir/base/error.hpp>
#include <weir/operators/pattern_conditions.hpp>
#include <weir/pattern/pattern_events.hpp>

namespace weir::detail {

// When the first event of a match was, and the how manieth of its key: the order in which matches start.
struct pattern_start {
    timestamp time{};
    std::uint64_t number = 0;
    friend auto operator<=>(const pattern_start&, const pattern_start&) = default;
};

// A match, or a run whose time was up.
struct pattern_end {
    pattern_start start{};
    std::uint32_t node = ~std::uint32_t{0};
    std::uint32_t wait = ~std::uint32_t{0};  // by which it ended
};

// What is needed while runs of any key go on: a stage has one of it.
struct pattern_work {
    struct fresh_run {
        std::uint32_t node, wait, group;
    };
    std::vector<fresh_run> fresh{};            // by the present event
    std::vector<std::uint32_t> looked_at{};    // groups that may have lost all their runs
    std::vector<pattern_end> timed_out{};
    condition_answers answers{};
    std::vector<std::uint32_t> left_way{}, right_way{};
};

// Nodes and events in the order in which they are written down.
struct pattern_numbering {
    std::vector<std::uint32_t> nodes{}, events{};
    boost::unordered_flat_map<std::uint32_t, std::uint32_t> node_numbers{}, event_numbers{};

    template <class Events> void add(const Events& all, std::uint32_t node) {
        way_.clear();
        for (; node != ~std::uint32_t{0} && !node_numbers.contains(node); node = all[node].before) way_.push_back(node);
        for (; !way_.empty(); way_.pop_back()) {
            const std::uint32_t next = way_.back();
            const std::uint32_t its_event = all[next].event;
            if (event_numbers.try_emplace(its_event, static_cast<std::uint32_t>(events.size())).second) {
                events.push_back(its_event);
            }
            node_numbers.emplace(next, static_cast<std::uint32_t>(nodes.size()));
            nodes.push_back(next);
        }
    }

  private:
    std::vector<std::uint32_t> way_{};
};

template <class Record>
class pattern_runs {
  public:
    static constexpr std::uint32_t nothing = ~std::uint32_t{0};
    using ended = pattern_end;
    struct pending {
        timestamp time{};
        Record record{};
    };

    [[nodiscard]] bool empty() const noexcept {
        return live_ == 0 && held_.empty() && waiting_.size() == next_waiting_;
    }
    [[nodiscard]] std::size_t live() const noexcept { return live_; }
    [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }

    // Events that are not due yet, in the order of their times; those of one time as they came.
    void wait_for_time(const Record& record, timestamp time) {
        if (next_waiting_ == waiting_.size()) {
            waiting_.clear();
            next_waiting_ = 0;
        }
        const auto later = [](timestamp left, const pending& right) { return left < right.time; };
        waiting_.insert(std::upper_bound(waiting_.begin() + static_cast<std::ptrdiff_t>(next_waiting_), waiting_.end(),
                                         time, later),
                        pending{time, record});
    }
    [[nodiscard]] timestamp next_waiting() const noexcept {
        return next_waiting_ < waiting_.size() ? waiting_[next_waiting_].time : time_highest;
    }
    // Calls take(record, time) for those up to `now`.
    template <class Take> void take_waiting(timestamp now, Take&& take) {
        while (next_waiting_ < waiting_.size() && waiting_[next_waiting_].time <= now) {
            pending& each = waiting_[next_waiting_++];
            take(std::as_const(each.record), each.time);
        }
        if (next_waiting_ == waiting_.size()) {
            waiting_.clear();
            next_waiting_ = 0;
        } else if (next_waiting_ > 32 && next_waiting_ * 2 > waiting_.size()) {
            waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(next_waiting_));
            next_waiting_ = 0;
        }
    }

    // What a run may become by an event. Matches that it completes are added to those found.
    template <class Conditions>
    void take(pattern_work& work, const Conditions& conditions, const Record& record, timestamp time);
    // Runs whose time is up at `now`: matches that were only waiting for that are added to those found, the others to
    // those timed out.
    void expire(pattern_work& work, const pattern_image& image, timestamp now);
    // When time is up for the first of them; time_highest if never.
    [[nodiscard]] timestamp next_expiry(const pattern_image& image) const;

    // Calls report(node) for matches that are to be reported, in order, and forgets them.
    template <class Report> void report_matches(pattern_work& work, const pattern_image& image, Report&& report);
    template <class Report> void report_timed_out(pattern_work& work, Report&& report);
    // Gives up those that began first until there are no more than `most`.
    void keep_at_most(std::size_t most);

    [[nodiscard]] pattern_chain<Record> chain(const pattern_image& image, std::uint32_t node) const {
        return {events_, image, node, given_up_ > 0};
    }
    // For another key. Memory is kept.
    void clear();

    timestamp wakes_at = time_highest;  // for whoever sets timers

    template <class Writer> void save(Writer& writer) const;
    template <class Reader> void load(Reader& reader);

  private:
    struct run {
        std::uint32_t node;
        std::uint32_t wait;
        std::uint32_t group;
        std::uint32_t bucket_before, bucket_after;
        std::uint32_t group_before, group_after;
    };
    struct group_type {
        pattern_start start;
        std::uint32_t first, last;     // runs
        std::uint32_t before, after;   // groups
    };
    struct bucket {
        std::uint32_t first = nothing, last = nothing;
    };
    template <class Conditions>
    void take_bucket(pattern_work& work, event_conditions<Conditions, Record>& on, std::uint32_t wait, timestamp time);
    template <class Conditions>
    bool take_one(pattern_work& work, event_conditions<Conditions, Record>& on, const run& of, timestamp time);
    // The event belongs to a loop that gives nothing away.
    template <class Conditions>
    static bool is_possessed(event_conditions<Conditions, Record>& on, const pattern_image::wait& its,
                             std::uint32_t node) {
        return std::any_of(its.possessed.begin(), its.possessed.end(), [&](const auto& each) {
            return on.holds(each.condition, node) &&
                   (each.unless == pattern_image::none || !on.holds(each.unless, node));
        });
    }
    template <class Conditions>
    void begin_runs(pattern_work& work, event_conditions<Conditions, Record>& on, timestamp time);
    void extend(pattern_work& work, const pattern_image& image, const Record& record, timestamp time,
                std::uint32_t before, std::uint32_t wait, std::uint32_t group);
    [[nodiscard]] std::uint32_t present_event(const Record& record, timestamp time) {
        if (event_ == nothing) event_ = events_.add_event(record, time, number_);
        return event_;
    }
    // A run that is kept from now on; the use of its node goes to it.
    // Ordered: in its bucket behind those whose last event is not later, else behind all.
    void link(bool ordered, std::uint32_t node, std::uint32_t wait, std::uint32_t group);
    // What was loaded belongs to this automaton.
    void fit(const pattern_image& image);
    void unlink(std::uint32_t at);
    [[nodiscard]] std::uint32_t add_group(pattern_start start);
    void drop_group_if_empty(std::uint32_t at);
    // Removes all runs of the first group: their time is up, or they are ruled out.
    void time_out_group(pattern_work& work, const pattern_image& image);
    void rule_out_group();
    void remove_expired(pattern_work& work, const pattern_image& image, std::uint32_t at);
    // Buckets that hold nothing are not open.
    void tidy_open() {
        std::erase_if(open_, [&](std::uint32_t wait) { return buckets_[wait].first == nothing; });
    }
    [[nodiscard]] static timestamp due_of(duration limit, timestamp from) {
        return limit > duration::zero() ? saturating_add(from, limit) : time_highest;
    }
    // Of matches that begin alike the preferred one comes first: the one that took the preferred way, or an event
    // earlier, where they part.
    [[nodiscard]] bool comes_before(pattern_work& work, const ended& left, const ended& right) const;
    void way_to(std::uint32_t node, std::vector<std::uint32_t>& way) const;
    [[nodiscard]] pattern_start floor_after(const pattern_image& image, const ended& match) const;
    void rule_out_below(pattern_start floor);

    pattern_events<Record> events_;
    std::vector<run> runs_;
    std::vector<std::uint32_t> free_runs_;
    std::vector<group_type> groups_;
    std::vector<std::uint32_t> free_groups_;
    std::uint32_t first_group_ = nothing, last_group_ = nothing;
    std::vector<bucket> buckets_;      // by wait
    std::vector<std::uint32_t> open_;  // buckets that hold runs, in order
    std::vector<ended> held_;          // matches that one which began before may rule out
    std::vector<pending> waiting_;
    std::size_t next_waiting_ = 0;
    std::uint64_t number_ = 0;         // of the present event
    std::uint32_t event_ = nothing;    // it, once a run has taken it
    std::uint64_t given_up_ = 0;
    std::size_t live_ = 0;
};

}  // namespace weir::detail
