// SPDX-License-Identifier: Apache-2.0
// How many values lie in each of a fixed line of buckets whose ends are in one proportion: what quantiles are read
// from.
//
// This is DDSketch (Masson, Rim, Lee: DDSketch, VLDB 2019) with its cubic mapping, which takes bits of a double and
// four multiplications in place of a logarithm, at 1 % more buckets, and gives the same bucket on every machine. Unlike
// the published sketch it never joins buckets to save memory: which it joined would depend on the order of values. So
// counts add and subtract exactly, and no more is ever kept than one count for every bucket on the line of all doubles.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <weir/aggregates/rounding.hpp>

namespace weir::detail {

// The line of buckets of positive doubles, numbered from 0 on. Any value of a bucket is at most the relative error away
// from what stands for the bucket; that is true of normal doubles, others may be 2^-1074 further away.
class bucket_line {
  public:
    // From 0.0001 to 0.5, checked by the caller.
    explicit bucket_line(double relative_error) noexcept;

    [[nodiscard]] double relative_error() const noexcept { return relative_error_; }
    // Of a positive, finite value.
    [[nodiscard]] std::uint32_t bucket_of(double value) const noexcept {
        auto bits = std::bit_cast<std::uint64_t>(value);
        auto exponent = static_cast<std::int64_t>(bits >> 52) + (lowest_shift - 1023);
        if (bits <= fraction_mask) {  // a subnormal
            bits = std::bit_cast<std::uint64_t>(value * 0x1p54);
            exponent = static_cast<std::int64_t>(bits >> 52) + (lowest_shift - 1023 - 54);
        }
        const double part = std::bit_cast<double>((bits & fraction_mask) | std::uint64_t{1023} << 52) - 1.0;
        const double curve = ((6.0 / 35 * part - 0.6) * part + 10.0 / 7) * part;
        return static_cast<std::uint32_t>((static_cast<double>(exponent) + curve) * per_doubling_);
    }
    // What stands for a bucket. 2 * low * high / (low + high) of its ends: from both the same relative error away.
    [[nodiscard]] double value_of(std::uint32_t bucket) const noexcept;

  private:
    static constexpr std::int64_t lowest_shift = 1075;  // so that numbers begin at 0
    [[nodiscard]] double lowest_of(std::uint32_t bucket) const noexcept;

    double relative_error_;
    double per_doubling_;  // buckets from a number to its double, about
};

// Counts by bucket, 16 on a page; only pages on which something is counted take memory, 128 bytes each, and 4 bytes for
// every page between the lowest and the highest.
class bucket_counts {
  public:
    // No bucket lies above: the most accurate line has 7.4 million.
    static constexpr std::uint32_t most_buckets = 1U << 23;

    void add(std::uint32_t bucket, std::uint64_t times) {
        const std::size_t page = (bucket >> page_bits) - first_;
        if (page >= places_.size() || places_[page] == 0) [[unlikely]] return add_slowly(bucket, times);
        count_at(places_[page], bucket) += times;
    }
    // There must be as many.
    void subtract(std::uint32_t bucket, std::uint64_t times) {
        const std::size_t page = (bucket >> page_bits) - first_;
        if (page >= places_.size() || places_[page] == 0) return;
        if ((count_at(places_[page], bucket) -= times) == 0) give_back_if_empty(page);
    }
    // Calls visit(bucket, times) until it answers false; from the highest bucket down if told so.
    template <class Visit>
    bool visit(bool downwards, Visit&& visit) const {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const std::size_t page = downwards ? places_.size() - 1 - i : i;
            if (places_[page] == 0) continue;
            for (std::uint32_t k = 0; k < page_size; ++k) {
                const std::uint32_t place = downwards ? page_size - 1 - k : k;
                const std::uint64_t times = counts_[(places_[page] - 1) * page_size + place];
                const auto bucket = static_cast<std::uint32_t>((first_ + page) * page_size + place);
                if (times != 0 && !visit(bucket, times)) return false;
            }
        }
        return true;
    }
    void clear() noexcept { *this = {}; }
    [[nodiscard]] std::size_t memory() const noexcept {
        return counts_.capacity() * sizeof(std::uint64_t) + (places_.capacity() + spare_.capacity()) * 4;
    }

