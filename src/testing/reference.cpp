// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/reference.hpp>

#include <algorithm>
#include <deque>

#include <weir/flow/source.hpp>

namespace weir::testing {
namespace {

// Where records wait until the executor takes them, one by one.
class waiting_place final : public gate {
  public:
    explicit waiting_place(stage& behind) : gate(behind, 0) {}
    void pump() override {}
};

struct instance {
    std::unique_ptr<stage> run;
    std::unique_ptr<waiting_place> waiting;
    std::uint32_t node = 0;
    bool source = false;
    turn reached{};
};

// The record to be taken next, and where it waits.
struct candidate {
    instance* at = nullptr;
    gate_channel* channel = nullptr;
    turn next;
};

struct connection {
    std::uint32_t from, outlet, to;
    outlet_base* source;
    inlet_base* target;
};

class executor {
  public:
    executor(const graph& what, environment& where) : what_(what), where_(where) {
        for (std::uint32_t number = 0; number < what.nodes().size(); ++number) make(number);
    }

    run_report run() {
        for (instance& each : instances_) {
            if (each.source) read_all(static_cast<source_stage_base&>(*each.run));
        }
        while (take_next()) {
        }
        for (instance& each : instances_) {
            if (!each.source) each.run->advance(mark::end());
        }
        if (find_first_record()) throw error(error_kind::internal, "the end of input made records after all was due");
        for (instance& each : instances_) each.run->finish(true);
        return report();
    }

  private:
    void make(std::uint32_t number) {
        const node& description = *what_.nodes()[number];
        const stage_site site{number, 0, 1, &where_, what_.name(), &outputs_};
        if (description.how() == spread::partition) {
            for (auto& reader : description.open(where_)) {
                auto made = description.make_reading(std::move(reader));
                static_cast<source_stage_base&>(*made).set_partition(partitions_++);
                add(std::move(made), number, true);
            }
            return;
        }
        std::vector<std::pair<std::size_t, std::size_t>> upstream;  // (input, instance)
        for (std::size_t input = 0; input < description.inputs().size(); ++input) {
            const auto from = what_.number_of(description.inputs()[input].from.get());
            for (std::size_t i = 0; i < instances_.size(); ++i) {
                if (instances_[i].node == from) upstream.emplace_back(input, i);
            }
        }
        if (description.how() == spread::per_channel) {
            for (const auto& [input, from] : upstream) {
                connect(input, from, add(description.make(site), number, false), 0);
            }
        } else {
            const std::size_t made = add(description.make(site), number, false);
            if (description.merges_per_input()) {
                instances_[made].run->set_channel_count(description.inputs().size());
            }
            for (const auto& [input, from] : upstream) connect(input, from, made, input);
        }
    }
    std::size_t add(std::unique_ptr<stage> run, std::uint32_t number, bool source) {
        run->number = number;
        run->name = what_.nodes()[number]->name();
        run->set_channel_count(1);
        for (outlet_base* out : run->outlets()) {
            out->stage = number;
            out->wants_turn = true;
        }
        instance& made = instances_.emplace_back();
        made.waiting = std::make_unique<waiting_place>(*run);
        made.run = std::move(run);
        made.node = number;
        made.source = source;
        return instances_.size() - 1;
    }
    void connect(std::size_t input, std::size_t from, std::size_t to, std::size_t channel) {
        const node& description = *what_.nodes()[instances_[to].node];
        const unsigned outlet = description.inputs()[input].outlet;
        outlet_base& source = *instances_[from].run->outlets()[outlet];
        description.attach(input, source, *instances_[to].run, channel, instances_[to].waiting.get());
        connections_.push_back({instances_[from].node, outlet, instances_[to].node, &source,
                                &source.consumer(source.consumer_count() - 1)});
    }

    // A log gives the same records whoever reads it, and event_time sees nothing but the log in front of it. Marks make
    // stages without a place to wait (event_time, merge, erased steps) hand on what they have; nobody else heeds them.
    void read_all(source_stage_base& source) {
        for (;;) {
            const std::uint64_t before = source.counts.in;
            const read_result result = source.pull(1, true);
            records_ += source.counts.in - before;
            if (source.failure()) std::rethrow_exception(source.failure());
            if (result == read_result::more) continue;
            source.announce();
            return;
        }
    }

    // Of the records with the smallest head: those at the first stage, whose causes have all been carried out; of
    // these the one with the smallest turn. (Not simply the smallest turn of all: a pair of join_by_origin has the turn
    // of the record that both of its halves come from, which is smaller than theirs.)
    bool find_first_record() {
        first_.at = nullptr;
        for (instance& each : instances_) {
            for (gate_channel* channel : each.waiting->channels()) {
                if (!channel->has_record()) continue;
                const turn next = channel->next_turn_at(each.node);
                if (first_.at != nullptr) {
                    const auto order = next.head() <=> first_.next.head();
                    if (order > 0 || (order == 0 && (&each != first_.at || !(next < first_.next)))) continue;
                }
                first_.at = &each;
                first_.channel = channel;
                first_.next = next;
            }
        }
        return first_.at != nullptr;
    }

    // One record, or all that is due at one stage at one time.
    bool take_next() {
        timestamp due = time_highest;
        instance* due_at = nullptr;
        for (instance& each : instances_) {
            if (each.run->next_due() < due) {
                due = each.run->next_due();
                due_at = &each;
            }
        }
        const bool waiting = find_first_record();
        const mark due_turn{due, due_at == nullptr ? lane{} : lane::stage(due_at->node), 0};
        if (due_at != nullptr && (!waiting || due_turn < first_.next.head())) {
            due_at->run->advance({due + one_tick, {}, 0});
            if (due_at->run->next_due() <= due) {
                throw error(error_kind::internal, what_.label(due_at->node) + " was due and did nothing");
            }
            return true;
        }
        if (!waiting) return false;
        if (first_.next < first_.at->reached) {
            throw error(error_kind::internal, "a record came to " + what_.label(first_.at->node) +
                                                  " below the turn that the stage had reached");
        }
        first_.at->reached = first_.next;
        first_.channel->deliver_first();
        // What is due below the record's watermark has happened. The mark makes the stage hand on what it has and,
        // behind the last of what comes of one source record, know that it was the last.
        const mark head = first_.next.head();
        const auto& channels = first_.at->waiting->channels();
        const bool more = std::any_of(channels.begin(), channels.end(), [&](const gate_channel* channel) {
            return channel->has_record() && channel->head() == head;
        });
        first_.at->run->advance(more ? head : mark{head.watermark, head.from, head.position + 1});
        return true;
    }

    run_report report() {
        run_report result;
        for (std::uint32_t number = 0; number < what_.nodes().size(); ++number) {
            const node& description = *what_.nodes()[number];
            stage_report each{number, description.kind(), description.name(), {}};
            for (const instance& made : instances_) {
                if (made.node != number) continue;
                each.counts += made.run->counts;
                each.counts.held += made.run->held() + made.waiting->held();
            }
            result.stages.push_back(std::move(each));
        }
        for (const connection& each : connections_) {
            result.edges.push_back({each.from, each.outlet, each.to, each.source->emitted, each.target->received});
        }
        result.records = records_;
        result.reached_end = true;
        result.outputs = outputs_;
        return result;
    }

    const graph& what_;
    environment& where_;
    run_outputs outputs_;
    std::deque<instance> instances_;
    std::vector<connection> connections_;
    std::uint64_t partitions_ = 0;
    std::uint64_t records_ = 0;
    candidate first_;
};

}  // namespace

run_report reference_run(const graph& what, environment& where) { return executor(what, where).run(); }

}  // namespace weir::testing
