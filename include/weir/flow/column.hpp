// SPDX-License-Identifier: Apache-2.0
// A column of stamps: a growing array of trivial values that are written before they are read, so growing it leaves
// them unset. Clearing keeps the memory.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

template <class T>
    requires std::is_trivially_copyable_v<T>
class column {
  public:
    column() = default;
    column(const column& other) { *this = other; }
    column(column&& other) noexcept { swap(other); }
    column& operator=(const column& other) {
        if (this == &other) return *this;
        resize(other.size_);
        std::copy_n(other.values_.get(), other.size_, values_.get());
        return *this;
    }
    column& operator=(column&& other) noexcept {
        swap(other);
        return *this;
    }
    ~column() = default;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T* data() noexcept { return values_.get(); }
    [[nodiscard]] const T* data() const noexcept { return values_.get(); }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return values_[index]; }
    void clear() noexcept { size_ = 0; }
    [[gnu::always_inline]] void push_back(T value) {
        if (size_ == capacity_) grow(size_ + 1);
        values_[size_++] = value;
    }
    void resize(std::size_t size) {
        if (size > capacity_) grow(size);
        size_ = size;
    }
    void swap(column& other) noexcept {
        std::swap(values_, other.values_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

  private:
    [[gnu::noinline]] void grow(std::size_t needed) {
        const std::size_t capacity = std::max<std::size_t>({16, capacity_ * 2, needed});
        auto values = std::make_unique_for_overwrite<T[]>(capacity);
        std::copy_n(values_.get(), size_, values.get());
        values_ = std::move(values);
        capacity_ = capacity;
    }

    std::unique_ptr<T[]> values_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace weir
