// SPDX-License-Identifier: Apache-2.0
// A pattern as it is written down: stages in their order, with conditions by number. What a user composes
// (pattern/pattern.hpp) and what a program reads at run time are both this; pattern/pattern_image.hpp makes of it what
// runs.
//
// Which events make a match is defined by gaps. Between two events that a match takes one after the other lies a gap,
// the events that it passes over:
//
//   strict     none
//   relaxed    those that do not meet the condition of the later event's stage, given what the match has taken up to
//              there
//   any        whatever
//
// The gap before a stage's first event is the stage's own (next, followed_by, followed_by_any); between repetitions it
// is `between`. A stage that is skipped is not there: the gap is that of the stage which comes instead.
//
// A stage that must be absent (not_followed_by, not_next) watches the gap in which it stands: no event of it, and not
// the one that ends it, meets its condition; not_next looks at the first event only. Behind a loop it watches from the
// repetition on which may be the last one. At the end of a pattern not_followed_by is fulfilled when time is up.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <weir/time/timestamp.hpp>

namespace weir {

enum class contiguity : std::uint8_t { strict, relaxed, any };

enum class part_kind : std::uint8_t {
    stage,      // takes events that meet a condition
    group,      // parts one behind the other, repeated together
    branches,   // one of several parts, the earlier preferred
    absent,     // no event of the gap meets the condition
    not_next    // the next event does not
};

struct pattern_part {
    static constexpr std::uint32_t no_condition = ~std::uint32_t{0};
    static constexpr std::uint32_t unbounded = 0;

    part_kind kind = part_kind::stage;
    std::string name{};                          // of a stage, or one that must be absent
    std::uint32_t condition = no_condition;
    contiguity before = contiguity::relaxed;     // the gap before the first event; of no account at the beginning
    std::uint32_t least = 1;                     // repetitions
    std::uint32_t most = 1;                      // or unbounded
    contiguity between = contiguity::relaxed;    // the gap between repetitions
    bool optional = false;                       // or not at all
    bool possessive = false;                     // what follows takes nothing that another repetition would take
    bool reluctant = false;                      // fewer repetitions are preferred
    std::uint32_t until = no_condition;          // ends the repetitions; its event is not taken by them
    duration gap_limit{};                        // not zero: from the event before to the first one, less than this
    duration repetition_limit{};                 // not zero: from one repetition to the next, less than this
    std::vector<pattern_part> parts{};           // of a group, or the branches
};

// Which matches a match that is reported rules out: those that start before a floor.
enum class skip_kind : std::uint8_t { none, to_next, past_last, to_first, to_last };
struct skip_rule {
    skip_kind kind = skip_kind::none;
    std::string stage{};         // of to_first and to_last
    bool must_go_on = false;     // it is an error if the stage has no event, or the floor is the match's own start
};

struct pattern_tree {
    std::vector<pattern_part> parts{};
    duration within{};              // not zero: from the first event to the last, less than this
    skip_rule skip{};
    bool unbounded = false;         // runs may wait for ever, said by name
};

}  // namespace weir
