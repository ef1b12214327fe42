// SPDX-License-Identifier: Apache-2.0
// What a condition that was read at run time asks of the events that a stage has taken: last(stage.field), first, sum,
// min, max, count(stage).
#pragma once
#include <cstdint>

#include <weir/pattern/expression.hpp>
#include <weir/pattern/pattern_events.hpp>

namespace weir {

enum class fold_kind : std::uint8_t { first, last, sum, least, greatest, count };

struct stage_fold {
    fold_kind kind{};
    std::uint32_t stage = 0;     // in the automaton
    std::uint32_t field = 0;     // in the table of fields; of no account to count
    expression_type type{};      // of the field
};

namespace detail {

// A fold of values that come the latest first. Unknown ones are passed over; first and last take them as they are.
class fold_of_values {
  public:
    explicit fold_of_values(const stage_fold& how) : how_(how) {}
    void add(expression_value value);
    [[nodiscard]] expression_value result() const;

  private:
    void add_to_sum(expression_value value);
    [[nodiscard]] bool replaces(expression_value value) const;

    const stage_fold& how_;
    expression_value kept_{};
    bool too_large_ = false;
};

// O(events of the match). Nothing is allocated.
template <class Event>
[[nodiscard]] expression_value folded(const stage_fold& how, const expression_field* fields,
                                      const pattern_chain<Event>& chain) {
    const stage_events<Event> taken = chain.events(how.stage);
    if (how.kind == fold_kind::last) {
        return taken.empty() ? expression_value{} : fields[how.field].read(&taken.back());
    }
    if (how.kind == fold_kind::count) {
        std::int64_t count = 0;
        taken.for_each_from_latest([&](const Event&) { ++count; });
        return expression_value::of(count);
    }
    fold_of_values fold(how);
    taken.for_each_from_latest([&](const Event& each) { fold.add(fields[how.field].read(&each)); });
    return fold.result();
}

}  // namespace detail
}  // namespace weir
