// SPDX-License-Identifier: Apache-2.0
#include <weir/base/slabs.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace weir::detail {
namespace {
constexpr std::size_t page = 4096;
constexpr std::size_t huge_page = std::size_t{2} << 20U;
}  // namespace

slabs::~slabs() {
    for (const slab& each : all_) ::operator delete(each.memory, std::align_val_t{each.alignment});
}

// As much again as there is, up to a huge page.
void* slabs::take_from_new(std::size_t size) {
    std::size_t bytes = std::clamp(memory_, 4 * page, huge_page);
    while (bytes < size) bytes *= 2;
    std::size_t alignment = page;
    if (bytes >= huge_page) alignment = huge_page;
    all_.reserve(all_.size() + 1);
    last_ = static_cast<std::byte*>(::operator new(bytes, std::align_val_t{alignment}));
    if (alignment == huge_page) ::madvise(last_, bytes, MADV_HUGEPAGE);  // where there are none, pages stay small
    all_.push_back({last_, alignment});
    memory_ += bytes;
    room_ = bytes;
    used_ = size;
    return last_;
}

}  // namespace weir::detail
