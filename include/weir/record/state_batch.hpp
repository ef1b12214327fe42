// SPDX-License-Identifier: Apache-2.0
// State on its way into a checkpoint: entries by stage, shard and key, one after the other in one block of memory, so
// that whoever hands them over pays for little more than their bytes.
//
// An entry is the newest value of its key; one that is gone says that there is none any more. State without keys is one
// entry, of the empty key. Shards of keyed state are numbered from 0; others have meanings of their own.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include <weir/record/binary_buffer.hpp>

namespace weir {

class state_batch {
  public:
    struct entry {
        std::uint32_t stage = 0;
        std::uint16_t shard = 0;
        bool gone = false;
        std::string_view key;
        std::string_view value;
    };

    // What is put from now on is of this stage.
    void begin_stage(std::uint32_t number) noexcept { stage_ = number; }
    // write_key(binary_writer&) and write_value(binary_writer&) append the bytes. O(bytes), amortized.
    template <class WriteKey, class WriteValue>
    void put(unsigned shard, WriteKey&& write_key, WriteValue&& write_value) {
        const std::size_t first = bytes_.size();
        write_key(bytes_);
        const std::size_t middle = bytes_.size();
        write_value(bytes_);
        add({first, middle, bytes_.size(), stage_, static_cast<std::uint16_t>(shard), false});
    }
    template <class WriteKey>
    void erase(unsigned shard, WriteKey&& write_key) {
        const std::size_t first = bytes_.size();
        write_key(bytes_);
        add({first, bytes_.size(), bytes_.size(), stage_, static_cast<std::uint16_t>(shard), true});
    }
    // State without keys.
    template <class WriteValue>
    void put_image(unsigned shard, WriteValue&& write_value) {
        put(shard, [](binary_writer&) {}, write_value);
    }

    [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.size(); }
    // Valid until the next change.
    [[nodiscard]] entry operator[](std::size_t index) const noexcept {
        const place& at = places_[index];
        const std::string_view all = bytes_.text();
        return {at.stage, at.shard, at.gone, all.substr(at.first, at.middle - at.first),
                all.substr(at.middle, at.last - at.middle)};
    }
    // By stage, shard and the bytes of the key; of several for one key, the last one put stays. O(n log n).
    void sort() {
        const std::string_view all = bytes_.text();
        std::sort(places_.begin(), places_.end(), [all](const place& left, const place& right) {
            if (left.stage != right.stage) return left.stage < right.stage;
            if (left.shard != right.shard) return left.shard < right.shard;
            const int order = key_of(all, left).compare(key_of(all, right));
            return order != 0 ? order < 0 : left.first < right.first;
        });
        // From behind, so that the last of equal ones is the one that is kept.
        const auto same = [all](const place& one, const place& other) {
            return one.stage == other.stage && one.shard == other.shard && key_of(all, one) == key_of(all, other);
        };
        const auto kept = std::unique(places_.rbegin(), places_.rend(), same);
        places_.erase(places_.begin(), kept.base());
    }
    // Keeps its memory.
    void clear() noexcept {
        bytes_.clear();
        places_.clear();
        stage_ = 0;
    }

  private:
    struct place {
        std::size_t first, middle, last;
        std::uint32_t stage;
        std::uint16_t shard;
        bool gone;
    };
    // Places begin where none has begun before, so that they say what was put later.
    void add(const place& at) {
        if (bytes_.size() == at.first) bytes_.write_fixed(std::uint8_t{0});
        places_.push_back(at);
    }
    [[nodiscard]] static std::string_view key_of(std::string_view all, const place& at) noexcept {
        return all.substr(at.first, at.middle - at.first);
    }

    binary_writer bytes_;
    std::vector<place> places_;
    std::uint32_t stage_ = 0;
};

}  // namespace weir
