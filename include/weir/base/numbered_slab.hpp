// SPDX-License-Identifier: Apache-2.0
// Many small objects of one kind that come and go, by number: 32 bits instead of a pointer. They lie in blocks and
// never move, so growing costs a block and no copy.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::detail {

template <class T>
class numbered_slab {
  public:
    [[nodiscard]] T& operator[](std::uint32_t number) noexcept { return blocks_[number / each][number % each]; }
    [[nodiscard]] const T& operator[](std::uint32_t number) const noexcept {
        return blocks_[number / each][number % each];
    }
    // An object that was made by T{} or given back: what it holds is for whoever takes it. O(1) amortized.
    [[nodiscard]] std::uint32_t take() {
        ++used_;
        if (!free_.empty()) {
            const std::uint32_t number = free_.back();
            free_.pop_back();
            return number;
        }
        if (made_ == blocks_.size() * each) blocks_.push_back(std::make_unique<T[]>(each));
        return made_++;
    }
    void give_back(std::uint32_t number) {
        --used_;
        free_.push_back(number);
    }
    [[nodiscard]] std::size_t size() const noexcept { return used_; }
    [[nodiscard]] std::size_t memory() const noexcept {
        return blocks_.size() * each * sizeof(T) + free_.capacity() * sizeof(std::uint32_t);
    }

  private:
    static constexpr std::uint32_t each = 1024;  // in a block

    std::vector<std::unique_ptr<T[]>> blocks_;
    std::vector<std::uint32_t> free_;
    std::uint32_t made_ = 0;
    std::size_t used_ = 0;
};

}  // namespace weir::detail
