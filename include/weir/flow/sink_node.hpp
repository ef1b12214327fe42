// SPDX-License-Identifier: Apache-2.0
// The node of a sink. A sink is a description with `template <class V> ... open(const sink_site&) const`, which returns
// a unique_ptr to a writer: `take(V&&, const stamp_view&)`, `flush()` after each chunk, `finish(bool complete)` once at
// the end, before it `prepare()` if finishing publishes something; and `kind()`, `detail()`, `claim()` or
// `claim(upstream name)`, `reads_turns()`; if it has one, `non_deterministic()`, a sentence for explain.
//
// In runs with checkpoints a writer does more than write again if it is a transactional_writer (flow/sink.hpp). One
// that has `save(binary_writer&)` and `load(binary_reader&)` alone, such as a list in memory, is as it was at the
// checkpoint. What becomes of its records over crashes, its static `promise()` says, a delivery or a delivery_promise
// (flow/delivery.hpp), and none means at least once; where options decide that, the description's `promise()` says it
// instead. Where `publishes()` depends on the run, it has that, too. A state that grows may be entries instead of one
// image: `save_changes(state_batch&, bool all)` and `load_entry(binary_reader& key, binary_reader& value)`, with keys
// that are not empty, as flow/stage.hpp says of them.
#pragma once
#include <weir/flow/receiver.hpp>
#include <weir/flow/sink.hpp>
#include <weir/flow/stream.hpp>

namespace weir::detail {

template <class V, class Sink>
class sink_stage final : public sink_stage_base {
  public:
    using writer_type = typename decltype(std::declval<const Sink&>().template open<V>(
        std::declval<const sink_site&>()))::element_type;

    sink_stage(const Sink& sink, const sink_site& site) : writer_(sink.template open<V>(site)) {}

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        writer_type& writer = *writer_;
        const auto take = [&writer](auto&& value, const stamp_view& at) {
            writer.take(std::forward<decltype(value)>(value), at);
        };
        counts.accepted += take_records(*this, records, begin, end, steps, take);
        writer.flush();
    }
    static constexpr bool reads_marks = false;
    void advance(const mark&) override {}
    void prepare() override {
        if constexpr (prepares) writer_->prepare();
    }
    [[nodiscard]] bool publishes() const override {
        if constexpr (requires { writer_->publishes(); }) {
            return writer_->publishes();
        } else {
            return prepares;
        }
    }
    [[nodiscard]] std::unique_ptr<sink_epoch> end_epoch(std::uint64_t epoch, bool last) override {
        if constexpr (transactional) {
            return writer_->end_epoch(epoch, last);
        } else {
            return nullptr;
        }
    }
    void recover() override {
        if constexpr (transactional) writer_->recover();
    }
    // What its sink promises in runs with checkpoints; known before there is one.
    [[nodiscard]] static delivery_promise promise_of(const Sink& sink) {
        if constexpr (requires { sink.promise(); }) {
            return sink.promise();
        } else if constexpr (requires { writer_type::promise(); }) {
            return writer_type::promise();
        } else {
            static_assert(!requires(const writer_type& writer) { writer.promise(); },
                          "promise() of a sink's writer is known before it is opened: make it static, or let the "
                          "sink's description say it");
            return delivery::at_least_once;
        }
    }
    void finish(bool complete) override { writer_->finish(complete); }
    void save_shard(unsigned, binary_writer& writer) const override {
        counts.save(writer);
        if constexpr (requires { writer_->save(writer); }) writer_->save(writer);
    }
    void load_shard(unsigned, binary_reader& reader) override {
        counts.load(reader);
        if constexpr (requires { writer_->load(reader); }) writer_->load(reader);
    }

