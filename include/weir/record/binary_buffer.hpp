// SPDX-License-Identifier: Apache-2.0
// Where snapshots and canonical keys are written to and read from: plain bytes, little endian, fixed width. What goes
// into them is decided in record/binary.hpp.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <weir/base/error.hpp>

namespace weir {

namespace detail {
[[noreturn]] inline void refuse_snapshot(const char* sentence) { throw error(error_kind::state, sentence); }

// Numbers of one, two, four or eight bytes as they lie in memory on a little endian machine; turned round elsewhere.
template <class T>
void store_little_endian(std::byte* target, T value) noexcept {
    std::memcpy(target, &value, sizeof(T));
    if constexpr (std::endian::native == std::endian::big) std::reverse(target, target + sizeof(T));
}
template <class T>
[[nodiscard]] T load_little_endian(const std::byte* source) noexcept {
    std::byte bytes[sizeof(T)];
    std::memcpy(bytes, source, sizeof(T));
    if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + sizeof(T));
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    return value;
}
}  // namespace detail

// Collects bytes in one growing block; clear() keeps the block, so that a writer used again does not allocate.
class binary_writer {
  public:
    template <class T>
        requires std::is_arithmetic_v<T>
    void write_fixed(T value) {
        detail::store_little_endian(claim(sizeof(T)), value);
    }
    void write_bytes(const void* source, std::size_t count) {
        if (count != 0) std::memcpy(claim(count), source, count);
    }
    void write_count(std::size_t count) {
        if (count > 0xffff'ffffU) {
            detail::refuse_snapshot("a snapshot holds at most 2^32 - 1 items in one list or text");
        }
        write_fixed(static_cast<std::uint32_t>(count));
    }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {block_.get(), size_}; }
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(block_.get()), size_};
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void clear() noexcept { size_ = 0; }

  private:
    [[nodiscard]] std::byte* claim(std::size_t count) {
        if (capacity_ - size_ < count) grow(count);
        std::byte* place = block_.get() + size_;
        size_ += count;
        return place;
    }
    void grow(std::size_t count) {
        const std::size_t capacity = std::max<std::size_t>({64, capacity_ * 2, size_ + count});
        auto block = std::make_unique_for_overwrite<std::byte[]>(capacity);
        if (size_ != 0) std::memcpy(block.get(), block_.get(), size_);
        block_ = std::move(block);
        capacity_ = capacity;
    }

    std::unique_ptr<std::byte[]> block_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

// Reads what a writer wrote, from bytes that must outlive it. Whatever the bytes are, the worst that happens is a
// weir::error of kind `state`.
class binary_reader {
  public:
    explicit binary_reader(std::span<const std::byte> bytes) noexcept
        : next_(bytes.data()), left_(bytes.size()) {}
    explicit binary_reader(std::string_view bytes) noexcept
        : binary_reader(std::as_bytes(std::span{bytes.data(), bytes.size()})) {}

    template <class T>
        requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
    [[nodiscard]] T read_fixed() {
        return detail::load_little_endian<T>(read_bytes(sizeof(T)).data());
    }
    [[nodiscard]] bool read_bool() {
        const auto byte = read_fixed<std::uint8_t>();
        if (byte > 1) detail::refuse_snapshot("the snapshot is damaged: a truth value is neither 0 nor 1");
        return byte == 1;
    }
    [[nodiscard]] std::span<const std::byte> read_bytes(std::size_t count) {
        if (left_ < count) detail::refuse_snapshot("the snapshot is cut short");
        const std::span<const std::byte> bytes{next_, count};
        next_ += count;
        left_ -= count;
        return bytes;
    }
    // Each item takes at least one byte, so a damaged count is found before memory is asked for.
    [[nodiscard]] std::size_t read_count() {
        const std::size_t count = read_fixed<std::uint32_t>();
        if (count > left_) detail::refuse_snapshot("the snapshot is cut short");
        return count;
    }

    [[nodiscard]] std::size_t remaining() const noexcept { return left_; }
    [[nodiscard]] bool at_end() const noexcept { return left_ == 0; }
    void expect_end() const {
        if (left_ != 0) detail::refuse_snapshot("the snapshot holds more than was expected");
    }

  private:
    const std::byte* next_;
    std::size_t left_;
};

// A type that brings its own encoding.
template <class T>
concept self_storing = requires(const T& saved, T& loaded, binary_writer& writer, binary_reader& reader) {
    saved.save(writer);
    loaded.load(reader);
};

}  // namespace weir
