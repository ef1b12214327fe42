// SPDX-License-Identifier: Apache-2.0
#include "plan.hpp"

#include <algorithm>

namespace weir::detail {

plan::plan(const graph& what, run_state& shared, run_outputs& outputs)
    : what_(&what), shared_(shared), outputs_(outputs) {
    for (unsigned i = 0; i < shared.how.threads; ++i) workers_.push_back(std::make_unique<worker>(shared, i));
    consumers_.resize(what.nodes().size());
    for (std::size_t i = 0; i < what.nodes().size(); ++i) consumers_[i].resize(what.nodes()[i]->outlet_count());
    for (const auto& each : what.nodes()) {
        for (const node_input& input : each->inputs()) ++consumers_[what.number_of(input.from.get())][input.outlet];
    }
    make_stages(what);
    for (std::uint32_t number = 0; number < what.nodes().size(); ++number) connect_exchanges(what, number);
    want_turns(what);
    find_event_times();
    for (running_stage& each : stages_) {
        for (outlet_base* out : each.run->outlets()) {
            out->wants_marks = false;
            for (std::size_t i = 0; i < out->consumer_count(); ++i) out->wants_marks |= out->consumer(i).reads_marks;
        }
        for (auto& merging : each.gates) {
            if (merging != nullptr) merging->count_held_in(shared.held);
        }
    }
    if (shared.how.threads > 1) find_room();
    if (!shared.how.drain) end_missing_inputs();
}

// Where records of each stage can go without changing the worker: what is downstream stands behind it in the list.
void plan::find_room() {
    for (std::size_t i = stages_.size(); i-- > 0;) {
        running_stage& each = stages_[i];
        worker& on = *workers_[each.worker];
        for (const exchange_channel* channel : each.sends) each.room->add(*channel);
        for (std::size_t next = i + 1; next < stages_.size(); ++next) {
            if (is_direct(i, next)) each.room->add(*stages_[next].room);
        }
        if (what_->nodes()[each.node]->how() == spread::partition) on.room_for_sources.add(*each.room);
        for (auto& merging : each.gates) {
            if (merging == nullptr) continue;
            merging->stop_without(*each.room, shared_.under_way);
            on.gates.push_back({merging.get(), each.room.get()});
        }
    }
}
bool plan::is_direct(std::size_t from, std::size_t to) const {
    if (exchanged(*what_->nodes()[stages_[to].node])) return false;
    const auto& upstream = stages_[to].upstream;
    return std::any_of(upstream.begin(), upstream.end(), [&](const auto& link) { return link.second == from; });
}

// A source may have no partitions. Nobody says the end of an input that has no channels, so it is said here.
void plan::end_missing_inputs() {
    for (running_stage& each : stages_) {
        const node& description = *what_->nodes()[each.node];
        if (description.how() == spread::partition) continue;
        if (each.upstream.empty()) {
            each.run->advance(mark::end());
        } else if (description.merges_per_input()) {
            for (std::size_t input = 0; input < description.inputs().size(); ++input) {
                const bool fed = std::any_of(each.upstream.begin(), each.upstream.end(),
                                             [&](const auto& link) { return link.first == input; });
                if (!fed) each.run->mark_channel(input, mark::end());
            }
        }
    }
}

bool plan::exchanged(const node& description) const {
    return shared_.how.threads > 1 && description.how() != spread::per_channel &&
           description.how() != spread::partition;
}

std::vector<std::size_t> plan::instances_of(std::uint32_t number) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        if (stages_[i].node == number) found.push_back(i);
    }
    return found;
}

std::size_t plan::instances_with(std::uint32_t number, unsigned threads) const {
    const node& description = *what_->nodes()[number];
    std::size_t count = 0;
    switch (description.how()) {
        case spread::partition: return instances_of(number).size();
        case spread::per_channel:
            for (const node_input& each : description.inputs()) {
                count += instances_with(static_cast<std::uint32_t>(what_->number_of(each.from.get())), threads);
            }
            return count;
        case spread::keyed:
        case spread::by_origin: return threads;
        case spread::single: break;
    }
    return 1;
}

