// SPDX-License-Identifier: Apache-2.0
// Memory for states that come and go with windows: a block given back is kept for the next of its size. Blocks belong
// to those who own the collection together; it goes, and they with it, when the last owner does.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace weir::detail {

class spare_blocks {
  public:
    spare_blocks() = default;
    spare_blocks(const spare_blocks&) = delete;
    spare_blocks& operator=(const spare_blocks&) = delete;
    ~spare_blocks() {
        for (link* first : kept_) {
            while (first != nullptr) ::operator delete(std::exchange(first, first->next));
        }
    }

    // O(1). Two threads may come at once: the second one, instead of waiting, goes to the system.
    [[nodiscard]] void* take(std::size_t size) {
        if (size > largest) return ::operator new(size);
        const place at = place_of(size);
        link* taken = nullptr;
        if (!busy_.test_and_set(std::memory_order_acquire)) {
            link*& first = kept_[at.list];
            taken = first;
            if (taken != nullptr) first = taken->next;
            busy_.clear(std::memory_order_release);
        }
        return taken != nullptr ? taken : ::operator new(at.size);
    }
    void give(void* block, std::size_t size) noexcept {
        if (size <= largest && !busy_.test_and_set(std::memory_order_acquire)) {
            link*& first = kept_[place_of(size).list];
            first = ::new (block) link{first};
            busy_.clear(std::memory_order_release);
        } else {
            ::operator delete(block);
        }
    }

  private:
    struct link {
        link* next;
    };
    struct place {
        std::size_t list, size;
    };
    // Larger ones come so seldom, for what they hold, that they may as well go back.
    static constexpr unsigned largest_width = 20;
    static constexpr std::size_t largest = std::size_t{1} << largest_width;

    // Four sizes between a power of two and the next, so that at most a fifth of a block lies idle; at least 16 bytes.
    [[nodiscard]] static place place_of(std::size_t size) noexcept {
        const unsigned width = std::max(6U, static_cast<unsigned>(std::bit_width(size - 1)));
        const unsigned step = width == 6 ? 4 : width - 3;
        const std::size_t steps = (size + (std::size_t{1} << step) - 1) >> step;
        return {(width - 6) * 4 + steps - (width == 6 ? 1 : 5), steps << step};
    }

    std::array<link*, (largest_width - 5) * 4> kept_{};
    std::atomic_flag busy_;
};

// A collection of one's own: a copy has another one. Thus each running stage, with its copy of what describes it, has
// memory that no other thread touches.
class own_spare_blocks {
  public:
    own_spare_blocks() : blocks_(std::make_shared<spare_blocks>()) {}
    own_spare_blocks(const own_spare_blocks&) : own_spare_blocks() {}
    own_spare_blocks& operator=(const own_spare_blocks&) noexcept { return *this; }
    ~own_spare_blocks() = default;

    [[nodiscard]] const std::shared_ptr<spare_blocks>& get() const noexcept { return blocks_; }

  private:
    std::shared_ptr<spare_blocks> blocks_;
};

// For containers whose owner holds the collection; null for the system's memory.
template <class T>
class spare_allocator {
  public:
    using value_type = T;
    using propagate_on_container_copy_assignment = std::true_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;
    using is_always_equal = std::false_type;

    explicit spare_allocator(spare_blocks* from) noexcept : from_(from) {}
    template <class U>
    spare_allocator(const spare_allocator<U>& other) noexcept : from_(other.from()) {}

    [[nodiscard]] spare_blocks* from() const noexcept { return from_; }
    [[nodiscard]] T* allocate(std::size_t count) {
        if (is_systems(count)) return std::allocator<T>{}.allocate(count);
        return static_cast<T*>(from_->take(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if (is_systems(count)) return std::allocator<T>{}.deallocate(memory, count);
        from_->give(memory, count * sizeof(T));
    }
    template <class U>
    [[nodiscard]] bool operator==(const spare_allocator<U>& other) const noexcept {
        return from_ == other.from();
    }

  private:
    [[nodiscard]] bool is_systems(std::size_t count) const noexcept {
        return from_ == nullptr || count == 0 || alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    }

    spare_blocks* from_;
};

}  // namespace weir::detail
