// SPDX-License-Identifier: Apache-2.0
// Every `new` of the program is counted, in all its forms. For one file of a program: it defines operator new.
#pragma once
#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::uint64_t> allocations{0};
std::atomic<std::int64_t> bytes_held{0};

void* counted(void* made) {
    ++allocations;
    if (made == nullptr) throw std::bad_alloc();
    bytes_held += static_cast<std::int64_t>(::malloc_usable_size(made));
    return made;
}
void give_back(void* freed) noexcept {
    bytes_held -= static_cast<std::int64_t>(::malloc_usable_size(freed));
    std::free(freed);
}
}  // namespace

// Not inlined: g++ would see malloc and delete, or new and free, and warn that they do not match. The forms for arrays
// and those that do not throw come here, too: the standard library's call these.
[[gnu::noinline]] void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto step = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
[[gnu::noinline]] void operator delete(void* freed) noexcept { give_back(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::size_t) noexcept { give_back(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::align_val_t) noexcept { give_back(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::size_t, std::align_val_t) noexcept { give_back(freed); }
