// SPDX-License-Identifier: Apache-2.0
// Memory for many small objects that come and go: cut from slabs, which grow with what is needed and go back only
// together. Slabs of 2 MiB ask the system for huge pages: tables of many keys are then reached through few entries of
// the processor's translation cache.
#pragma once
#include <cstddef>
#include <vector>

namespace weir::detail {

class slabs {
  public:
    slabs() = default;
    slabs(const slabs&) = delete;
    slabs& operator=(const slabs&) = delete;
    ~slabs();

    // `size` bytes, at a multiple of `alignment`, a power of two up to 4096. O(1) amortized.
    [[nodiscard]] void* take(std::size_t size, std::size_t alignment) {
        const std::size_t begin = (used_ + alignment - 1) & ~(alignment - 1);
        if (begin + size > room_) [[unlikely]] return take_from_new(size);
        used_ = begin + size;
        return last_ + begin;
    }
    // Bytes of all slabs.
    [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

  private:
    struct slab {
        void* memory;
        std::size_t alignment;
    };
    void* take_from_new(std::size_t size);

    std::vector<slab> all_;
    std::byte* last_ = nullptr;  // the slab that is cut now
    std::size_t used_ = 0;
    std::size_t room_ = 0;
    std::size_t memory_ = 0;
};

}  // namespace weir::detail
