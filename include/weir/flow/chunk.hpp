// SPDX-License-Identifier: Apache-2.0
// The chunk: a recycled buffer of records with their stamps as columns beside it, the only thing that crosses a stage
// boundary. One record is a chunk of one. The records of a chunk are in turn: chunks travel on channels, and every
// channel carries its records in turn order.
//
// A column nobody reads is not made: time and watermark exist from event_time on, the place (lane, position, tail of
// the turn) only on edges where a consumer merges by turn or keeps turns.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <boost/container/vector.hpp>

#include <weir/base/fetch_ahead.hpp>
#include <weir/flow/column.hpp>
#include <weir/time/stamp.hpp>

namespace weir {

class stamp_view;

class stamp_columns {
  public:
    enum class places { none, dense, columns };

    void clear() noexcept {
        time_.clear();
        watermark_.clear();
        if (places_ == places::columns) {
            lane_.clear();
            position_.clear();
            tail_end_.clear();
            tail_.clear();
        }
        places_ = places::none;
        timed_ = false;
    }

    // Records of one partition whose offsets follow each other, as a source makes them.
    void set_dense(lane from, std::uint64_t first_position) noexcept {
        places_ = places::dense;
        dense_lane_ = from;
        dense_first_ = first_position;
    }
    void use_columns() noexcept { places_ = places::columns; }
    // Makes columns of the dense places of `size` records: the next one does not follow.
    void spread_dense(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            push_place(dense_lane_, dense_first_ + i);
            end_tail();
        }
        places_ = places::columns;
    }
    // Places all records so much further on in their logs.
    void move_positions(std::uint64_t by) noexcept {
        dense_first_ += by;
        for (std::size_t i = 0; places_ == places::columns && i < position_.size(); ++i) position_.data()[i] += by;
    }
    void set_timed(bool timed) noexcept { timed_ = timed; }
    [[nodiscard]] bool timed() const noexcept { return timed_; }
    [[nodiscard]] places place_kind() const noexcept { return places_; }
    [[nodiscard]] std::uint64_t first_position() const noexcept { return dense_first_; }
    [[nodiscard]] lane dense_lane() const noexcept { return dense_lane_; }

    void push_time(timestamp time, timestamp watermark) {
        time_.push_back(time);
        watermark_.push_back(watermark);
    }
    void push_place(lane from, std::uint64_t position) {
        lane_.push_back(from);
        position_.push_back(position);
    }
    void push_tail_word(std::uint64_t word) { tail_.push_back(word); }
    void end_tail() { tail_end_.push_back(static_cast<std::uint32_t>(tail_.size())); }
    // Adds a whole stamp, as columns; `timed` is as that of the others.
    void push(const stamp& at, bool timed) {
        timed_ = timed;
        if (timed) push_time(at.time, at.watermark());
        use_columns();
        push_place(at.at.from, at.at.position);
        for (const std::uint64_t word : at.at.tail) push_tail_word(word);
        end_tail();
    }

    // Becomes the stamps of `count` records of another chunk from `first` on.
    void slice(const stamp_columns& of, std::size_t first, std::size_t count) {
        clear();
        timed_ = of.timed_;
        for (std::size_t i = first; timed_ && i < first + count; ++i) push_time(of.time_[i], of.watermark_[i]);
        if (of.places_ != places::columns) {
            places_ = of.places_;
            dense_lane_ = of.dense_lane_;
            dense_first_ = of.dense_first_ + first;
            return;
        }
        use_columns();
        for (std::size_t i = first; i < first + count; ++i) {
            push_place(of.lane_[i], of.position_[i]);
            for (const std::uint64_t word : of.tail(i)) push_tail_word(word);
            end_tail();
        }
    }
    // Gives the records from the last with a time up to `size` this time and watermark.
    void fill_times(std::size_t size, timestamp time, timestamp watermark) {
        const std::size_t begin = time_.size();
        time_.resize(size);
        watermark_.resize(size);
        std::fill(time_.data() + begin, time_.data() + size, time);
        std::fill(watermark_.data() + begin, watermark_.data() + size, watermark);
        timed_ = true;
    }
    // Room for `size` times and watermarks to be written in place.
    void resize_times(std::size_t size) {
        time_.resize(size);
        watermark_.resize(size);
        timed_ = true;
    }
    [[nodiscard]] timestamp* times() noexcept { return time_.data(); }
    [[nodiscard]] timestamp* watermarks() noexcept { return watermark_.data(); }
    [[nodiscard]] const timestamp* times() const noexcept { return time_.data(); }
    [[nodiscard]] const timestamp* watermarks() const noexcept { return watermark_.data(); }
    void drop_times() noexcept {
        time_.clear();
        watermark_.clear();
        timed_ = false;
    }

