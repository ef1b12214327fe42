// SPDX-License-Identifier: Apache-2.0
// A random graph as plain data: which operators, on which streams, with which numbers. It can be made from a seed,
// printed, made smaller, lowered to a weir::graph, and interpreted by somebody who does not know weir.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "event.hpp"

namespace random_graphs {

// The operators, each closed over `event`. `a` and `b` are the use's numbers.
enum class kind {
    map_value,         // value = value * 1.5 + 1, count + a
    map_key,           // another key out of a + 1
    map_stamp,         // the stamp's time becomes a field
    filter_id,         // drops every (a + 2)th id
    filter_key,        // drops key a
    flat_map,          // id % 3 copies under neighbouring keys
    flat_map_nested,   // flat_map, filter, flat_map
    split,             // by count; two outputs
    split_late,        // by lateness; two outputs
    tumbling,          // count, sum; late output
    tumbling_allowed,  // the same with allowed lateness
    tumbling_first,    // first value, last id
    tumbling_plain,    // plain_sum: order-sensitive
    tumbling_spread,   // variance and distinct
    tumbling_hash,     // a user's aggregate that does not commute
    tumbling_text,     // keyed by text
    sliding,           // min, max, count; late output
    sliding_allowed,   // mean and sum, allowed lateness
    sliding_sum,       // all keys in one
    session,           // count, sum; late output; by a: on time, final, every, after and discarding
    rolling,           // sum, count; late output
    rolling_several,   // max of one length, distinct of another
    process_sum,       // an ordinary double per key; late output
    process_emit,      // none, one or two results per record
    process_timer,     // silent keys are told apart by a timer, and forgotten
    process_text,      // keyed by text; timers below the watermark, timers that set timers
    sort_by_time,      // late output
    merge,             // of two streams
    merge_three,       // of three streams
    join_by_origin,    // of two streams
    interval_join,     // of two streams, left outer
    fused              // one of the fixed chains of fused_chain(a), typed through and through
};
inline constexpr int kind_count = static_cast<int>(kind::fused) + 1;
inline constexpr int fused_count = 30;

[[nodiscard]] const char* name_of(kind what) noexcept;
[[nodiscard]] std::size_t inputs_of(kind what) noexcept;
[[nodiscard]] std::size_t outputs_of(kind what) noexcept;
// The operators of a fixed chain; the first output of each goes to the next.
[[nodiscard]] const std::vector<kind>& fused_chain(int number);

struct use {
    kind what{};
    std::array<std::size_t, 3> inputs{};  // numbers of streams
    std::int64_t a = 0;
    std::int64_t b = 0;
};

struct source_use {
    std::size_t partitions = 1;
    std::int64_t bound = 0;  // out_of_order
    bool filtered = false;   // a filter and a flat_map stand before event_time
    std::optional<std::size_t> history{};  // of one partition: so many thousandths are history, the rest follows it
};

// Streams are numbered: first the sources', then the outputs of each use.
struct description {
    std::vector<source_use> sources;
    std::vector<use> uses;
    std::vector<std::size_t> sinks;  // numbers of streams

    [[nodiscard]] std::size_t stream_count() const;
    // The number of the first output of a use.
    [[nodiscard]] std::size_t first_output(std::size_t number) const;
    [[nodiscard]] std::size_t partition_count() const;
    [[nodiscard]] std::string to_text() const;
};

[[nodiscard]] description random_description(std::uint64_t seed);

// The same graph with one use less, whose outputs are replaced by its first input; or one sink less.
[[nodiscard]] description without_use(const description& from, std::size_t number);
[[nodiscard]] description without_sink(const description& from, std::size_t number);

}  // namespace random_graphs
