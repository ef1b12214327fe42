// SPDX-License-Identifier: Apache-2.0
// The runs of a pattern, of all keys of a stage. A run is what has been taken (a node) and one thing that it waits for.
//
// Runs of a key stand in two lists: in a bucket with all that wait for the same, and in a group with all that began
// with the same event. An event looks at the buckets whose condition it meets, so what it costs does not depend on how
// many runs wait for something else. Groups stand in the order of their starts: what has run out of time, and what a
// match rules out, is at the front.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>
#include <weir/operators/pattern_conditions.hpp>

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

// What is kept of a key: where its lists begin.
struct pattern_key {
    static constexpr std::uint32_t nothing = ~std::uint32_t{0};
    std::uint32_t first_group = nothing, last_group = nothing;
    std::uint32_t first_bucket = nothing;                          // in the order of waits
    std::uint32_t first_held = nothing;                            // matches that one which began before may rule out
    std::uint32_t first_pending = nothing, last_pending = nothing;  // events that are not due yet, in order
    std::uint32_t runs = 0;
    std::uint64_t number = 0;    // of the present event
    std::uint64_t given_up = 0;  // runs beyond the bound
    timestamp wakes_at = time_highest;  // for whoever sets timers

    [[nodiscard]] bool empty() const noexcept {
        return runs == 0 && first_held == nothing && first_pending == nothing;
    }
};

template <class Record>
class pattern_runs {
  public:
    static constexpr std::uint32_t nothing = pattern_key::nothing;

    explicit pattern_runs(const pattern_image& image) : image_(image) {}

    // Events that are not due yet, in the order of their times; those of one time as they came.
    void wait_for_time(pattern_key& key, const Record& record, timestamp time);
    // Calls take(record, time) for those up to `now`.
    template <class Take> void take_pending(pattern_key& key, timestamp now, Take&& take);

    // What runs become by an event. Matches that it completes are added to those found.
    template <class Conditions>
    void take(pattern_key& key, const Conditions& conditions, const Record& record, timestamp time);
    // Whether an event may begin a run.
    template <class Conditions> [[nodiscard]] bool may_begin(const Conditions& conditions, const Record& record) const;
    // Runs whose time is up at `now`: matches that were only waiting for that are added to those found, the others to
    // those timed out.
    void expire(pattern_key& key, timestamp now);
    // When something happens next that is no event's coming; time_highest if never.
    [[nodiscard]] timestamp next_due(const pattern_key& key) const;

    // Calls report(chain) for matches that are to be reported, in order, and forgets them.
    template <class Report> void report_matches(pattern_key& key, Report&& report);
    template <class Report> void report_timed_out(const pattern_key& key, Report&& report);
    // Gives up those that began first until there are no more than `most`.
    void keep_at_most(pattern_key& key, std::size_t most);

    // Of a key that is empty: gives back what it still has.
    void forget(pattern_key& key) { close_empty_buckets(key); }

    // Bytes, without what records own elsewhere.
    [[nodiscard]] std::size_t memory() const noexcept {
        return events_.memory() + runs_.memory() + groups_.memory() + buckets_.memory() + held_.memory() +
               pending_.memory();
    }
    // Events, nodes and runs that are kept: none when no key has any.
    [[nodiscard]] std::size_t size() const noexcept {
        return events_.event_count() + events_.node_count() + runs_.size() + groups_.size() + buckets_.size() +
               held_.size() + pending_.size();
    }

    template <class Writer> void save(const pattern_key& key, Writer& writer) const;
    // Throws weir::error of kind state if what is read cannot be of this pattern.
    template <class Reader> void load(pattern_key& key, Reader& reader);

  private:
    struct run {
        std::uint32_t node, wait, group;
        std::uint32_t bucket_before, bucket_after;
        std::uint32_t group_before, group_after;
    };
    struct group {
        pattern_start start;
        std::uint32_t first, last;    // runs
        std::uint32_t before, after;  // groups
    };
    struct bucket {
        std::uint32_t wait;
        std::uint32_t first, last;  // runs
        std::uint32_t after;        // bucket
    };
    struct held {
        pattern_end match;
        std::uint32_t after;
    };
    struct pending {
        Record record{};
        timestamp time{};
        std::uint32_t before, after;
    };
    struct fresh_run {
        std::uint32_t node, wait, group;
    };

