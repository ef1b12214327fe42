// SPDX-License-Identifier: Apache-2.0
// The state of approximate_distinct: for each of 2^p groups of hashes the longest run of leading zeros seen, plus one.
// HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007) with 64-bit hashes, read by Ertl's estimator (New cardinality
// estimation algorithms for HyperLogLog sketches, 2017), which needs no correction for few or many values, and no
// logarithm: it is the same on every machine. Registers merge by their maximum, so neither order nor repetition shows.
//
// While few groups have been seen they are listed; how many tells which form a state has, so equal contents have equal
// bytes.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/error.hpp>

namespace weir::detail {

class hyper_log_log {
  public:
    static constexpr unsigned least_precision = 4;
    static constexpr unsigned most_precision = 18;

    hyper_log_log() noexcept = default;  // to be loaded
    explicit hyper_log_log(unsigned precision) noexcept : precision_(static_cast<std::uint8_t>(precision)) {}

    // O(1); while groups are listed O(log n), and up to n moves of four bytes for a new one.
    void add(std::uint64_t hash) {
        const auto group = static_cast<std::uint32_t>(hash >> (64 - precision_));
        const std::uint64_t rest = hash << precision_ | std::uint64_t{1} << (precision_ - 1);
        raise(group, static_cast<std::uint8_t>(std::countl_zero(rest) + 1));
    }
    void merge(const hyper_log_log& other);
    // How many different hashes, about. O(2^p).
    [[nodiscard]] std::uint64_t estimate() const noexcept;
    [[nodiscard]] std::size_t memory() const noexcept { return listed_.capacity() * 4 + registers_.capacity(); }

    static std::string type_tag() { return "hyper_log_log"; }
    template <class Writer>
    void save(Writer& writer) const {
        writer.write_fixed(precision_);
        writer.write_fixed(static_cast<std::uint8_t>(registers_.empty() ? 0 : 1));
        if (registers_.empty()) {
            writer.write_count(listed_.size());
            for (const std::uint32_t each : listed_) writer.write_fixed(each);
        } else {
            writer.write_bytes(registers_.data(), registers_.size());
        }
    }
    template <class Reader>
    void load(Reader& reader) {
        const auto precision = reader.template read_fixed<std::uint8_t>();
        if (precision < least_precision || precision > most_precision) refuse();
        if (precision_ != 0 && precision != precision_) refuse();
        hyper_log_log fresh(precision);
        if (reader.read_bool()) {
            const auto bytes = reader.read_bytes(fresh.groups());
            fresh.registers_.reserve(bytes.size());
            for (const auto each : bytes) fresh.registers_.push_back(static_cast<std::uint8_t>(each));
        } else {
            for (auto left = reader.read_count(); left > 0; --left) {
                fresh.listed_.push_back(reader.template read_fixed<std::uint32_t>());
            }
        }
        fresh.require_possible();
        *this = std::move(fresh);
    }

  private:
    [[nodiscard]] std::size_t groups() const noexcept { return std::size_t{1} << precision_; }
    [[nodiscard]] std::size_t most_listed() const noexcept { return std::min<std::size_t>(groups() / 8, 1024); }
    void raise(std::uint32_t group, std::uint8_t zeros) {
        if (registers_.empty()) return raise_listed(group, zeros);
        if (registers_[group] < zeros) registers_[group] = zeros;
    }
    void raise_listed(std::uint32_t group, std::uint8_t zeros);
    void leave_list();
    void require_possible() const;
    [[noreturn]] static void refuse();

    std::vector<std::uint32_t> listed_;    // group * 256 + register, rising, while there are few
    std::vector<std::uint8_t> registers_;  // else all of them
    std::uint8_t precision_ = 0;
};

}  // namespace weir::detail
