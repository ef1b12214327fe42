// SPDX-License-Identifier: Apache-2.0
// An input of which every instance of a stage gets every record, in turn: how it is connected, spread over workers, and
// taken back where others were.
#pragma once
#include <memory>
#include <utility>
#include <vector>

#include <weir/flow/receiver.hpp>
#include <weir/flow/stream.hpp>
#include <weir/flow/waiting_records.hpp>

namespace weir::detail {

// What waited in front of the former instances, which had come differently far: all together are what the one that was
// last had in front of it. The others had copies of a part of that; a turn tells which is which.
template <class U, class V, class Chain>
class waiting_broadcast_of final : public waiting_records {
  public:
    waiting_broadcast_of(std::size_t instances, const Chain& steps) : waiting_records(instances), steps_(steps) {}

    [[nodiscard]] std::string schema(waiting_form form) const override {
        return form == waiting_form::before_steps ? tag_if_known<U>() : tag_if_known<V>();
    }
    void add(binary_reader& reader, waiting_form form) override {
        if (form == waiting_form::before_steps) {
            add_through<U>(reader, steps_);
        } else {
            add_through<V>(reader, chain<>{});
        }
    }
    void move_to(std::size_t instance, receiver& to) override {
        constexpr mark nothing_follows = mark::end();
        chunk<V> records;
        const waiting* before = nullptr;
        for (const waiting& each : in_turn(instance)) {
            if (before != nullptr && before->at.at == each.at.at) continue;
            before = &each;
            if (!records.empty() && records.stamps.timed() != each.timed) to.receive(&records, nullptr);
            records.push(V(records_[each.record]));
            records.stamps.push(each.at, each.timed);
        }
        to.receive(&records, &nothing_follows);
    }

  private:
    template <class From, class Steps> void add_through(binary_reader& reader, const Steps& steps) {
        chunk<From> one;
        for (std::uint64_t count = load_count(reader); count > 0; --count) {
            one.clear();
            load_waiting(one, reader);
            one.movable = true;
            const auto pass = pass_through(one, 0, 1, steps, [this](auto&& value, const stamp_view& at) {
                for (std::size_t i = 0; i < instances(); ++i) keep(i, at, records_.size());
                records_.emplace_back(std::forward<decltype(value)>(value));
            });
            counts_.in += pass.expanded;
            counts_.filtered += pass.filtered;
        }
    }

    [[no_unique_address]] Chain steps_;
    std::vector<V> records_;
};

// What a node does of an input that is broadcast. Stage: counts_broadcast() of one of its instances alone.
template <std::size_t Input, class Stage, class Stream>
struct broadcast_input {
    using upstream = typename Stream::upstream_type;
    using value_type = typename Stream::value_type;
    using chain_type = typename Stream::chain_type;

    static void attach(const Stream& source, outlet_base& from, stage& to, std::size_t channel, gate* merging) {
        auto& typed = make_inlet<Input, upstream>(static_cast<Stage&>(to), source.steps(), channel, to.channel_count(),
                                                  merging, true);
        static_cast<outlet<upstream>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] static router route(const Stream& source, outlet_base& from, std::vector<channel_sender*> to) {
        auto counts = std::make_shared<ledger>();
        auto made = std::make_unique<exchange_router<upstream, value_type, chain_type, pick_all>>(
            from, source.steps(), pick_all{}, std::move(to), counts);
        static_cast<outlet<upstream>&>(from).to.push_back(made.get());
        return {std::move(made), counts};
    }
    [[nodiscard]] static std::unique_ptr<receiver> receive(stage& to, std::size_t channel, gate* merging) {
        auto& typed = static_cast<Stage&>(to);
        auto& made = make_inlet<Input, value_type>(typed, chain<>{}, channel, to.channel_count(), merging, false);
        if (merging != nullptr) merging->channels().back()->copies = !typed.counts_broadcast();
        return receive_into(made);
    }
    [[nodiscard]] static std::unique_ptr<waiting_records> wait(const Stream& source, std::size_t instances) {
        return std::make_unique<waiting_broadcast_of<upstream, value_type, chain_type>>(instances, source.steps());
    }
};

}  // namespace weir::detail