    template <class Conditions>
    void take_bucket(pattern_key& key, event_conditions<Conditions, Record>& on, std::uint32_t its_bucket,
                     timestamp time);
    template <class Conditions>
    bool nothing_happens(event_conditions<Conditions, Record>& on, const pattern_image::wait& its) const;
    template <class Conditions>
    bool take_one(const pattern_key& key, event_conditions<Conditions, Record>& on, const run& of, timestamp time);
    template <class Conditions>
    static bool is_possessed(event_conditions<Conditions, Record>& on, const pattern_image::wait& its,
                             std::uint32_t node);
    template <class Conditions>
    void begin_runs(pattern_key& key, event_conditions<Conditions, Record>& on, timestamp time);
    void extend(const pattern_key& key, const Record& record, timestamp time, std::uint32_t before, std::uint32_t wait,
                std::uint32_t its_group);

    // A run that is kept from now on; the use of its node goes to it.
    void link(pattern_key& key, std::uint32_t node, std::uint32_t wait, std::uint32_t its_group);
    void unlink(pattern_key& key, std::uint32_t its_bucket, std::uint32_t at);
    void unlink(pattern_key& key, std::uint32_t at) { unlink(key, bucket_of(key, runs_[at].wait), at); }
    [[nodiscard]] std::uint32_t bucket_of(const pattern_key& key, std::uint32_t wait) const;
    [[nodiscard]] std::uint32_t open_bucket(pattern_key& key, std::uint32_t wait);
    void close_empty_buckets(pattern_key& key);
    // Empty buckets of a small automaton stay: the next run will need them.
    void tidy_buckets(pattern_key& key) {
        if (image_.waits.size() > 16) close_empty_buckets(key);
    }
    [[nodiscard]] std::uint32_t add_group(pattern_key& key, pattern_start start);
    void drop_group_if_empty(pattern_key& key, std::uint32_t at);
    void time_out_first_group(pattern_key& key);
    void rule_out_first_group(pattern_key& key);
    void remove_expired(pattern_key& key, std::uint32_t at);
    void take_held(pattern_key& key);
    void hold(pattern_key& key, std::size_t from);
    [[nodiscard]] static timestamp due_of(duration limit, timestamp from) {
        return limit > duration::zero() ? saturating_add(from, limit) : time_highest;
    }
    // Of matches that begin alike the preferred one comes first: the one that took the preferred way, or an event
    // earlier, where they part.
    [[nodiscard]] bool comes_before(const pattern_end& left, const pattern_end& right) const;
    void way_to(std::uint32_t node, std::vector<std::uint32_t>& way) const;
    void sort_ends(std::vector<pattern_end>& ends) const {
        if (ends.size() < 2) return;
        std::sort(ends.begin(), ends.end(), [this](const auto& left, const auto& right) {
            return comes_before(left, right);
        });
    }
    [[nodiscard]] pattern_start floor_after(const pattern_end& match) const;
    [[nodiscard]] pattern_chain<Record> chain(const pattern_key& key, std::uint32_t node) const {
        return {events_, image_, node, key.given_up > 0};
    }

    const pattern_image& image_;
    pattern_events<Record> events_;
    numbered_slab<run> runs_;
    numbered_slab<group> groups_;
    numbered_slab<bucket> buckets_;
    numbered_slab<held> held_;
    numbered_slab<pending> pending_;
    // While an event is taken.
    std::uint32_t event_ = nothing;          // it, once a run has taken it
    std::vector<fresh_run> fresh_;
    std::vector<std::uint32_t> looked_at_;   // groups that may have lost all their runs
    std::vector<pattern_end> found_;         // matches
    std::vector<pattern_end> timed_out_;
    mutable condition_answers answers_;
    mutable std::vector<std::uint32_t> left_way_, right_way_;
};

}  // namespace weir::detail