    template <class Writer>
    void save(Writer& writer) const {
        std::size_t different = 0;
        visit(false, [&](std::uint32_t, std::uint64_t) { return ++different != 0; });
        writer.write_count(different);
        visit(false, [&](std::uint32_t bucket, std::uint64_t times) {
            writer.write_fixed(bucket);
            writer.write_fixed(times);
            return true;
        });
    }
    // Gives how many there are in all.
    template <class Reader>
    [[nodiscard]] std::uint64_t load(Reader& reader) {
        clear();
        std::uint64_t total = 0;
        std::uint32_t next = 0;
        for (auto left = reader.read_count(); left > 0; --left) {
            const auto bucket = reader.template read_fixed<std::uint32_t>();
            const auto times = reader.template read_fixed<std::uint64_t>();
            if (bucket < next || bucket >= most_buckets || times == 0) refuse();
            next = bucket + 1;
            add(bucket, times);
            total += times;
        }
        return total;
    }

  private:
    static constexpr unsigned page_bits = 4;
    static constexpr std::uint32_t page_size = 1U << page_bits;

    [[nodiscard]] std::uint64_t& count_at(std::uint32_t place, std::uint32_t bucket) noexcept {
        return counts_[(place - 1) * page_size + bucket % page_size];
    }
    void add_slowly(std::uint32_t bucket, std::uint64_t times);
    void give_back_if_empty(std::size_t page);
    [[noreturn]] static void refuse();

    std::size_t first_ = 0;               // the page that places_ begins with
    std::vector<std::uint32_t> places_;   // where a page's counts are, from 1 on; 0: it has none
    std::vector<std::uint64_t> counts_;   // page by page
    std::vector<std::uint32_t> spare_;    // places that were given back
};

// Values of all kinds. NaN are counted, and make every quantile NaN; -0 is 0; infinities lie at the ends.
class quantile_sketch {
  public:
    void add(double value, const bucket_line& line) {
        ++count_;
        if (value > 0 && value <= largest) {
            above_.add(line.bucket_of(value), 1);
        } else if (value < 0 && value >= -largest) {
            below_.add(line.bucket_of(-value), 1);
        } else {
            ++*place_of_special(value);
        }
    }
    void subtract(double value, const bucket_line& line) {
        if (value > 0 && value <= largest) {
            above_.subtract(line.bucket_of(value), 1);
        } else if (value < 0 && value >= -largest) {
            below_.subtract(line.bucket_of(-value), 1);
        } else {
            --*place_of_special(value);
        }
        if (--count_ == 0) clear();
    }
    void merge(const quantile_sketch& other);
    void subtract(const quantile_sketch& other);
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // Of the values in order, number floor(quantile * (count - 1)), counted from 0, within the line's relative error.
    // There must be a value.
    [[nodiscard]] double quantile(double quantile, const bucket_line& line) const noexcept;
    [[nodiscard]] std::size_t memory() const noexcept { return above_.memory() + below_.memory(); }

    static std::string type_tag() { return "quantile_sketch"; }
    template <class Writer>
    void save(Writer& writer) const {
        for (const std::uint64_t each : {not_numbers_, lowest_, zeros_, highest_}) writer.write_fixed(each);
        below_.save(writer);
        above_.save(writer);
    }
    template <class Reader>
    void load(Reader& reader) {
        quantile_sketch fresh;
        for (auto* each : {&fresh.not_numbers_, &fresh.lowest_, &fresh.zeros_, &fresh.highest_}) {
            *each = reader.template read_fixed<std::uint64_t>();
            fresh.count_ += *each;
        }
        fresh.count_ += fresh.below_.load(reader);
        fresh.count_ += fresh.above_.load(reader);
        *this = std::move(fresh);
    }

  private:
    static constexpr double largest = 0x1.fffffffffffffp1023;

    [[nodiscard]] std::uint64_t* place_of_special(double value) noexcept {
        if (value == 0) return &zeros_;
        if (value != value) return &not_numbers_;
        return value > 0 ? &highest_ : &lowest_;
    }
    void clear() noexcept { *this = {}; }

    bucket_counts above_;  // of positive values
    bucket_counts below_;  // of negative ones, by their size
    std::uint64_t count_ = 0;
    std::uint64_t not_numbers_ = 0;
    std::uint64_t lowest_ = 0;  // -infinity
    std::uint64_t zeros_ = 0;
    std::uint64_t highest_ = 0;
};

}  // namespace weir::detail
