// SPDX-License-Identifier: Apache-2.0
// Bytes per key: every byte that lives on the heap when a million keys are in one window, counted by operator new.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include <fmt/format.h>

#include "speed_by_hand.hpp"

namespace {

std::atomic<std::int64_t> live_bytes{0};

void* counted(void* memory) {
    if (memory == nullptr) throw std::bad_alloc{};
    live_bytes.fetch_add(static_cast<std::int64_t>(malloc_usable_size(memory)), std::memory_order_relaxed);
    return memory;
}
void discounted(void* memory) noexcept {
    live_bytes.fetch_sub(static_cast<std::int64_t>(malloc_usable_size(memory)), std::memory_order_relaxed);
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto to = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(to, (size + to - 1) / to * to));
}
void operator delete(void* memory) noexcept { discounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { discounted(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { discounted(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { discounted(memory); }

namespace speed {
namespace {

constexpr std::size_t keys = 1'000'000;

// Notes how much lives when the first row comes out: every key is still there.
auto note_first(std::int64_t& at_first) {
    return [&at_first](const by_hand::window_row&) {
        if (at_first == 0) at_first = live_bytes.load();
    };
}

std::int64_t of_weir(const payments& input) {
    std::int64_t at_first = 0;
    const weir::graph graph("memory", weir::memory(input) |
                                          weir::event_time(&payment::at, weir::out_of_order(disorder)) |
                                          weir::key_by(&payment::card) | weir::window(weir::tumbling(24h * 365)) |
                                          weir::aggregate(weir::count(), weir::sum(&payment::amount)) |
                                          weir::into(weir::for_each(note_first(at_first))));
    const std::int64_t before = live_bytes.load();
    weir::run(graph, weir::batch{});
    return at_first - before;
}

std::int64_t of_by_hand(const payments& input) {
    std::int64_t at_first = 0;
    const std::int64_t before = live_bytes.load();
    auto consume = note_first(at_first);
    by_hand::tumbling<weir::exact_sum, decltype(consume)> worker(24h * 365, consume);
    for (const payment& each : input) worker.take(each);
    worker.finish();
    return at_first - before;
}

}  // namespace

void print_memory() {
    payments input = make_payments(keys, 1, 7.5);
    for (std::size_t i = 0; i < keys; ++i) input[i].card = i;
    constexpr std::size_t state = sizeof(std::uint64_t) + sizeof(weir::timestamp) + sizeof(std::uint64_t) +
                                  sizeof(weir::exact_sum);  // key, window, count, sum
    const auto per_key = [](std::int64_t bytes) { return static_cast<double>(bytes) / static_cast<double>(keys); };
    const double weir = per_key(of_weir(input));
    fmt::print("\nmemory at 1 M keys, bytes per key: key, window, count and sum {}, weir {:.1f} ({:.2f} x, goal 1.5), "
               "by hand (boost flat map) {:.1f}\n",
               state, weir, weir / static_cast<double>(state), per_key(of_by_hand(input)));
}

}  // namespace speed
