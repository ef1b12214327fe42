// SPDX-License-Identifier: Apache-2.0
// The conditions of a pattern on one event: what looks at the event alone is evaluated once, whoever asks, and only if
// somebody does.
#pragma once
#include <cstdint>

#include <weir/pattern/pattern_events.hpp>

namespace weir::detail {

// Answers that are remembered while an event is taken.
struct condition_answers {
    std::uint64_t known = 0;  // a bit per condition: asked already
    std::uint64_t yes = 0;
};
static_assert(pattern_image::most_conditions == 64);

// Conditions: holds(number, event), holds_after(number, event, chain), looks_back<Event>(number).
template <class Conditions, class Record>
class event_conditions {
  public:
    event_conditions(const Conditions& conditions, const pattern_image& its_image, const Record& record,
                     const pattern_events<Record>& events, bool degraded, condition_answers& answers)
        : image(its_image), event(record), conditions_(conditions), events_(events), degraded_(degraded),
          answers_(answers) {
        answers_ = {};
    }

    const pattern_image& image;
    const Record& event;

    // It holds for no run, whatever that has taken.
    [[nodiscard]] bool never(std::uint32_t condition) { return !alone(condition); }
    // For a run that has taken what `node` says.
    [[nodiscard]] bool holds(std::uint32_t condition, std::uint32_t node) {
        if (!alone(condition)) return false;
        if (!conditions_.template looks_back<Record>(condition)) return true;
        return conditions_.template holds_after<Record>(
            condition, event, pattern_chain<Record>{events_, image, node, degraded_});
    }

  private:
    [[nodiscard]] bool alone(std::uint32_t condition) {
        const std::uint64_t bit = std::uint64_t{1} << condition;
        if ((answers_.known & bit) == 0) {
            answers_.known |= bit;
            if (conditions_.template holds<Record>(condition, event)) answers_.yes |= bit;
        }
        return (answers_.yes & bit) != 0;
    }

    const Conditions& conditions_;
    const pattern_events<Record>& events_;
    bool degraded_;
    condition_answers& answers_;
};

}  // namespace weir::detail
