// SPDX-License-Identifier: Apache-2.0
// What is measured of a running stage: how long it works on its records, how often that was too long, and which keys
// come most often. A stage that nobody measures has none.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/base/fine_clock.hpp>
#include <weir/base/latency_histogram.hpp>

namespace weir {

// A key that came often. Counts are estimates, from a sample.
struct hot_key {
    std::string key;          // as text, its first bytes
    std::uint64_t count = 0;  // of its records, at most
    std::uint64_t error = 0;  // how far that may be above those that were counted
    friend bool operator==(const hot_key&, const hot_key&) = default;
};

// The keys that come most often, of a stream of any length, in fixed memory: SpaceSaving (Metwally, Agrawal, El Abbadi
// 2005). A key that makes up more than 1/capacity of what was added is among them. O(capacity) per key added.
class hot_keys {
  public:
    static constexpr std::size_t capacity = 32;
    static constexpr std::size_t text_bytes = 40;  // of a key that are kept

    void add(std::uint64_t hash, std::string_view text) noexcept;
    // Most frequent first, at most `most`; each counts `weight` times.
    [[nodiscard]] std::vector<hot_key> top(std::size_t most, std::uint64_t weight) const;
    void merge(const hot_keys& other) noexcept;

  private:
    struct entry {
        std::uint64_t hash = 0;
        std::uint64_t count = 0;
        std::uint64_t error = 0;
        std::uint8_t length = 0;
        std::array<char, text_bytes> text{};
    };
    entry& place_of(std::uint64_t hash, std::string_view text) noexcept;

    std::array<entry, capacity> entries_{};
    std::size_t used_ = 0;
};

class stage_meter {
  public:
    static constexpr std::chrono::nanoseconds no_budget = std::chrono::nanoseconds::max();
    static constexpr unsigned records_per_sample = 61;  // a prime: what comes in a rhythm does not hide behind it

    stage_meter(environment& where, std::chrono::nanoseconds budget) : clock_(where), budget_(budget) {}

    [[nodiscard]] fine_clock::instant begin() const { return clock_.read(); }
    // `records` have been worked on since; returns how long.
    std::chrono::nanoseconds end(fine_clock::instant began, std::size_t records) {
        const std::chrono::nanoseconds took = clock_.between(began, clock_.read());
        latency.record(took, static_cast<std::uint32_t>(records));
        if (took > budget_) misses += records;
        return took;
    }
    // Calls count(index) for every so many-th record, counted across chunks, of a chunk's records [begin, end).
    template <class Count> void sample(std::size_t begin, std::size_t end, Count&& count) {
        std::size_t at = begin + skip_;
        for (; at < end; at += records_per_sample) count(at);
        skip_ = at - end;
    }
    [[nodiscard]] std::chrono::nanoseconds budget() const noexcept { return budget_; }

    latency_histogram latency;  // of a record: of the chunk that it came in
    std::uint64_t misses = 0;   // records that took longer than the budget
    hot_keys keys;

  private:
    fine_clock clock_;
    std::chrono::nanoseconds budget_;
    std::size_t skip_ = 0;  // records before the next one that is sampled
};

}  // namespace weir
