// SPDX-License-Identifier: Apache-2.0
// daily("Europe/Berlin"), weekly("Europe/Berlin", std::chrono::Monday), monthly("Europe/Berlin"): windows that are the
// days, weeks and months of the calendar in a time zone of the IANA database. A week begins at the weekday that is
// given. A day with a change of clocks has 23 or 25 hours.
//
// A window begins when the zone's clocks show its first day for the first time, and ends where the next one begins. So
// a midnight that the clocks skip is the moment of the skip; of a midnight that comes twice it is the first; a day that
// a zone left out (Pacific/Apia, 30 December 2011) has no window.
//
// They are kept one by one, so they take records in turn. A record in one of the two windows that were seen last costs
// two comparisons, another one a look at the zone's rules. Those are the machine's (package tzdata, or $TZDIR), read
// once per process when the first graph names the zone: machines whose results are to be compared need the same ones.
// An unknown zone is a weir::error of kind configuration; so is "localtime", which is another zone on each machine.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <weir/time/timestamp.hpp>

namespace weir {

namespace detail {

enum class calendar_unit : std::uint8_t { day, week, month };

// Days, weeks or months of one zone. Immutable.
class calendar {
  public:
    struct span {
        timestamp start = time_highest;
        timestamp end = time_lowest;

        [[nodiscard]] bool holds(timestamp at) const noexcept { return start <= at && at < end; }
    };
    // Throws weir::error of kind configuration if there is no such zone or weekday.
    [[nodiscard]] static std::shared_ptr<const calendar> of(calendar_unit unit, std::string zone,
                                                            std::chrono::weekday first = std::chrono::Monday);
    virtual ~calendar() = default;
    // The window that holds the time, cut off at the ends of the time line.
    [[nodiscard]] virtual span holding(timestamp at) const = 0;
    // "daily Europe/Berlin", "weekly Monday Europe/Berlin"
    [[nodiscard]] virtual std::string text() const = 0;
};

}  // namespace detail

class calendar_windows {
  public:
    static constexpr bool joins = false;
    static constexpr bool endless = false;

    template <class Record> static constexpr bool takes = true;

    explicit calendar_windows(std::shared_ptr<const detail::calendar> of) : calendar_(std::move(of)) {}

    void check() const {}
    [[nodiscard]] std::string text() const { return calendar_->text(); }
    // Not to be called by two threads on one object: a running stage has its own copy.
    template <class Record, class Visit> void windows_of(const Record&, timestamp at, Visit&& visit) const {
        if (!last_.holds(at)) [[unlikely]] {
            std::swap(last_, before_);
            if (!last_.holds(at)) last_ = calendar_->holding(at);
        }
        visit(last_.start, last_.end);
    }

  private:
    std::shared_ptr<const detail::calendar> calendar_;
    // Records around a border, in disorder, are in two windows by turns.
    mutable detail::calendar::span last_, before_;
};

[[nodiscard]] inline calendar_windows daily(std::string zone) {
    return calendar_windows{detail::calendar::of(detail::calendar_unit::day, std::move(zone))};
}
[[nodiscard]] inline calendar_windows weekly(std::string zone, std::chrono::weekday first) {
    return calendar_windows{detail::calendar::of(detail::calendar_unit::week, std::move(zone), first)};
}
[[nodiscard]] inline calendar_windows monthly(std::string zone) {
    return calendar_windows{detail::calendar::of(detail::calendar_unit::month, std::move(zone))};
}

}  // namespace weir
