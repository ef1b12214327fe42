// SPDX-License-Identifier: Apache-2.0
// The automaton of a pattern, as plain data. A position is a place in the pattern that takes one event. Behind it a run
// waits for several things at once: each wait names the position that it leads to and what may happen meanwhile. So
// the state of a run is the events it has taken and one wait; what else it may become are runs of their own that share
// these events.
#pragma once
#include <string>
#include <vector>

#include <weir/pattern/pattern_tree.hpp>

namespace weir {

struct pattern_image {
    static constexpr std::uint32_t none = pattern_part::no_condition;
    static constexpr std::uint32_t most_conditions = 64;  // their answers for an event are the bits of a word
    // Where a wait leads that needs no event: the match is complete when time is up.
    static constexpr std::uint32_t end = none;

    // An event that meets `condition`, and not `unless`, belongs to a loop that gives nothing away.
    struct possession {
        std::uint32_t condition = none;
        std::uint32_t unless = none;
        friend bool operator==(const possession&, const possession&) = default;
    };
    struct wait {
        std::uint32_t target = end;                // position
        contiguity gap = contiguity::relaxed;
        std::uint32_t ends = none;                 // an event that meets it ends the wait: `until` of a loop
        std::vector<std::uint32_t> absent{};       // no event meets these, the one that is taken included
        std::vector<std::uint32_t> absent_first{};  // the first event does not
        std::vector<possession> possessed{};       // no event belongs to these, the one that is taken included
        duration limit{};                          // not zero: how long it waits after the last event
        // The wait that leads to the end when nothing more is needed: the match is complete at once.
        [[nodiscard]] bool completes() const noexcept {
            return target == end && absent.empty() && absent_first.empty();
        }
        friend bool operator==(const wait&, const wait&) = default;
    };
    struct position {
        std::uint32_t stage = 0;                   // number of its name
        std::uint32_t condition = none;
        std::uint32_t until = none;                // its events must not meet it
        std::uint32_t first_wait = 0;              // waits behind it: the preferred one first
        std::uint32_t end_wait = 0;
    };

    std::vector<std::string> stages{};             // names of what takes events
    std::vector<position> positions{};
    std::vector<wait> waits{};                     // the first ones, up to `starts`, are how a run begins
    std::uint32_t starts = 0;
    std::uint32_t conditions = 0;                  // how many there are
    std::vector<std::string> condition_names{};    // for people: the stage that each belongs to
    duration within{};
    skip_kind skip = skip_kind::none;
    std::uint32_t skip_stage = none;
    bool must_go_on = false;
    std::string conditions_say{};                  // where they have a text, what each of them says

    // Number of a stage, or none.
    [[nodiscard]] std::uint32_t stage_named(const std::string& name) const noexcept;
    // All that matters to a run that goes on: equal texts, equal automata. Conditions count by number,
    // and by what they say if that is known.
    [[nodiscard]] std::string fingerprint() const;
};

// Throws weir::error of kind configuration, with one sentence, if the pattern makes no sense. O(size of the automaton).
[[nodiscard]] pattern_image compile_pattern(const pattern_tree& tree, std::uint32_t conditions);

// The automaton as a picture, for Graphviz: a circle takes an event. Bold edges follow at once, dashed ones pass over
// whatever, plain ones over what they would not take.
[[nodiscard]] std::string explain_dot(const pattern_image& image);

}  // namespace weir
