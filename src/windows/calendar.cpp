// SPDX-License-Identifier: Apache-2.0
#include <weir/windows/calendar.hpp>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <weir/base/error.hpp>

namespace weir::detail {

namespace {

// Indexed as std::chrono::weekday::c_encoding.
struct weekday_name {
    const char* text;
    absl::Weekday day;
};
constexpr weekday_name weekdays[] = {
    {"Sunday", absl::Weekday::sunday},       {"Monday", absl::Weekday::monday},
    {"Tuesday", absl::Weekday::tuesday},     {"Wednesday", absl::Weekday::wednesday},
    {"Thursday", absl::Weekday::thursday},   {"Friday", absl::Weekday::friday},
    {"Saturday", absl::Weekday::saturday},
};

absl::TimeZone zone_named(const std::string& name) {
    // Abseil takes these for files, or for what this machine is set to.
    const bool of_machine = name == "localtime" || name.find(':') != std::string::npos;
    const bool is_path = name.starts_with('/') || name.find("..") != std::string::npos;
    absl::TimeZone zone;
    if (name.empty() || of_machine || is_path || !absl::LoadTimeZone(name, &zone)) {
        throw error(error_kind::configuration,
                    "calendar windows: there is no time zone '" + name +
                        "' on this machine: give a name of the IANA database such as \"Europe/Berlin\" or \"UTC\", "
                        "and see that tzdata is installed");
    }
    return zone;
}

class calendar_of_zone final : public calendar {
  public:
    calendar_of_zone(calendar_unit unit, std::string name, std::chrono::weekday first)
        : unit_(unit), name_(std::move(name)), zone_(zone_named(name_)) {
        if (!first.ok()) throw error(error_kind::configuration, "weekly: this is no day of the week");
        first_ = weekdays[first.c_encoding()];
    }

    [[nodiscard]] span holding(timestamp at) const override {
        absl::CivilDay day = first_day(absl::ToCivilDay(absl::FromUnixNanos(at.time_since_epoch().count()), zone_));
        span found{begin_of(day), {}};
        // Clocks that are set back over a midnight show days again whose next has begun: more than one step.
        for (;; found.start = found.end) {
            day = next(day);
            found.end = begin_of(day);
            if (found.end > at || found.end == time_highest) return found;
        }
    }
    [[nodiscard]] std::string text() const override {
        switch (unit_) {
            case calendar_unit::day: return "daily " + name_;
            case calendar_unit::week: return std::string("weekly ") + first_.text + " " + name_;
            default: return "monthly " + name_;
        }
    }

  private:
    // Of the window that the day is in.
    [[nodiscard]] absl::CivilDay first_day(absl::CivilDay day) const {
        switch (unit_) {
            case calendar_unit::day: return day;
            case calendar_unit::week: return absl::PrevWeekday(day + 1, first_.day);
            default: return absl::CivilDay(absl::CivilMonth(day));
        }
    }
    // The first day of the window after the one that begins with this day.
    [[nodiscard]] absl::CivilDay next(absl::CivilDay day) const {
        switch (unit_) {
            case calendar_unit::day: return day + 1;
            case calendar_unit::week: return day + 7;
            default: return absl::CivilDay(absl::CivilMonth(day) + 1);
        }
    }
    // FromCivil keeps order: a skipped midnight is the moment of the skip, of two the first. ToUnixNanos stops at the
    // ends of the line.
    [[nodiscard]] timestamp begin_of(absl::CivilDay day) const {
        return timestamp{duration{absl::ToUnixNanos(absl::FromCivil(absl::CivilSecond(day), zone_))}};
    }

    calendar_unit unit_;
    std::string name_;
    absl::TimeZone zone_;
    weekday_name first_{};
};

}  // namespace

std::shared_ptr<const calendar> calendar::of(calendar_unit unit, std::string zone, std::chrono::weekday first) {
    return std::make_shared<const calendar_of_zone>(unit, std::move(zone), first);
}

}  // namespace weir::detail