    [[nodiscard]] timestamp time(std::size_t index) const noexcept { return timed_ ? time_[index] : time_lowest; }
    [[nodiscard]] timestamp watermark(std::size_t index) const noexcept {
        return timed_ ? watermark_[index] : time_lowest;
    }
    [[nodiscard]] lane from(std::size_t index) const noexcept {
        return places_ == places::columns ? lane_[index] : dense_lane_;
    }
    [[nodiscard]] std::uint64_t position(std::size_t index) const noexcept {
        return places_ == places::columns ? position_[index] : dense_first_ + index;
    }
    [[nodiscard]] std::span<const std::uint64_t> tail(std::size_t index) const noexcept {
        if (places_ != places::columns) return {};
        const std::size_t begin = index == 0 ? 0 : tail_end_[index - 1];
        return {tail_.data() + begin, tail_end_[index] - begin};
    }
    [[nodiscard]] turn at(std::size_t index) const {
        const auto words = tail(index);
        return {watermark(index), from(index), position(index), turn_tail(words.begin(), words.end())};
    }
    [[nodiscard]] mark head(std::size_t index) const noexcept {
        return {watermark(index), from(index), position(index)};
    }
    // The mark behind record `index` of `size` records of one log that follow each other; `last` is the one behind all.
    [[nodiscard]] mark behind(std::size_t index, std::size_t size, const mark& last) const noexcept {
        if (index + 1 == size) return last;
        return {watermark(index + 1), from(index), position(index) + 1};
    }

  private:
    column<timestamp> time_, watermark_;
    column<lane> lane_;
    column<std::uint64_t> position_;
    column<std::uint32_t> tail_end_;
    column<std::uint64_t> tail_;
    lane dense_lane_{};
    std::uint64_t dense_first_ = 0;
    places places_ = places::none;
    bool timed_ = false;
};

// The stamp of one record inside a stage's loop: nothing is read before it is asked for. `path` holds the indices that
// flat_maps of the fused chain have added.
class stamp_view {
  public:
    stamp_view(const stamp_columns& columns, std::size_t index) noexcept : columns_(&columns), index_(index) {}
    [[nodiscard]] stamp_view with_path(std::span<const std::uint32_t> path) const noexcept {
        stamp_view view = *this;
        view.path_ = path;
        return view;
    }

    [[nodiscard]] timestamp time() const noexcept { return columns_->time(index_); }
    [[nodiscard]] timestamp watermark() const noexcept { return columns_->watermark(index_); }
    [[nodiscard]] turn at() const {
        turn result = columns_->at(index_);
        for (const std::uint32_t step : path_) result.tail.push_back(tail_word::index(step));
        return result;
    }
    [[nodiscard]] stamp full() const { return {time(), at()}; }
    [[nodiscard]] const stamp_columns& columns() const noexcept { return *columns_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }
    [[nodiscard]] std::span<const std::uint32_t> path() const noexcept { return path_; }

  private:
    const stamp_columns* columns_;
    std::size_t index_;
    std::span<const std::uint32_t> path_{};
};

class chunk_base {
  public:
    chunk_base() = default;
    chunk_base(const chunk_base&) = delete;
    chunk_base& operator=(const chunk_base&) = delete;
    virtual ~chunk_base() = default;
    stamp_columns stamps;
    // The heads (upper halves) of the hashes of the records' keys, where an exchange by key made them; else empty.
    column<std::uint32_t> hash_heads;
    bool movable = false;  // set for the last consumer: it may move the records out
};