std::vector<std::size_t> plan::gated_channels_with(std::uint32_t number, unsigned threads) const {
    const node& description = *what_->nodes()[number];
    std::vector<std::size_t> channels;
    std::size_t all = 0;
    for (const node_input& each : description.inputs()) {
        channels.push_back(instances_with(static_cast<std::uint32_t>(what_->number_of(each.from.get())), threads));
        all += channels.back();
    }
    const bool merges = description.merges_per_input();
    for (std::size_t& each : channels) {
        if (merges ? each < 2 : !gated(description, number) || all < 2) each = 0;
    }
    return channels;
}

void plan::add_stage(std::unique_ptr<stage> run, std::uint32_t number, unsigned worker,
                     std::vector<std::pair<std::size_t, std::size_t>> upstream) {
    run->number = number;
    run->name = what_->nodes()[number]->name();
    for (outlet_base* out : run->outlets()) {
        out->stage = number;
        out->capacity = shared_.how.outlet_chunk;
    }
    const std::chrono::nanoseconds budget = what_->nodes()[number]->budget();
    std::unique_ptr<stage_meter> meter;
    // Sources are measured as logs; event_time hands its records on from within.
    const bool measurable = what_->nodes()[number]->how() != spread::partition && !run->gives_watermarks();
    const bool wanted = (shared_.how.tuning.measure && measurable) || budget != stage_name::no_budget;
    if (run->meter == nullptr && wanted) {
        meter = std::make_unique<stage_meter>(*shared_.where, budget);
        run->meter = meter.get();
    }
    stages_.push_back({std::move(run), number, worker, {}, std::move(upstream)});
    stages_.back().room = std::make_unique<outgoing_room>(workers_[worker]->parked);
    stages_.back().meter = std::move(meter);
}

void plan::make_stages(const graph& what) {
    const unsigned workers = shared_.how.threads;
    std::uint64_t partition = 0;
    for (std::uint32_t number = 0; number < what.nodes().size(); ++number) {
        const node& description = *what.nodes()[number];
        stage_site site{number, 0, workers, shared_.where, what.name(), &outputs_,
                        !shared_.how.checkpoint.directory.empty()};
        std::vector<std::pair<std::size_t, std::size_t>> upstream;
        for (std::size_t input = 0; input < description.inputs().size(); ++input) {
            for (const std::size_t from : instances_of(
                     static_cast<std::uint32_t>(what.number_of(description.inputs()[input].from.get())))) {
                upstream.emplace_back(input, from);
            }
        }
        const std::size_t first = stages_.size();
        switch (description.how()) {
            case spread::partition:
                for (auto& reader : description.open(*shared_.where)) {
                    auto made = description.make_reading(std::move(reader));
                    static_cast<source_stage_base&>(*made).set_partition(partition);
                    add_stage(std::move(made), number, static_cast<unsigned>(partition % workers), {});
                    auto& source = static_cast<source_stage_base&>(*stages_.back().run);
                    workers_[partition % workers]->sources.push_back({&source, {}, false, false});
                    if (shared_.how.tuning.measure) {
                        auto& arrivals = workers_[partition % workers]->sources.back().arrivals;
                        arrivals = std::make_unique<arrival_meter>(*shared_.where);
                        source.reader().arrivals = arrivals.get();
                    }
                    ++partition;
                }
                break;
            case spread::per_channel:
                for (const auto& each : upstream) {
                    site.worker = stages_[each.second].worker;
                    add_stage(description.make(site), number, site.worker, {each});
                }
                break;
            case spread::keyed:
            case spread::by_origin:
                for (unsigned i = 0; i < workers; ++i) {
                    site.worker = i;
                    add_stage(description.make(site), number, i, upstream);
                }
                break;
            case spread::single:
                site.worker = number % workers;
                add_stage(description.make(site), number, site.worker, upstream);
                break;
        }
        for (std::size_t i = first; i < stages_.size(); ++i) connect(what, i);
    }
    shared_.sources_open = static_cast<unsigned>(partition);
}

