// SPDX-License-Identifier: Apache-2.0
// What for_each_crash and for_each_fault share: how a disk is found, what is said of what is wrong there, and how one
// such state is looked at again, alone.
#pragma once
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <weir/testing/simulation.hpp>

namespace crash {

using weir::testing::crash_policy;
using weir::testing::disk_fault;
using weir::testing::fault_kind;
using weir::testing::simulated_crash;
using weir::testing::simulated_disk;
using weir::testing::simulation;
using weir::testing::unsynced;

// Sanitizers look for other mistakes than these suites do, and take ten times as long: fewer states are enough.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

// Checks throw it, or anything else, where what is found must not be.
inline void expect(bool holds, const std::string& sentence) {
    if (!holds) throw std::runtime_error(sentence);
}

// Each of the plain ones, and `seeds` that mix.
inline std::vector<crash_policy> policies(std::uint64_t seeds) {
    std::vector<crash_policy> made{{unsynced::lost, 0},
                                   {unsynced::kept, 0},
                                   {unsynced::names_kept, 0},
                                   {unsynced::lengths_kept, 0},
                                   {unsynced::contents_kept, 0}};
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) made.push_back({unsynced::mixed, seed});
    return made;
}

struct outcome {
    std::uint64_t changes = 0;  // of a scenario that nothing disturbed
    std::uint64_t states = 0;   // that were checked
    std::uint64_t wrong = 0;
    std::vector<std::string> failures;  // the first few of them: which state, and what is wrong there
};
// Of several, for sums.
inline outcome& operator+=(outcome& sum, const outcome& more) {
    sum.changes += more.changes;
    sum.states += more.states;
    sum.wrong += more.wrong;
    sum.failures.insert(sum.failures.end(), more.failures.begin(), more.failures.end());
    return sum;
}
inline std::string text_of(const outcome& result) {
    std::string text;
    for (const std::string& each : result.failures) text += each + "\n";
    return text;
}

namespace detail {

// The one state that WEIR_CRASH asks for, by the name it is printed with; all if it asks for none.
inline bool wanted(const std::string& state) {
    const char* const only = std::getenv("WEIR_CRASH");
    return only == nullptr || std::string_view{only}.empty() || state == only;
}

template <class Action> std::string what_is_wrong(Action&& action) {
    try {
        action();
        return {};
    } catch (const simulated_crash& crash) {
        return "a crash before change " + std::to_string(crash.change) + " that nobody asked for";
    } catch (const std::exception& problem) {
        return problem.what();
    } catch (...) {
        return "something unknown was thrown";
    }
}

class tally {
  public:
    explicit tally(outcome& result) : result_(result) {}
    template <class Action> void check(const std::string& state, Action&& action) {
        if (!wanted(state)) return;
        ++result_.states;
        const std::string problem = what_is_wrong(action);
        if (!problem.empty()) fail(state, problem);
    }
    void fail(const std::string& state, const std::string& problem) {
        ++result_.wrong;
        if (result_.failures.size() < 5) {
            result_.failures.push_back(problem + " (again, and alone: WEIR_CRASH='" + state + "')");
        }
    }
    // Nobody reads more failures than a few.
    [[nodiscard]] bool enough() const noexcept { return result_.wrong >= 50; }

  private:
    outcome& result_;
};

}  // namespace detail
}  // namespace crash