template <class T>
class chunk final : public chunk_base {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const T* data() const noexcept { return view_; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return view_[index]; }
    // Only of a movable chunk: those are views of nothing constant.
    [[nodiscard]] T& owned(std::size_t index) noexcept { return const_cast<T&>(view_[index]); }
    // Of every record, or null.
    [[nodiscard]] const std::uint32_t* heads() const noexcept {
        return size_ != 0 && hash_heads.size() == size_ ? hash_heads.data() : nullptr;
    }
    // Whether its records may be moved out by the last who reads them.
    [[nodiscard]] bool owns() const noexcept { return owns_; }

    // Nothing to clear: neither records nor stamps.
    [[nodiscard]] bool untouched() const noexcept {
        return size_ == 0 && stamps.place_kind() == stamp_columns::places::none && !stamps.timed();
    }
    void clear() noexcept {
        owned_.clear();
        view_ = owned_.data();
        size_ = 0;
        owns_ = true;
        stamps.clear();
        hash_heads.clear();
        movable = false;
    }
    template <class... Args> [[gnu::always_inline]] void push(Args&&... args) {
        owned_.emplace_back(std::forward<Args>(args)...);
        view_ = owned_.data();
        ++size_;
    }
    // Makes room for `count` records more and returns the first: they are written in place.
    T* extend(std::size_t count)
        requires std::is_trivially_copyable_v<T>
    {
        owned_.resize(size_ + count);
        view_ = owned_.data();
        return owned_.data() + std::exchange(size_, size_ + count);
    }
    // Only the first `size` records stay.
    void shorten(std::size_t size)
        requires std::is_trivially_copyable_v<T>
    {
        owned_.resize(size);
        size_ = size;
    }
    // Records that stay where they are, outside: they can be read, not moved out.
    void view(const T* records, std::size_t size) noexcept {
        view_ = records;
        size_ = size;
        owns_ = false;
    }
    // Behind the records of a view lie, most likely, those of the next one: asks for as many as [begin, end), one view
    // further on, so that they come while these are worked on.
    void fetch_next_view(std::size_t begin, std::size_t end) const noexcept {
        if (owns_) return;
        detail::fetch_ahead(view_, (size_ + begin) * sizeof(T), (end - begin) * sizeof(T));
    }
    // Becomes a view of `count` records of another chunk from `first` on, with their stamps. They may be moved out if
    // they are that chunk's own.
    void slice(const chunk& of, std::size_t first, std::size_t count) {
        view_ = of.view_ + first;
        size_ = count;
        owns_ = of.owns_;
        stamps.slice(of.stamps, first, count);
    }
    // The same records and stamps, whose places become columns only if they were.
    void copy(const chunk& other) {
        if constexpr (std::is_trivially_copyable_v<T>) {
            owned_.assign(other.view_, other.size_);
        } else {
            owned_.assign(other.view_, other.view_ + other.size_);
        }
        view_ = owned_.data();
        size_ = other.size_;
        stamps = other.stamps;
    }
    // Takes a movable chunk's records and stamps: its buffer, if all of it is its own.
    void take(chunk& other) {
        if (other.view_ == other.owned_.data()) {
            swap(other);
            return;
        }
        clear();
        for (std::size_t i = 0; i < other.size_; ++i) push(std::move(other.owned(i)));
        stamps = other.stamps;
    }
    void swap(chunk& other) noexcept {
        owned_.swap(other.owned_);
        std::swap(view_, other.view_);
        std::swap(size_, other.size_);
        std::swap(owns_, other.owns_);
        std::swap(stamps, other.stamps);
        hash_heads.swap(other.hash_heads);
        std::swap(movable, other.movable);
    }

  private:
    std::conditional_t<std::is_trivially_copyable_v<T>, column<T>, boost::container::vector<T>> owned_;
    const T* view_ = nullptr;
    std::size_t size_ = 0;
    bool owns_ = true;
};

}  // namespace weir
