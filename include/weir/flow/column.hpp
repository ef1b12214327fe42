// SPDX-License-Identifier: Apache-2.0
// A column of stamps, or of records that are bytes to copy: a growing array of values that are written before they are
// read, so growing it leaves them unset, whatever their constructors say. Clearing keeps the memory.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {

template <class T>
class column {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    column() = default;
    column(const column& other) { *this = other; }
    column(column&& other) noexcept { swap(other); }
    column& operator=(const column& other) {
        if (this == &other) return *this;
        assign(other.data(), other.size_);
        return *this;
    }
    column& operator=(column&& other) noexcept {
        swap(other);
        return *this;
    }
    ~column() {
        if (values_ != nullptr) std::allocator<T>{}.deallocate(values_, capacity_);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T* data() noexcept { return values_; }
    [[nodiscard]] const T* data() const noexcept { return values_; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return values_[index]; }
    void clear() noexcept { size_ = 0; }
    [[gnu::always_inline]] void push_back(const T& value) { emplace_back(value); }
    template <class... Args> [[gnu::always_inline]] void emplace_back(Args&&... args) {
        if (size_ == capacity_) return emplace_grown(std::forward<Args>(args)...);
        std::construct_at(values_ + size_, std::forward<Args>(args)...);
        ++size_;
    }
    void assign(const T* values, std::size_t count) {
        resize(count);
        copy(values, count, values_);
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
    static void copy(const T* from, std::size_t count, T* to) noexcept {
        if (count != 0) std::memcpy(static_cast<void*>(to), from, count * sizeof(T));
    }
    template <class... Args> [[gnu::noinline]] void emplace_grown(Args&&... args) {
        T value(std::forward<Args>(args)...);  // it may be made of one that moves
        grow(size_ + 1);
        std::construct_at(values_ + size_, std::move(value));
        ++size_;
    }
    // The memory holds the values without a constructor: their type is one whose bytes may be copied.
    void grow(std::size_t needed) {
        const std::size_t capacity = std::max<std::size_t>({16, capacity_ * 2, needed});
        T* const values = std::allocator<T>{}.allocate(capacity);
        copy(values_, size_, values);
        if (values_ != nullptr) std::allocator<T>{}.deallocate(values_, capacity_);
        values_ = values;
        capacity_ = capacity;
    }

    T* values_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace weir