    void save_changes(state_batch& to, bool all) override {
        if constexpr (keeps_entries) {
            to.put_image(0, [this](binary_writer& writer) { counts.save(writer); });
            writer_->save_changes(to, all);
        } else {
            sink_stage_base::save_changes(to, all);
        }
    }
    void load_entry(unsigned shard, binary_reader& key, binary_reader& value) override {
        if constexpr (keeps_entries) {
            if (key.at_end()) return counts.load(value);
            writer_->load_entry(key, value);
        } else {
            sink_stage_base::load_entry(shard, key, value);
        }
    }

  private:
    static constexpr bool keeps_entries = requires(writer_type& writer, state_batch& to) {
        writer.save_changes(to, true);
    };
    static constexpr bool prepares = requires(writer_type& writer) { writer.prepare(); };
    static constexpr bool transactional = transactional_writer<writer_type>;
    static_assert(transactional || !requires(writer_type& writer) { writer.end_epoch(std::uint64_t{}, true); },
                  "a sink's writer that ends epochs needs recover(), save, load and promise(), too: see "
                  "transactional_writer in weir/flow/sink.hpp");

    std::unique_ptr<writer_type> writer_;
};

template <class S>
struct pick_first {
    template <class V> std::size_t operator()(const V&, const stamp_view&, std::size_t) const { return 0; }
};

template <class S, class Sink>
class sink_node final : public node {
  public:
    using upstream_type = typename S::upstream_type;
    using value_type = typename S::value_type;
    using running = sink_stage<value_type, Sink>;

    sink_node(stage_name name, S source, Sink sink)
        : node(sink.kind(), std::move(name), spread::single), source_(std::move(source)), sink_(std::move(sink)) {
        add_input(source_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 0; }
    [[nodiscard]] bool order_sensitive() const override { return true; }
    [[nodiscard]] bool reads_turns() const override {
        if constexpr (requires { sink_.template takes_stamps<value_type>(); }) {
            return sink_.template takes_stamps<value_type>();
        } else {
            return sink_.reads_turns();
        }
    }
    [[nodiscard]] std::string detail() const override { return sink_.detail(); }
    [[nodiscard]] std::string non_deterministic() const override {
        if constexpr (requires { sink_.non_deterministic(); }) {
            return sink_.non_deterministic();
        } else {
            return {};
        }
    }
    [[nodiscard]] std::optional<delivery_promise> promise() const override { return running::promise_of(sink_); }
    [[nodiscard]] std::string claim() const override {
        if constexpr (requires { sink_.claim(name()); }) {
            return sink_.claim(source_.from()->name());
        } else {
            return sink_.claim();
        }
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<running>(sink_, sink_site{site, this, source_.columns(), source_.from()->name()});
    }
    void attach(std::size_t, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        auto& typed = make_inlet<0, upstream_type>(static_cast<running&>(to), source_.steps(), channel,
                                                   to.channel_count(), merging, true);
        static_cast<outlet<upstream_type>&>(from).to.push_back(&typed);
    }
    [[nodiscard]] router make_router(std::size_t, outlet_base& from, std::vector<channel_sender*> to) const override {
        auto counts = std::make_shared<ledger>();
        auto made =
            std::make_unique<exchange_router<upstream_type, value_type, typename S::chain_type, pick_first<S>>>(
                from, source_.steps(), pick_first<S>{}, std::move(to), counts);
        static_cast<outlet<upstream_type>&>(from).to.push_back(made.get());
        return {std::move(made), counts};
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        auto& typed = make_inlet<0, value_type>(static_cast<running&>(to), chain<>{}, channel, to.channel_count(),
                                                merging, false);
        return receive_into(typed);
    }
    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t, std::size_t instances) const override {
        return std::make_unique<
            waiting_records_of<upstream_type, value_type, typename S::chain_type, pick_first<S>>>(
            instances, source_.steps(), pick_first<S>{});
    }

  private:
    S source_;
    Sink sink_;
};

template <class Sink, class V>
concept sink_for = requires(const Sink& sink, const sink_site& site) { sink.template open<V>(site); };

}  // namespace weir::detail
