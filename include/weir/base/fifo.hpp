// SPDX-License-Identifier: Apache-2.0
// A queue in one block of memory that is recycled: no allocation once it has grown to the size that is needed.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace weir {

template <class T>
class fifo {
  public:
    [[nodiscard]] bool empty() const noexcept { return next_ == items_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return items_.size() - next_; }
    [[nodiscard]] T& front() noexcept { return items_[next_]; }
    [[nodiscard]] const T& front() const noexcept { return items_[next_]; }
    [[nodiscard]] T& operator[](std::size_t index) noexcept { return items_[next_ + index]; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return items_[next_ + index]; }
    template <class... Args> void push(Args&&... args) {
        // What was taken is dropped when it is most of the block: amortized O(1).
        if (items_.size() == items_.capacity() && next_ > items_.size() / 2) {
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(next_));
            next_ = 0;
        }
        items_.emplace_back(std::forward<Args>(args)...);
    }
    T pop() {
        T item = std::move(items_[next_]);
        drop();
        return item;
    }
    // For a front that was moved from: what it still owns stays until its place is needed.
    void drop() noexcept {
        if (++next_ == items_.size()) clear();
    }
    void clear() noexcept {
        items_.clear();
        next_ = 0;
    }

  private:
    std::vector<T> items_;
    std::size_t next_ = 0;
};

}  // namespace weir
