// SPDX-License-Identifier: Apache-2.0
// One side of a key's interval join: the records that may still find a partner, by time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <weir/record/binary.hpp>
#include <weir/time/timestamp.hpp>

namespace weir::detail {

template <class T>
class interval_rows {
  public:
    struct row {
        timestamp time{};
        timestamp due{};          // once the watermark has passed it, no partner can come
        std::uint64_t order = 0;  // among all records of the key that were taken: the order of turns
        bool paired = false;
        T record{};
    };
    using storage = std::vector<row>;

    [[nodiscard]] bool empty() const noexcept { return first_ == rows_.size(); }
    [[nodiscard]] row* begin() noexcept { return rows_.data() + first_; }
    [[nodiscard]] row* end() noexcept { return rows_.data() + rows_.size(); }
    [[nodiscard]] const row& back() const noexcept { return rows_.back(); }
    // Rows with from <= time <= to. O(log rows).
    [[nodiscard]] std::pair<row*, row*> between(timestamp from, timestamp to) noexcept {
        const auto before = [](const row& each, timestamp at) { return each.time < at; };
        row* const low = std::lower_bound(begin(), end(), from, before);
        return {low, std::upper_bound(low, end(), to, later)};
    }
    // Mostly at the end. `spare` has memory that is used again.
    void insert(row&& added, std::vector<storage>& spare) {
        if (rows_.capacity() == 0 && !spare.empty()) {
            rows_ = std::move(spare.back());
            spare.pop_back();
        }
        // What has gone is dropped when it is most of the block: amortized O(1).
        if (rows_.size() == rows_.capacity() && first_ > rows_.size() / 2) {
            rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        row* const place = std::upper_bound(begin(), end(), added.time, later);
        rows_.insert(rows_.begin() + (place - rows_.data()), std::move(added));
    }
    // Drops the oldest while gone(row).
    template <class Gone> void drop_while(Gone&& gone, std::vector<storage>& spare) {
        while (!empty() && gone(std::as_const(rows_[first_]))) rows_[first_++].record = T{};
        if (!empty() || rows_.capacity() == 0) return;
        rows_.clear();
        first_ = 0;
        spare.push_back(std::move(rows_));
        rows_ = {};
    }

    template <class Writer> void save(Writer& writer) const
        requires storable<T>
    {
        weir::save(writer, std::uint64_t{rows_.size() - first_});
        for (std::size_t i = first_; i < rows_.size(); ++i) {
            weir::save(writer, rows_[i].time);
            weir::save(writer, rows_[i].due);
            weir::save(writer, rows_[i].order);
            weir::save(writer, rows_[i].paired);
            weir::save(writer, rows_[i].record);
        }
    }
    template <class Reader> void load(Reader& reader)
        requires storable<T>
    {
        rows_.clear();
        first_ = 0;
        for (auto count = weir::load<std::uint64_t>(reader); count > 0; --count) {
            row& each = rows_.emplace_back();
            weir::load(reader, each.time);
            weir::load(reader, each.due);
            weir::load(reader, each.order);
            weir::load(reader, each.paired);
            weir::load(reader, each.record);
        }
    }

  private:
    static bool later(timestamp at, const row& each) noexcept { return at < each.time; }

    storage rows_;
    std::size_t first_ = 0;
};

}  // namespace weir::detail