bool plan::gated(const node& description, std::uint32_t number) const {
    if (description.order_sensitive()) return true;
    for (unsigned outlet = 0; outlet < description.outlet_count(); ++outlet) {
        if (description.late_outlet(outlet) && consumers_[number][outlet] != 0) return true;
    }
    return false;
}

// Prepares a stage's gates and channels; on the same worker connects it, too.
void plan::connect(const graph& what, std::size_t index) {
    running_stage& to = stages_[index];
    const node& description = *what.nodes()[to.node];
    const std::size_t inputs = description.inputs().size();
    std::vector<std::size_t> channels(inputs, 0);
    for (const auto& each : to.upstream) ++channels[each.first];
    to.gates.resize(inputs);
    if (description.merges_per_input()) {
        to.run->set_channel_count(inputs);
        for (std::size_t input = 0; input < inputs; ++input) {
            if (channels[input] > 1) to.gates[input] = std::make_unique<gate>(*to.run, input);
        }
    } else if (gated(description, to.node) && to.upstream.size() > 1) {
        to.run->set_channel_count(1);
        to.gates.resize(1);
        to.gates[0] = std::make_unique<gate>(*to.run, 0);
    } else {
        to.run->set_channel_count(to.upstream.size());
        to.gates.clear();
    }
    if (exchanged(description)) return;
    for (std::size_t i = 0; i < to.upstream.size(); ++i) {
        const auto [input, from] = to.upstream[i];
        const std::size_t channel = description.merges_per_input() ? input : i;
        connect_direct(description, to, input, from, channel, gate_for(to, description, input));
    }
}

gate* plan::gate_for(running_stage& to, const node& description, std::size_t input) {
    if (to.gates.empty()) return nullptr;
    return description.merges_per_input() ? to.gates[input].get() : to.gates[0].get();
}

void plan::connect_direct(const node& description, running_stage& to, std::size_t input, std::size_t from,
                          std::size_t channel, gate* merging) {
    const node_input& edge_from = description.inputs()[input];
    outlet_base& source = *stages_[from].run->outlets()[edge_from.outlet];
    description.attach(input, source, *to.run, channel, merging);
    edges_.push_back({stages_[from].node, edge_from.outlet, to.node, &source,
                      &source.consumer(source.consumer_count() - 1), nullptr, {}});
}

// A partition is as far as the event_time behind it says.
void plan::find_event_times() {
    for (auto& each : workers_) {
        for (source_site& site : each->sources) {
            for (std::size_t i = 0; i < stages_.size(); ++i) {
                if (stages_[i].run.get() == site.source) collect_event_times(i, site);
            }
        }
    }
}
void plan::collect_event_times(std::size_t from, source_site& site) {
    for (const running_stage& each : stages_) {
        if (what_->nodes()[each.node]->how() != spread::per_channel) continue;
        const bool behind = std::any_of(each.upstream.begin(), each.upstream.end(),
                                        [&](const auto& link) { return link.second == from; });
        if (!behind) continue;
        if (each.run->gives_watermarks()) {
            site.timed_by.push_back(each.run.get());
        } else {
            collect_event_times(static_cast<std::size_t>(&each - stages_.data()), site);
        }
    }
}

