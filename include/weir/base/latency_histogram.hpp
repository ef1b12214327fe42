// SPDX-License-Identifier: Apache-2.0
// A histogram of durations that keeps every percentile to within 1 %, in fixed memory, at the cost of an addition per
// value. The idea is Gil Tene's HdrHistogram (hdrhistogram.org): buckets that are linear within a power of two, and as
// many of them in each, so their width is a fixed share of the value. It holds every duration there is: nothing has to
// be known beforehand, nothing is cut off.
#pragma once
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace weir {

// Of one thread; those of several are merged. It takes 57 KiB, all of them when it is made.
class latency_histogram {
  public:
    // A percentile is not below the value it stands for, and above it by at most this share of it.
    static constexpr double most_error = 1.0 / 128;

    latency_histogram() : counts_(bucket_count) {}

    // A duration below zero counts as zero: clocks that are read on two cores may differ by that little.
    void record(std::chrono::nanoseconds value) noexcept {
        const std::uint64_t nanoseconds = value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
        ++counts_[bucket_of(nanoseconds)];
        ++count_;
        add_to_sum(nanoseconds, 0);
        least_ = std::min(least_, nanoseconds);
        most_ = std::max(most_, nanoseconds);
    }
    // The same so many times: for all records of a chunk.
    void record(std::chrono::nanoseconds value, std::uint32_t times) noexcept {
        if (times == 1) return record(value);
        if (times == 0) return;
        const std::uint64_t nanoseconds = value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
        counts_[bucket_of(nanoseconds)] += times;
        count_ += times;
        // The product has at most 95 bits.
        const std::uint64_t low = (nanoseconds & 0xffffffffU) * times;
        const std::uint64_t high = (nanoseconds >> 32U) * times;
        add_to_sum(low, 0);
        add_to_sum(high << 32U, high >> 32U);
        least_ = std::min(least_, nanoseconds);
        most_ = std::max(most_, nanoseconds);
    }
    // As if everything had been recorded here.
    void merge(const latency_histogram& other) noexcept {
        if (other.count_ == 0) return;
        const std::size_t last = bucket_of(other.most_);
        for (std::size_t i = bucket_of(other.least_); i <= last; ++i) counts_[i] += other.counts_[i];
        count_ += other.count_;
        add_to_sum(other.sum_low_, other.sum_high_);
        least_ = std::min(least_, other.least_);
        most_ = std::max(most_, other.most_);
    }
    void clear() noexcept {
        std::fill(counts_.begin(), counts_.end(), 0);
        count_ = sum_low_ = sum_high_ = most_ = 0;
        least_ = nothing_yet;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // Exact; zero if nothing was recorded.
    [[nodiscard]] std::chrono::nanoseconds min() const noexcept { return duration_of(count_ == 0 ? 0 : least_); }
    [[nodiscard]] std::chrono::nanoseconds max() const noexcept { return duration_of(most_); }
    // In nanoseconds, of the values as they were; zero if nothing was recorded.
    [[nodiscard]] double mean() const noexcept {
        if (count_ == 0) return 0;
        constexpr double high_unit = 18'446'744'073'709'551'616.0;  // 2 to the power of 64
        return (static_cast<double>(sum_high_) * high_unit + static_cast<double>(sum_low_)) /
               static_cast<double>(count_);
    }
    // The least value that is not below `percent` per cent of all, as the highest one its bucket holds; of 100, max().
    // Zero if nothing was recorded.
    [[nodiscard]] std::chrono::nanoseconds percentile(double percent) const noexcept {
        if (count_ == 0) return {};
        const std::uint64_t wanted = rank_of(percent);
        if (wanted == count_) return max();
        std::uint64_t seen = 0;
        std::size_t bucket = bucket_of(least_);
        while ((seen += counts_[bucket]) < wanted) ++bucket;
        return duration_of(std::min(highest_in(bucket), most_));
    }

  private:
    static constexpr unsigned linear_bits = 7;
    static constexpr std::uint64_t linear = std::uint64_t{1} << linear_bits;  // buckets per power of two
    static constexpr std::uint64_t nothing_yet = std::numeric_limits<std::uint64_t>::max();

    // Values below 2 * linear have a bucket each; above, it keeps the eight highest bits.
    static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        const auto shift = static_cast<unsigned>(std::bit_width(value | linear)) - (linear_bits + 1);
        return static_cast<std::size_t>((shift * linear) + (value >> shift));
    }
    static constexpr std::uint64_t highest_in(std::size_t bucket) noexcept {
        if (bucket < 2 * linear) return bucket;
        const std::uint64_t shift = bucket / linear - 1;
        return ((bucket % linear + linear + 1) << shift) - 1;
    }
    static constexpr std::size_t bucket_count =
        ((std::numeric_limits<std::int64_t>::digits - linear_bits + 1) * linear);

    static std::chrono::nanoseconds duration_of(std::uint64_t nanoseconds) noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
    }
    // From 1 to count_. A percentage such as 99.9 is no binary number: what rounding may have added is taken away
    // first.
    [[nodiscard]] std::uint64_t rank_of(double percent) const noexcept {
        constexpr double less = 1 - 4 * std::numeric_limits<double>::epsilon();
        const double rank = std::ceil(percent / 100 * static_cast<double>(count_) * less);
        if (!(rank > 1)) return 1;
        return rank >= static_cast<double>(count_) ? count_ : static_cast<std::uint64_t>(rank);
    }
    void add_to_sum(std::uint64_t low, std::uint64_t high) noexcept {
        sum_low_ += low;
        sum_high_ += high + (sum_low_ < low ? 1 : 0);
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_low_ = 0, sum_high_ = 0;  // one number of 128 bits
    std::uint64_t least_ = nothing_yet, most_ = 0;
};

}  // namespace weir
