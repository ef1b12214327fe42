// SPDX-License-Identifier: Apache-2.0
// Time to live: how long state is kept after it was last touched, in event time, exactly.
//
//   process<State>(fn, ttl(30min))            a touch is every call of fn or on_timer for the key
//   process<State>(fn, ttl(30min, on_write))  a touch is a call that writes: fn gets const State&, and changes it
//                                             through context.write()
//
// A touch at time t, the record's or the timer's, moves the end of life to t + length, if that is later. The clock is
// the watermark that a record carries: once it has reached the end of life the state is gone, whoever asks, and the
// next record of the key finds a fresh one. It is removed when the watermark passes, also of keys that went silent.
#pragma once
#include <algorithm>

#include <weir/base/error.hpp>
#include <weir/state/timers.hpp>

namespace weir {

// What a touch is.
struct on_read_and_write_touch {
    static constexpr bool writes_only = false;
};
struct on_write_touch {
    static constexpr bool writes_only = true;
};
inline constexpr on_read_and_write_touch on_read_and_write;
inline constexpr on_write_touch on_write;

template <class Touch>
struct time_to_live {
    duration length;
};

// Throws weir::error of kind configuration if the length is not above zero.
template <class Touch = on_read_and_write_touch> [[nodiscard]] time_to_live<Touch> ttl(duration length, Touch = {}) {
    if (length <= duration::zero()) throw error(error_kind::configuration, "ttl: the time to live is above zero");
    return {length};
}

namespace detail {

// State that is kept until it is forgotten.
struct unlimited_life {
    static constexpr bool ends = false;
    static constexpr bool writes_only = false;
};
template <class Touch>
struct limited_life {
    static constexpr bool ends = true;
    static constexpr bool writes_only = Touch::writes_only;
    duration length;
};

// State with its end of life. One timer per key wakes the store; when it does, and the end has moved on, it is set
// again: a touch costs no timer.
template <class State>
struct mortal {
    static constexpr timestamp never = time_highest;  // no end of life wakes anybody there

    State value;
    timestamp until = time_lowest;
    timestamp wakes = never;  // when its timer fires; not part of what is stored
};

// The timers that end the lives in a keyed store of mortal states, or of what is in them. They emit nothing and are not
// stored: what is stored is when each life ends.
template <stably_hashable Key>
class expiries {
  public:
    // When somebody is to be woken; time_highest if nobody is.
    [[nodiscard]] timestamp next() const noexcept { return wakes_.next_due(); }
    // Sees to it that the entry is woken at this time, if not before. Amortized O(1).
    template <class Entry> void wake(Entry& entry, timestamp at) {
        if (entry.value.wakes <= at) return;
        entry.value.wakes = at;
        wakes_.set(at, entry.key, entry.hash());
    }
    // Moves the end of life on.
    template <class Entry> void touch(Entry& entry, timestamp at, duration length) {
        entry.value.until = std::max(entry.value.until, saturating_add(at, length));
        wake(entry, entry.value.until - one_tick);
    }
    // Takes the first timer: the entry that is woken, which is not any more, or null where it is of one that has gone.
    template <class Store> [[nodiscard]] typename Store::entry* take_next(Store& store) {
        typename timers<Key>::timer timer;
        if (!wakes_.take(time_highest, timer)) return nullptr;
        auto* const entry = store.find(timer.key, timer.hash);
        if (entry == nullptr || entry->value.wakes != timer.due) return nullptr;
        entry->value.wakes = entry->value.never;
        return entry;
    }

  private:
    timers<Key> wakes_;
};

}  // namespace detail
}  // namespace weir
