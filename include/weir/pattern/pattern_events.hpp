// SPDX-License-Identifier: Apache-2.0
// What the runs of a pattern have taken, of all keys. An event is kept once, however many runs have taken it. A node is
// an event behind those taken before it: runs that have begun alike share the nodes of their beginning. Both are
// counted, and gone when nobody refers to them.
#pragma once
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

#include <boost/container/small_vector.hpp>

#include <weir/base/numbered_slab.hpp>
#include <weir/pattern/pattern_image.hpp>
#include <weir/record/binary.hpp>

namespace weir {

template <class Record>
class pattern_events {
  public:
    static constexpr std::uint32_t nothing = ~std::uint32_t{0};
    struct event {
        Record record{};
        timestamp time{};
        std::uint64_t number = 0;  // counts the events of the key
        std::uint32_t uses = 0;
    };
    struct node {
        std::uint32_t event = nothing;
        std::uint32_t before = nothing;  // the node of the event taken before
        std::uint32_t uses = 0;          // nodes behind it, runs, matches
        std::uint32_t waiting = 0;       // runs
        std::uint32_t wait = 0;          // by which it was reached
        bool completed = false;          // a match ended here when time was up
    };

    [[nodiscard]] const node& operator[](std::uint32_t at) const noexcept { return nodes_[at]; }
    [[nodiscard]] node& operator[](std::uint32_t at) noexcept { return nodes_[at]; }
    [[nodiscard]] const event& event_of(std::uint32_t at) const noexcept { return events_[nodes_[at].event]; }
    [[nodiscard]] const event& event_at(std::uint32_t number) const noexcept { return events_[number]; }
    [[nodiscard]] std::size_t node_count() const noexcept { return nodes_.size(); }
    [[nodiscard]] std::size_t event_count() const noexcept { return events_.size(); }
    // Bytes, without what records own elsewhere.
    [[nodiscard]] std::size_t memory() const noexcept { return nodes_.memory() + events_.memory(); }

    // An event that nobody refers to yet.
    [[nodiscard]] std::uint32_t add_event(const Record& record, timestamp time, std::uint64_t number) {
        const std::uint32_t made = events_.take();
        event& its = events_[made];
        its.record = record;
        its.time = time;
        its.number = number;
        its.uses = 0;
        return made;
    }
    // A node that one refers to: whoever asked for it.
    [[nodiscard]] std::uint32_t add_node(std::uint32_t of_event, std::uint32_t before, std::uint32_t wait) {
        const std::uint32_t made = nodes_.take();
        nodes_[made] = {of_event, before, 1, 0, wait, false};
        ++events_[of_event].uses;
        if (before != nothing) ++nodes_[before].uses;
        return made;
    }
    void retain(std::uint32_t at) noexcept { ++nodes_[at].uses; }
    // A loop's beginnings go one after the other, not one inside the other.
    void release(std::uint32_t at) {
        while (at != nothing && --nodes_[at].uses == 0) {
            const node gone = nodes_[at];
            nodes_.give_back(at);
            drop_event_use(gone.event);
            at = gone.before;
        }
    }
  private:
    void drop_event_use(std::uint32_t at) {
        if (--events_[at].uses == 0) free_event(at);
    }
    void free_event(std::uint32_t at) {
        if constexpr (!std::is_trivially_destructible_v<Record>) events_[at].record = Record{};
        events_.give_back(at);
    }

    detail::numbered_slab<node> nodes_;
    detail::numbered_slab<event> events_;
};

// The events that a stage has taken, in their order: a range of records. Valid while the call is that it was given to.
template <class Record>
class stage_events {
    using pointers = boost::container::small_vector<const Record*, 8>;

  public:
    class iterator {
      public:
        using value_type = Record;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;
        using pointer = const Record*;
        using reference = const Record&;
        iterator() = default;
        explicit iterator(const Record* const* at) : at_(at) {}
        const Record& operator*() const { return **at_; }
        const Record* operator->() const { return *at_; }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        iterator operator++(int) { return iterator{at_++}; }
        friend bool operator==(iterator, iterator) = default;

      private:
        const Record* const* at_ = nullptr;
    };

    stage_events(const pattern_events<Record>& all, const pattern_image& image, std::uint32_t last, std::uint32_t stage)
        : all_(&all), image_(&image), last_(last), stage_(stage) {}

    // O(events of the match), once.
    [[nodiscard]] iterator begin() const {
        gather();
        return iterator{found_.data()};
    }
    [[nodiscard]] iterator end() const {
        gather();
        return iterator{found_.data() + found_.size()};
    }
    [[nodiscard]] std::size_t size() const {
        gather();
        return found_.size();
    }
    [[nodiscard]] bool empty() const { return latest() == pattern_events<Record>::nothing; }
    [[nodiscard]] const Record& operator[](std::size_t index) const {
        gather();
        return *found_[index];
    }
    // Of a stage that has taken something.
    [[nodiscard]] const Record& front() const {
        gather();
        return *found_.front();
    }
    // The latest one first, without gathering them: nothing is allocated.
    template <class Visit> void for_each_from_latest(const Visit& visit) const {
        for (std::uint32_t at = last_; at != pattern_events<Record>::nothing; at = (*all_)[at].before) {
            if (of_stage(at)) visit(all_->event_of(at).record);
        }
    }
    // O(events since).
    [[nodiscard]] const Record& back() const { return all_->event_of(latest()).record; }

  private:
    [[nodiscard]] bool of_stage(std::uint32_t node) const {
        return image_->positions[image_->waits[(*all_)[node].wait].target].stage == stage_;
    }
    [[nodiscard]] std::uint32_t latest() const {
        std::uint32_t at = last_;
        while (at != pattern_events<Record>::nothing && !of_stage(at)) at = (*all_)[at].before;
        return at;
    }
    void gather() const {
        if (gathered_) return;
        gathered_ = true;
        for (std::uint32_t at = last_; at != pattern_events<Record>::nothing; at = (*all_)[at].before) {
            if (of_stage(at)) found_.push_back(&all_->event_of(at).record);
        }
        std::reverse(found_.begin(), found_.end());
    }

    const pattern_events<Record>* all_;
    const pattern_image* image_;
    std::uint32_t last_;
    std::uint32_t stage_;
    mutable pointers found_;
    mutable bool gathered_ = false;
};

// A match, or what one has taken so far, by the number of a stage.
template <class Record>
class pattern_chain {
  public:
    pattern_chain(const pattern_events<Record>& all, const pattern_image& image, std::uint32_t last, bool degraded)
        : all_(&all), image_(&image), last_(last), degraded_(degraded) {}

    [[nodiscard]] stage_events<Record> events(std::uint32_t stage) const { return {*all_, *image_, last_, stage}; }
    [[nodiscard]] const pattern_image& image() const noexcept { return *image_; }
    [[nodiscard]] bool empty() const noexcept { return last_ == pattern_events<Record>::nothing; }
    // Times of its first and last event. Of one that is not empty.
    [[nodiscard]] timestamp start() const {
        std::uint32_t at = last_;
        while ((*all_)[at].before != pattern_events<Record>::nothing) at = (*all_)[at].before;
        return all_->event_of(at).time;
    }
    [[nodiscard]] timestamp end() const { return all_->event_of(last_).time; }
    // Runs of this key were given up because there were too many: matches may be missing.
    [[nodiscard]] bool degraded() const noexcept { return degraded_; }

  private:
    const pattern_events<Record>* all_;
    const pattern_image* image_;
    std::uint32_t last_;
    bool degraded_;
};

}  // namespace weir
