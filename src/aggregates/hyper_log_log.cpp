// SPDX-License-Identifier: Apache-2.0
#include <weir/aggregates/hyper_log_log.hpp>

#include <array>
#include <cmath>
#include <limits>

namespace weir::detail {
namespace {

// Ertl's sigma(x) = x + sum of x^(2^k) * 2^(k-1), and tau; both end when nothing changes any more.
double sigma(double x) noexcept {
    if (x == 1) return std::numeric_limits<double>::infinity();
    double factor = 1;
    double sum = x;
    for (double before = -1; sum != before; factor *= 2) {
        x *= x;
        before = sum;
        sum += x * factor;
    }
    return sum;
}
double tau(double x) noexcept {
    if (x == 0 || x == 1) return 0;
    double factor = 1;
    double sum = 1 - x;
    for (double before = -1; sum != before;) {
        x = std::sqrt(x);
        before = sum;
        factor /= 2;
        sum -= (1 - x) * (1 - x) * factor;
    }
    return sum / 3;
}

constexpr std::uint32_t group_of(std::uint32_t listed) noexcept { return listed >> 8; }
constexpr std::uint8_t register_of(std::uint32_t listed) noexcept { return static_cast<std::uint8_t>(listed); }

}  // namespace

void hyper_log_log::raise_listed(std::uint32_t group, std::uint8_t zeros) {
    const auto place = std::lower_bound(listed_.begin(), listed_.end(), group << 8);
    if (place != listed_.end() && group_of(*place) == group) {
        *place = std::max(*place, group << 8 | zeros);
    } else if (listed_.size() < most_listed()) {
        listed_.insert(place, group << 8 | zeros);
    } else {
        leave_list();
        registers_[group] = zeros;
    }
}

void hyper_log_log::leave_list() {
    registers_.resize(groups());
    for (const std::uint32_t each : listed_) registers_[group_of(each)] = register_of(each);
    std::vector<std::uint32_t>().swap(listed_);
}

void hyper_log_log::merge(const hyper_log_log& other) {
    if (other.precision_ != precision_) {
        throw error(error_kind::state, "approximate_distinct cannot join states of different precision");
    }
    if (&other == this) return;
    if (!other.registers_.empty()) {
        if (registers_.empty()) leave_list();
        for (std::size_t i = 0; i < registers_.size(); ++i) {
            registers_[i] = std::max(registers_[i], other.registers_[i]);
        }
    }
    for (const std::uint32_t each : other.listed_) raise(group_of(each), register_of(each));
}

std::uint64_t hyper_log_log::estimate() const noexcept {
    std::array<std::uint64_t, 256> times{};
    for (const std::uint8_t each : registers_) ++times[each];
    for (const std::uint32_t each : listed_) ++times[register_of(each)];
    if (registers_.empty()) times[0] = groups() - listed_.size();
    const auto all = static_cast<double>(groups());
    const std::size_t highest = 64U - precision_;
    double sum = all * tau(1 - static_cast<double>(times[highest + 1]) / all);
    for (std::size_t k = highest; k >= 1; --k) sum = 0.5 * (sum + static_cast<double>(times[k]));
    sum += all * sigma(static_cast<double>(times[0]) / all);
    constexpr double alpha = 0.72134752044448170368;  // 1 / (2 ln 2)
    const double estimated = alpha * all * all / sum + 0.5;
    return estimated < 0x1p64 ? static_cast<std::uint64_t>(estimated) : std::numeric_limits<std::uint64_t>::max();
}

void hyper_log_log::require_possible() const {
    const auto highest = static_cast<std::uint8_t>(65 - precision_);
    std::size_t seen = 0;
    for (const std::uint8_t each : registers_) {
        if (each > highest) refuse();
        seen += each != 0 ? 1 : 0;
    }
    if (!registers_.empty() && seen <= most_listed()) refuse();
    if (listed_.size() > most_listed()) refuse();
    for (std::size_t i = 0; i < listed_.size(); ++i) {
        const bool rises = i == 0 || group_of(listed_[i - 1]) < group_of(listed_[i]);
        const std::uint8_t zeros = register_of(listed_[i]);
        if (!rises || group_of(listed_[i]) >= groups() || zeros == 0 || zeros > highest) refuse();
    }
}

void hyper_log_log::refuse() {
    throw error(error_kind::state, "the snapshot is damaged: approximate_distinct has registers it cannot have");
}

}  // namespace weir::detail
