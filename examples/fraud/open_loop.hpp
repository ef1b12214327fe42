// SPDX-License-Identifier: Apache-2.0
// Something done at times that were fixed before, by several threads: an open loop.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace fraud {

using bench_clock = std::chrono::steady_clock;

// Number i is due at start + i / rate; thread t of n does t, t + n, t + 2n, ...
struct schedule {
    std::uint64_t count = 0;
    double rate = 1;  // per second
    unsigned threads = 1;
    // Who is this late gives up: the rate is too high by far, and to go on would only take long.
    std::chrono::nanoseconds gives_up_at = std::chrono::nanoseconds::max();

    [[nodiscard]] std::chrono::nanoseconds due(std::uint64_t number) const {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / rate));
    }
};

// Sleeps while that is safe, for a sleep may last longer than asked for; then watches the clock.
inline void wait_until(bench_clock::time_point due, bool give_way) {
    constexpr std::chrono::microseconds too_near_to_sleep{200};
    for (;;) {
        const std::chrono::nanoseconds left = due - bench_clock::now();
        if (left <= std::chrono::nanoseconds::zero()) return;
        if (left > too_near_to_sleep) {
            std::this_thread::sleep_for(left - too_near_to_sleep);
        } else if (give_way) {
            std::this_thread::yield();
        }
    }
}

// Calls act(thread, number) when each is due, then note(thread, how late it was done). False if somebody gave up.
// What act throws ends it, and is thrown on.
template <class Act, class Note> bool run_open_loop(const schedule& plan, const Act& act, const Note& note) {
    std::atomic<bool> on_time{true};
    std::vector<std::exception_ptr> thrown(plan.threads);
    // Threads that watch the clock must not take the cores from each other.
    const bool give_way = plan.threads > std::thread::hardware_concurrency();
    const bench_clock::time_point start = bench_clock::now() + std::chrono::milliseconds(2);  // to start the threads in
    const auto loop = [&](unsigned thread) {
        try {
            for (std::uint64_t number = thread; number < plan.count; number += plan.threads) {
                const bench_clock::time_point due = start + plan.due(number);
                wait_until(due, give_way);
                act(thread, number);
                const std::chrono::nanoseconds late = bench_clock::now() - due;
                note(thread, late);
                if (late > plan.gives_up_at) on_time = false;
                if (!on_time.load(std::memory_order_relaxed)) return;
            }
        } catch (...) {
            thrown[thread] = std::current_exception();
            on_time = false;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned thread = 0; thread < plan.threads; ++thread) threads.emplace_back(loop, thread);
    }
    for (const std::exception_ptr& each : thrown) {
        if (each) std::rethrow_exception(each);
    }
    return on_time;
}

}  // namespace fraud
