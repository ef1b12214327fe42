// SPDX-License-Identifier: Apache-2.0
// The naive interpreter: the same graphs, computed from the whole logs at once, with std::map and sorting, sharing no
// operator, aggregate, store or stage with weir. A stream is the list of all its records in turn; an operator makes
// whole lists of whole lists. Values, times and turns come out; where they differ from a run, one of the two is wrong.
#pragma once
#include <vector>

#include <weir/time/stamp.hpp>

#include "description.hpp"
#include "lowering.hpp"

namespace random_graphs {

struct item {
    event record;
    weir::stamp at;
};
using items = std::vector<item>;

// What each sink of the description receives, in turn. `places`: the numbers that the graph gave to its stages.
[[nodiscard]] std::vector<items> interpret(const description& what, const std::vector<log>& logs,
                                           const lowered& places);

namespace naive {
// One operator over whole streams; `stage` is the number of its stage.
[[nodiscard]] std::vector<items> apply(const use& how, std::uint32_t stage, const std::vector<const items*>& inputs);
[[nodiscard]] std::vector<items> apply_window(const use& how, std::uint32_t stage, const items& input);
[[nodiscard]] std::vector<items> apply_session(const use& how, std::uint32_t stage, const items& input);
[[nodiscard]] items apply_interval_join(const use& how, std::uint32_t stage, const items& left, const items& right);
[[nodiscard]] std::vector<items> apply_rolling(const use& how, std::uint32_t stage, const items& input);
[[nodiscard]] std::vector<items> apply_process(const use& how, std::uint32_t stage, const items& input);

// The exactly rounded sum of doubles, by Shewchuk's partials (1997), as Python's fsum does it.
[[nodiscard]] double exact_sum(const std::vector<double>& values);

[[nodiscard]] inline std::int64_t count_of(weir::timestamp at) { return at.time_since_epoch().count(); }
// A result of `cause`'s stage, and one triggered by the watermark.
[[nodiscard]] item caused(const item& cause, event record, weir::timestamp time, std::uint32_t stage,
                          std::uint32_t index);
[[nodiscard]] item triggered(event record, std::int64_t due, std::uint32_t stage, std::uint64_t place,
                             const std::vector<std::uint64_t>& words);
void sort_by_turn(items& list);
}  // namespace naive

}  // namespace random_graphs
