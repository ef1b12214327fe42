// SPDX-License-Identifier: Apache-2.0
#include "lowering.hpp"

#include <weir/operators/erase.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>

#include <algorithm>

#include "probe.hpp"

namespace random_graphs {
namespace {

template <class Source> events lower_source(const Source& source, const source_use& how) {
    const auto timed = weir::event_time(&event::at, weir::out_of_order(weir::duration{how.bound}));
    if (!how.filtered) return weir::erase(source | timed);
    return weir::erase(
        source | weir::filter([](const event& each) { return each.id % 7 != 3; }) |
        weir::flat_map([](const event& each) { return std::vector<event>(each.id % 5 == 0 ? 2 : 1, each); }) | timed);
}

events lower_source(const source_use& how, std::vector<log> logs) {
    if (!how.history || logs.size() != 1) return lower_source(weir::memory_partitions(std::move(logs)), how);
    const log& all = logs.front();
    const auto seam = all.begin() + static_cast<std::ptrdiff_t>(all.size() * *how.history / 1000);
    return lower_source(weir::followed_by(weir::memory(log(all.begin(), seam)), weir::memory(log(seam, all.end()))),
                        how);
}

detail::lowered_use lower_use(const std::vector<events>& inputs, const use& how) {
    if (how.what == kind::fused) {
#ifndef WEIR_NO_FUSED_CHAINS
        if (how.a < 10) return detail::lower_fused_first(inputs[0], how);
        return how.a < 20 ? detail::lower_fused_second(inputs[0], how) : detail::lower_fused_third(inputs[0], how);
#endif
    }
    if (how.what >= kind::tumbling && how.what <= kind::rolling_several) return detail::lower_windows(inputs, how);
    if (how.what >= kind::process_sum && how.what <= kind::process_text) return detail::lower_process(inputs, how);
    if (how.what == kind::interval_join) return detail::lower_interval_join(inputs, how);
    return detail::lower_steps(inputs, how);
}

std::optional<std::uint32_t> place_of(const weir::graph& in, const weir::node* wanted) {
    for (std::size_t i = 0; i < in.nodes().size(); ++i) {
        if (wanted != nullptr && in.nodes()[i].get() == wanted) return static_cast<std::uint32_t>(i);
    }
    return std::nullopt;
}

}  // namespace

lowered lower(const description& what, const std::vector<log>& logs, bool with_probes) {
    std::vector<events> streams;
    std::vector<const weir::node*> sources;
    std::size_t next_log = 0;
    for (const source_use& each : what.sources) {
        const auto first = logs.begin() + static_cast<std::ptrdiff_t>(next_log);
        streams.push_back(lower_source(each, {first, first + static_cast<std::ptrdiff_t>(each.partitions)}));
        next_log += each.partitions;
        if (with_probes) streams.back() = probed(streams.back());
        const weir::node* source = streams.back().from().get();
        while (!source->inputs().empty()) source = source->inputs()[0].from.get();
        sources.push_back(source);
    }
    std::vector<std::vector<const weir::node*>> stages;
    for (const use& each : what.uses) {
        std::vector<events> inputs;
        for (std::size_t i = 0; i < inputs_of(each.what); ++i) inputs.push_back(streams.at(each.inputs[i]));
        auto made = lower_use(inputs, each);
        if (made.outputs.size() != outputs_of(each.what)) throw std::logic_error("an operator has other outputs");
        for (const events& output : made.outputs) streams.push_back(with_probes ? probed(output) : output);
        stages.push_back(std::move(made.stages));
    }
    std::vector<event_sink> sinks;
    std::vector<weir::output> outputs;
    for (const std::size_t each : what.sinks) {
        sinks.push_back(weir::collect_stamped<event>());
        outputs.push_back(streams.at(each) | weir::into(sinks.back()));
    }
    lowered made{weir::graph("random", std::move(outputs)), std::move(sinks), {}, {}};
    for (const auto& nodes : stages) {
        auto& numbers = made.stages.emplace_back();
        for (const weir::node* each : nodes) numbers.push_back(place_of(made.what, each));
    }
    // Partitions are numbered through the whole graph, in the order of its nodes.
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto place = place_of(made.what, sources[i]);
        std::optional<std::uint64_t> first;
        if (place) {
            first = 0;
            for (std::size_t other = 0; other < sources.size(); ++other) {
                const auto there = place_of(made.what, sources[other]);
                if (there && *there < *place) *first += what.sources[other].partitions;
            }
        }
        made.partitions.push_back(first);
    }
    return made;
}

}  // namespace random_graphs
