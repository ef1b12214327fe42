// SPDX-License-Identifier: Apache-2.0
// The line of buckets, and the rare paths of counting in it.
#include <weir/aggregates/quantile_sketch.hpp>

#include <algorithm>
#include <limits>

#include <weir/base/error.hpp>

namespace weir::detail {

// The curve of bucket_of rises by at least 10/7 * ln 2 per doubling, so 7 / (10 * ln(gamma)) buckets for each of its
// units make none wider than gamma = (1 + error) / (1 - error). ln(gamma) is 2 * artanh(error): added up here, so that
// it is the same on every machine. A hundred millionth more buckets pay for what bucket_of and value_of round.
bucket_line::bucket_line(double relative_error) noexcept : relative_error_(relative_error) {
    double half_logarithm = 0;
    double power = relative_error;
    for (int k = 1; power > 1e-20; k += 2, power *= relative_error * relative_error) half_logarithm += power / k;
    per_doubling_ = 0.35 / half_logarithm * (1 + 1e-8);
}

// The smallest double whose bucket is that one or a later one.
double bucket_line::lowest_of(std::uint32_t bucket) const noexcept {
    std::uint64_t low = 1;
    std::uint64_t high = (exponent_of_infinity << 52) - 1;
    if (bucket_of(std::bit_cast<double>(high)) < bucket) return std::numeric_limits<double>::infinity();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (bucket_of(std::bit_cast<double>(middle)) < bucket) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return std::bit_cast<double>(low);
}

double bucket_line::value_of(std::uint32_t bucket) const noexcept {
    const double low = std::min(lowest_of(bucket), std::numeric_limits<double>::max());
    const auto after = std::bit_cast<std::uint64_t>(lowest_of(bucket + 1));
    const double high = std::max(low, std::bit_cast<double>(after - 1));
    return low * (2 / (1 + low / high));
}

void bucket_counts::add_slowly(std::uint32_t bucket, std::uint64_t times) {
    const std::size_t page = bucket >> page_bits;
    if (places_.empty()) {
        places_.push_back(0);
        first_ = page;
    } else if (page < first_) {
        // Some more than asked for: values that fall step by step do not move everything at each step.
        const std::size_t more = std::min(first_, std::max(first_ - page, places_.size() / 2));
        places_.insert(places_.begin(), more, 0);
        first_ -= more;
    } else if (page - first_ >= places_.size()) {
        places_.resize(page - first_ + 1);
    }
    std::uint32_t& place = places_[page - first_];
    if (place == 0 && spare_.empty()) {
        counts_.resize(counts_.size() + page_size);
        place = static_cast<std::uint32_t>(counts_.size() / page_size);
    } else if (place == 0) {
        place = spare_.back();
        spare_.pop_back();
    }
    count_at(place, bucket) += times;
}

void bucket_counts::give_back_if_empty(std::size_t page) {
    const auto begin = counts_.begin() + static_cast<std::ptrdiff_t>((places_[page] - 1) * page_size);
    if (std::any_of(begin, begin + page_size, [](std::uint64_t times) { return times != 0; })) return;
    spare_.push_back(places_[page]);
    places_[page] = 0;
}

void bucket_counts::refuse() {
    throw error(error_kind::state, "the snapshot is damaged: a sketch of quantiles has counts it cannot have");
}

void quantile_sketch::merge(const quantile_sketch& other) {
    if (&other == this) return merge(quantile_sketch(other));
    const auto into = [](bucket_counts& counts) {
        return [&counts](std::uint32_t bucket, std::uint64_t times) {
            counts.add(bucket, times);
            return true;
        };
    };
    other.above_.visit(false, into(above_));
    other.below_.visit(false, into(below_));
    count_ += other.count_;
    not_numbers_ += other.not_numbers_;
    lowest_ += other.lowest_;
    zeros_ += other.zeros_;
    highest_ += other.highest_;
}

void quantile_sketch::subtract(const quantile_sketch& other) {
    if (&other == this) return clear();
    const auto from = [](bucket_counts& counts) {
        return [&counts](std::uint32_t bucket, std::uint64_t times) {
            counts.subtract(bucket, times);
            return true;
        };
    };
    other.above_.visit(false, from(above_));
    other.below_.visit(false, from(below_));
    not_numbers_ -= other.not_numbers_;
    lowest_ -= other.lowest_;
    zeros_ -= other.zeros_;
    highest_ -= other.highest_;
    count_ -= other.count_;
    if (count_ == 0) clear();
}

double quantile_sketch::quantile(double quantile, const bucket_line& line) const noexcept {
    using limits = std::numeric_limits<double>;
    if (not_numbers_ != 0) return limits::quiet_NaN();
    const double exact_rank = quantile * static_cast<double>(count_ - 1);
    auto rank = exact_rank < 0x1p63 ? std::min(static_cast<std::uint64_t>(exact_rank), count_ - 1) : count_ - 1;
    const auto lies_in = [&rank](std::uint64_t times) {
        if (rank < times) return true;
        rank -= times;
        return false;
    };
    double found = 0;
    const auto search = [&](const bucket_counts& counts, bool negative) {
        return !counts.visit(negative, [&](std::uint32_t bucket, std::uint64_t times) {
            if (!lies_in(times)) return true;
            found = negative ? -line.value_of(bucket) : line.value_of(bucket);
            return false;
        });
    };
    if (lies_in(lowest_)) return -limits::infinity();
    if (search(below_, true)) return found;
    if (lies_in(zeros_)) return 0;
    if (search(above_, false)) return found;
    return limits::infinity();
}

}  // namespace weir::detail
