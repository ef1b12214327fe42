// SPDX-License-Identifier: Apache-2.0
// session(gap): a key's records that lie at most `gap` apart, in one window [first, last + gap). A record opens
// [t, t + gap), which is joined with all sessions of its key that it overlaps or touches, in whatever order records
// come. session(fn): the gap is fn(record).
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <utility>

#include <weir/base/error.hpp>
#include <weir/time/timestamp.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

struct fixed_gap {
    duration gap;
    template <class Record> [[nodiscard]] duration operator()(const Record&) const noexcept { return gap; }
    [[nodiscard]] std::string text() const { return " " + detail::length_text(gap); }
};
template <class Function>
struct gap_of_record {
    Function function;
    template <class Record>
        requires std::convertible_to<std::invoke_result_t<const Function&, const Record&>, duration>
    [[nodiscard]] duration operator()(const Record& record) const {
        return std::invoke(function, record);
    }
    [[nodiscard]] std::string text() const { return " by record"; }
};

template <class Gap>
struct session_windows {
    static constexpr bool joins = true;     // windows of a key that overlap or touch become one
    static constexpr bool endless = false;  // windows end
    Gap gap;

    template <class Record> static constexpr bool takes = std::invocable<const Gap&, const Record&>;

    void check() const {
        if constexpr (std::is_same_v<Gap, fixed_gap>) require_above_zero(gap.gap);
    }
    [[nodiscard]] std::string text() const { return "session" + gap.text(); }
    // Calls visit(start, end) for the window that a record opens.
    template <class Record, class Visit> void windows_of(const Record& record, timestamp at, Visit&& visit) const {
        const duration by = gap(record);
        require_above_zero(by);
        visit(at, saturating_add(at, by));
    }

  private:
    static void require_above_zero(duration by) {
        if (by > duration::zero()) return;
        throw error(error_kind::configuration, "session: a gap of " + std::to_string(by.count()) +
                                                   " ns, but a gap is above zero");
    }
};

[[nodiscard]] inline session_windows<fixed_gap> session(duration gap) { return {{gap}}; }
template <class Function>
    requires(!std::convertible_to<Function, duration>)
[[nodiscard]] session_windows<gap_of_record<Function>> session(Function gap) {
    return {{std::move(gap)}};
}

}  // namespace weir