void plan::connect_exchanges(const graph& what, std::uint32_t number) {
    const node& description = *what.nodes()[number];
    if (!exchanged(description)) return;
    const std::vector<std::size_t> targets = instances_of(number);
    if (targets.empty()) return;
    const auto upstream = stages_[targets.front()].upstream;
    for (std::size_t i = 0; i < upstream.size(); ++i) {
        const auto [input, from] = upstream[i];
        const std::size_t channel_number = description.merges_per_input() ? input : i;
        std::vector<channel_sender*> senders;
        std::vector<const inlet_base*> arrived;
        for (const std::size_t target : targets) {
            running_stage& to = stages_[target];
            worker& producer = *workers_[stages_[from].worker];
            channels_.push_back(
                std::make_unique<exchange_channel>(shared_.how.tuning.ring, shared_.under_way, producer.parked,
                                                   shared_.wake));
            exchange_channel* channel = channels_.back().get();
            senders.push_back(channel);
            stages_[from].sends.push_back(channel);
            producer.outputs.push_back(channel);
            workers_[to.worker]->inputs.push_back(
                {channel, description.make_receiver(input, *to.run, channel_number, gate_for(to, description, input)),
                 to.room.get()});
            arrived.push_back(workers_[to.worker]->inputs.back().to->end);
        }
        const node_input& edge_from = description.inputs()[input];
        outlet_base& source = *stages_[from].run->outlets()[edge_from.outlet];
        routers_.push_back(description.make_router(input, source, std::move(senders)));
        routed_.emplace_back(number, routers_.back().counts);
        edges_.push_back({stages_[from].node, edge_from.outlet, number, &source,
                          &source.consumer(source.consumer_count() - 1), routers_.back().counts, std::move(arrived)});
    }
}

std::uint64_t plan::edge::received() const {
    if (routed == nullptr) return target->received;
    std::uint64_t lost = routed->results;
    for (const inlet_base* each : arrived) lost -= each->received;
    return target->received - lost;
}

// Turns are made only where somebody reads them: a gate, or a stage or sink that keeps them, or one whose results'
// turns are read and follow those of its input.
void plan::want_turns(const graph& what) {
    for (std::size_t i = what.nodes().size(); i-- > 0;) {
        const node& description = *what.nodes()[i];
        bool wanted = description.reads_turns();
        for (const std::size_t index : instances_of(static_cast<std::uint32_t>(i))) {
            running_stage& each = stages_[index];
            for (const auto& merging : each.gates) wanted |= merging != nullptr;
            const auto outlets = each.run->outlets();
            for (unsigned outlet = 0; outlet < outlets.size(); ++outlet) {
                const bool follows = description.late_outlet(outlet) || description.results_follow_causes();
                wanted |= follows && outlets[outlet]->wants_turn;
            }
        }
        if (!wanted) continue;
        for (const node_input& input : description.inputs()) {
            const auto from = static_cast<std::uint32_t>(what.number_of(input.from.get()));
            for (const std::size_t index : instances_of(from)) {
                stages_[index].run->outlets()[input.outlet]->wants_turn = true;
            }
        }
    }
}

std::vector<const ledger*> plan::ledgers_of(const node& description) const {
    std::vector<const ledger*> found;
    for (const running_stage& each : stages_) {
        if (what_->nodes()[each.node].get() == &description) found.push_back(&each.run->counts);
    }
    for (const auto& [number, counts] : routed_) {
        if (what_->nodes()[number].get() == &description) found.push_back(counts.get());
    }
    return found;
}

namespace {

bool reads(source_reader_base& reader, const node& log) {
    const auto parts = reader.parts();
    return std::any_of(parts.begin(), parts.end(), [&](const source_part& each) {
        return each.description == &log || reads(*each.reader, log);
    });
}

}  // namespace

std::size_t plan::declare_idle(const node& log) {
    std::size_t found = 0;
    for (const running_stage& each : stages_) {
        if (what_->nodes()[each.node]->how() != spread::partition) continue;
        source_site& site = *site_of(static_cast<source_stage_base&>(*each.run));
        if (what_->nodes()[each.node].get() != &log && !reads(site.source->reader(), log)) continue;
        if (site.timed_by.empty()) continue;
        site.declared_idle = true;
        ++found;
    }
    return found;
}
source_site* plan::site_of(const source_stage_base& source) {
    for (const auto& each : workers_) {
        for (source_site& site : each->sources) {
            if (site.source == &source) return &site;
        }
    }
    return nullptr;
}

}  // namespace weir::detail
