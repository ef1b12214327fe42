// SPDX-License-Identifier: Apache-2.0
#include "description.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace random_graphs {
namespace {

struct kind_facts {
    const char* name;
    std::size_t inputs;
    std::size_t outputs;
};
constexpr kind_facts facts[] = {{"map_value", 1, 1},
                                {"map_key", 1, 1},
                                {"map_stamp", 1, 1},
                                {"filter_id", 1, 1},
                                {"filter_key", 1, 1},
                                {"flat_map", 1, 1},
                                {"flat_map_nested", 1, 1},
                                {"split", 1, 2},
                                {"split_late", 1, 2},
                                {"tumbling", 1, 2},
                                {"tumbling_allowed", 1, 2},
                                {"tumbling_first", 1, 1},
                                {"tumbling_plain", 1, 1},
                                {"tumbling_spread", 1, 1},
                                {"tumbling_hash", 1, 2},
                                {"tumbling_text", 1, 1},
                                {"sliding", 1, 2},
                                {"sliding_allowed", 1, 2},
                                {"sliding_sum", 1, 1},
                                {"session", 1, 2},
                                {"rolling", 1, 2},
                                {"rolling_several", 1, 1},
                                {"process_sum", 1, 2},
                                {"process_emit", 1, 1},
                                {"process_timer", 1, 2},
                                {"process_text", 1, 1},
                                {"sort_by_time", 1, 2},
                                {"merge", 2, 1},
                                {"merge_three", 3, 1},
                                {"join_by_origin", 2, 1},
                                {"interval_join", 2, 1},
                                {"fused", 1, 1}};
static_assert(std::size(facts) == kind_count);

}  // namespace

const char* name_of(kind what) noexcept { return facts[static_cast<int>(what)].name; }
std::size_t inputs_of(kind what) noexcept { return facts[static_cast<int>(what)].inputs; }
std::size_t outputs_of(kind what) noexcept { return facts[static_cast<int>(what)].outputs; }

std::size_t description::first_output(std::size_t number) const {
    std::size_t count = sources.size();
    for (std::size_t i = 0; i < number; ++i) count += outputs_of(uses[i].what);
    return count;
}
std::size_t description::stream_count() const { return first_output(uses.size()); }
std::size_t description::partition_count() const {
    std::size_t count = 0;
    for (const source_use& each : sources) count += each.partitions;
    return count;
}

std::string description::to_text() const {
    std::string text;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        text += fmt::format("  s{} = source of {} partitions, out of order by {}{}\n", i, sources[i].partitions,
                            sources[i].bound, sources[i].filtered ? ", filter and flat_map before event_time" : "");
        if (sources[i].history) text += fmt::format("    a seam behind {} thousandths of it\n", *sources[i].history);
    }
    for (std::size_t i = 0; i < uses.size(); ++i) {
        const use& each = uses[i];
        std::string from;
        for (std::size_t input = 0; input < inputs_of(each.what); ++input)
            from += fmt::format(" s{}", each.inputs[input]);
        std::string chain;
        if (each.what == kind::fused) {
            for (const kind part : fused_chain(static_cast<int>(each.a))) chain += fmt::format(" {}", name_of(part));
        }
        text += fmt::format("  s{}{} = {}(a {}, b {}) of{}{}\n", first_output(i),
                            outputs_of(each.what) == 2 ? fmt::format(", s{}", first_output(i) + 1) : "",
                            name_of(each.what), each.a, each.b, from, chain.empty() ? "" : ":" + chain);
    }
    text += "  sinks";
    for (const std::size_t each : sinks) text += fmt::format(" s{}", each);
    return text + "\n";
}

const std::vector<kind>& fused_chain(int number) {
    using enum kind;
    static const std::vector<std::vector<kind>> chains{
        {map_value, filter_id, map_key, process_sum},
        {flat_map, tumbling},
        {filter_key, flat_map_nested, rolling},
        {map_key, sliding},
        {tumbling, map_key, tumbling},
        {tumbling, map_key, process_sum},
        {sliding_sum, map_value, rolling},
        {process_sum, map_key, process_timer},
        {process_timer, map_key, process_sum},
        {process_emit, flat_map, tumbling_first},
        {rolling, map_key, process_emit},
        {rolling_several, filter_id, sliding_allowed},
        {sort_by_time, map_value, process_sum},
        {tumbling_allowed, map_key, process_sum},
        {flat_map, map_stamp, flat_map, process_text},
        {process_text, map_key, rolling_several},
        {tumbling_plain, map_value, tumbling_hash},
        {map_key, process_sum, map_key, process_sum, map_key, process_sum},
        {tumbling, map_key, sliding, map_key, tumbling_plain},
        {sliding_allowed, map_key, tumbling_allowed},
        {filter_id, filter_key, map_value, map_stamp, tumbling_spread},
        {tumbling_text, map_key, process_text},
        {tumbling_hash, map_key, rolling},
        {sort_by_time, map_key, sort_by_time, process_emit},
        {process_timer, sort_by_time, map_key, process_timer},
        {flat_map, flat_map, rolling, flat_map, process_sum},
        {tumbling_first, sliding_sum},
        {rolling, rolling},
        {process_emit, map_key, process_emit, map_key, tumbling_plain},
        {map_stamp, sliding, sort_by_time, map_key, tumbling_allowed},
    };
    return chains.at(static_cast<std::size_t>(number));
}

