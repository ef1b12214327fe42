// SPDX-License-Identifier: Apache-2.0
// What has changed in a keyed store since somebody last asked: two bits for each place of an entry, and the keys that
// have gone. As long as nobody tracks changes there is nothing here, and a touch is a branch.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Key>
class touched_keys {
  public:
    [[nodiscard]] bool tracked() const noexcept { return tracked_; }
    // From now on; what is there counts as unchanged.
    void track(std::size_t places) {
        tracked_ = true;
        make_room(places);
    }
    // Places below this number may be touched.
    void make_room(std::size_t places) {
        if (!tracked_) return;
        touched_.resize((places + 63) / 64);
        made_.resize(touched_.size());
    }
    [[gnu::always_inline]] void touch(std::uint32_t place) noexcept {
        if (tracked_ && (touched_[place / 64] & bit(place)) == 0) [[unlikely]] touched_[place / 64] |= bit(place);
    }
    // An entry is made there.
    void made(std::uint32_t place) noexcept {
        if (!tracked_) return;
        touched_[place / 64] |= bit(place);
        made_[place / 64] |= bit(place);
    }
    // The entry goes. Of one that was made since somebody last asked nobody knows, so that a key that comes and goes is
    // noted once at most.
    void going(std::uint32_t place, Key& key) {
        if (!tracked_) return;
        if ((made_[place / 64] & bit(place)) == 0) gone_.push_back(std::move(key));
        touched_[place / 64] &= ~bit(place);
        made_[place / 64] &= ~bit(place);
    }
    void forget() noexcept {
        gone_.clear();
        std::fill(touched_.begin(), touched_.end(), 0);
        std::fill(made_.begin(), made_.end(), 0);
    }

    // Calls visit(key) for keys that have gone, and forgets them. Memory for many of them is given back.
    template <class Visit> void take_gone(Visit&& visit) {
        for (const Key& each : gone_) visit(each);
        gone_.clear();
        if (gone_.capacity() > 65536) std::vector<Key>().swap(gone_);
    }
    // Calls visit(place, made) for touched places from word `next` on, in order, until `most` have been visited, and
    // forgets them. Begin with next = 0; at the end none is visited. O(places / 64 + touched) in all.
    template <class Visit> void take_touched(std::size_t& next, std::size_t most, Visit&& visit) {
        std::size_t visited = 0;
        for (; next < touched_.size(); ++next) {
            std::uint64_t& bits = touched_[next];
            for (; bits != 0; bits &= bits - 1) {
                if (visited == most) return;
                const auto place = static_cast<std::uint32_t>(next * 64) + static_cast<std::uint32_t>(
                                                                               std::countr_zero(bits));
                visit(place, (made_[next] & bit(place)) != 0);
                ++visited;
            }
            made_[next] = 0;
        }
    }

    // Calls visit(place) for touched places, in order, and forgets nothing.
    template <class Visit> void for_each_touched(Visit&& visit) const {
        for (std::size_t word = 0; word < touched_.size(); ++word) {
            for (std::uint64_t bits = touched_[word]; bits != 0; bits &= bits - 1) {
                visit(static_cast<std::uint32_t>(word * 64) + static_cast<std::uint32_t>(std::countr_zero(bits)));
            }
        }
    }

  private:
    [[nodiscard]] static std::uint64_t bit(std::uint32_t place) noexcept { return std::uint64_t{1} << (place % 64); }

    std::vector<std::uint64_t> touched_;
    std::vector<std::uint64_t> made_;  // among the touched ones
    std::vector<Key> gone_;
    bool tracked_ = false;
};

}  // namespace weir::detail