// Fused chains take long to compile: who plants bugs does without.
#ifdef WEIR_NO_FUSED_CHAINS
static constexpr bool has_fused = false;
#else
static constexpr bool has_fused = true;
#endif

description random_description(std::uint64_t seed) {
    weir::testing::seeded choose(seed);
    description made;
    const std::size_t sources = choose.one_in(4) ? 2 : 1;
    for (std::size_t i = 0; i < sources; ++i) {
        made.sources.push_back({1 + choose.below(3), static_cast<std::int64_t>(choose.below(4) * 5), choose.one_in(6)});
    }
    const std::size_t uses = 1 + choose.below(7);
    unsigned expanding = 0;
    for (std::size_t i = 0; i < uses; ++i) {
        const std::size_t streams = made.stream_count();
        use each;
        each.what = choose.one_in(5) ? kind::fused : static_cast<kind>(choose.below(kind_count));
        if (each.what == kind::fused && !has_fused) each.what = kind::tumbling;
        const bool expands = each.what == kind::flat_map || each.what == kind::flat_map_nested ||
                             each.what == kind::process_emit || each.what == kind::fused || inputs_of(each.what) > 1;
        if (expands && ++expanding > 4) each.what = kind::process_sum;
        // Mostly what was made last, so that graphs are deep; sometimes anything, so that they fan out and in.
        for (std::size_t& input : each.inputs) {
            input = choose.one_in(3) ? choose.below(streams)
                                     : streams - 1 - choose.below(std::min<std::size_t>(streams, 2));
        }
        each.a = static_cast<std::int64_t>(choose.below(4));
        each.b = static_cast<std::int64_t>(choose.below(4));
        if (each.what == kind::fused) each.a = static_cast<std::int64_t>(choose.below(fused_count));
        if (each.what == kind::join_by_origin && choose.one_in(2)) {
            // A diamond: two stages of one stream, joined.
            const kind sides[] = {kind::rolling,   kind::process_sum, kind::rolling_several,
                                  kind::map_value, kind::filter_id,   kind::flat_map};
            const std::size_t from = each.inputs[0];
            for (std::size_t& input : each.inputs) {
                input = made.stream_count();
                made.uses.push_back({sides[choose.below(std::size(sides))], {from, from, from}, each.a, each.b});
                if (&input == &each.inputs[1]) break;
            }
        }
        made.uses.push_back(each);
    }
    std::vector<bool> used(made.stream_count(), false);
    for (const use& each : made.uses) {
        for (std::size_t input = 0; input < inputs_of(each.what); ++input) used[each.inputs[input]] = true;
    }
    for (std::size_t i = 0; i < made.stream_count(); ++i) {
        if (!used[i] ? !choose.one_in(4) : choose.one_in(6)) made.sinks.push_back(i);
    }
    if (made.sinks.empty()) made.sinks.push_back(made.stream_count() - 1);
    return made;
}

description without_use(const description& from, std::size_t number) {
    const std::size_t first = from.first_output(number);
    const std::size_t count = outputs_of(from.uses[number].what);
    const std::size_t instead = from.uses[number].inputs[0];
    const auto renamed = [&](std::size_t stream) {
        if (stream < first) return stream;
        return stream < first + count ? instead : stream - count;
    };
    description made;
    made.sources = from.sources;
    for (std::size_t i = 0; i < from.uses.size(); ++i) {
        if (i == number) continue;
        use each = from.uses[i];
        for (std::size_t& input : each.inputs) input = renamed(input);
        made.uses.push_back(each);
    }
    for (const std::size_t each : from.sinks) {
        const std::size_t sink = renamed(each);
        if (std::find(made.sinks.begin(), made.sinks.end(), sink) == made.sinks.end()) made.sinks.push_back(sink);
    }
    return made;
}

description without_sink(const description& from, std::size_t number) {
    description made = from;
    made.sinks.erase(made.sinks.begin() + static_cast<std::ptrdiff_t>(number));
    return made;
}

}  // namespace random_graphs
