// SPDX-License-Identifier: Apache-2.0
// process_with: process, with a state that a second stream writes and all keys read: rules, thresholds, a model.
//
//   keyed | process_with<State, Rules>(control, fn, on_control)
//   keyed | process_with<State, Rules, Out>(control, fn, on_control, on_timer)
//
//   fn(context&, const Record&, State&, const Rules&)         as of process
//   on_control(const Control&, Rules&)                        takes a record of the control stream
//   on_timer(context&, const Key&, State&, const Rules&)      as of process
//
// Rules is a plain struct, made by Rules{}. Every worker has it, and takes all control records, in turn with the
// records of its keys: a record sees what the control records before it in turn have made, and no others, whatever the
// runner. Both streams need event time. A control record with time < watermark is late and not taken:
// weir::late_right(results) has it, weir::late_left(results) the late records. Every checkpoint has Rules once per
// worker, so it is not for what is large and changes often.
#pragma once
#include <concepts>
#include <optional>

#include <weir/operators/broadcast.hpp>
#include <weir/operators/keyed_pair.hpp>
#include <weir/operators/process.hpp>

namespace weir {
namespace detail {

template <class Function, class OnControl, class OnTimer>
struct process_with_description {
    Function function;
    OnControl on_control;
    OnTimer on_timer;
};

template <class Keyed, class Control, class State, class Broadcast, class Out, class Description>
class process_with_stage;

template <class Keyed, class Control, class State, class Broadcast, class Out, class Function, class OnControl,
          class OnTimer>
class process_with_stage<Keyed, Control, State, Broadcast, Out, process_with_description<Function, OnControl, OnTimer>>
    final : public process_core<typename Keyed::key_type, typename Keyed::value_type, State, Out> {
  public:
    using key_type = typename Keyed::key_type;
    using record = typename Keyed::value_type;
    using control = typename Control::value_type;
    using core = process_core<key_type, record, State, Out>;
    using description_type = process_with_description<Function, OnControl, OnTimer>;

    outlet<control> late_control;

    process_with_stage(const typename Keyed::key_function& key, const description_type& description,
                       const stage_site& site)
        : core(fires, site), key_(key), how_(description) {}

    // Whether control records are counted at this instance, of all that take them.
    [[nodiscard]] bool counts_broadcast() const noexcept { return this->instance().first(); }

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&this->out, &this->late, &late_control}; }

    template <std::size_t Input, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        if constexpr (Input == 0) {
            const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
                fire(at.watermark());
                if (at.time() < at.watermark()) {
                    ++this->counts.late;
                    if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                    return;
                }
                ++this->counts.accepted;
                const record& each = value;
                auto& entry = find(key_(each), core::fresh);
                const auto body = [&](auto& context, State& state) { call(context, each, state); };
                if constexpr (fires) {
                    this->for_record(entry, at, body, timer());
                } else {
                    this->for_record(entry, at, body, no_timer_function{});
                }
            };
            groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
        } else {
            take_records(*this, records, begin, end, steps, [this](auto&& value, const stamp_view& at) {
                this->take_control(std::forward<decltype(value)>(value), at);
            });
        }
    }
    void advance(const mark& progress) override {
        fire(progress.watermark);
        this->flush_all(progress);
        late_control.flush(&progress);
    }

    [[nodiscard]] std::string why_not_storable() const override {
        if (std::string why = core::why_not_storable(); !why.empty() || storable<Broadcast>) return why;
        return "process_with: what is broadcast cannot be stored: describe it with BOOST_DESCRIBE_STRUCT";
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<key_type>() + ",state:" + tag_if_known<State>() +
               ",broadcast:" + tag_if_known<Broadcast>() + "}";
    }
    // What is broadcast would have to be another, too.
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override {
        return stage::adopt_schema(was, rules);
    }

  protected:
    void save_beside(binary_writer& writer) const override {
        save(writer, taken_);
        save(writer, late_taken_);
        save(writer, emitted_);
        if constexpr (storable<Broadcast>) save(writer, broadcast_);
    }
    // Of as many former instances each goes on with what it had. Others may have come differently far: all go on with
    // what the last of them had, as whatever was in front of it waits for all. What is taken again changes nothing for
    // the records of those that were ahead: these come behind it in turn.
    void load_beside(binary_reader& reader, const keyed_instance& former) override {
        if constexpr (storable<Broadcast>) {
            const auto taken = load<std::uint64_t>(reader);
            const auto late_taken = load<std::uint64_t>(reader);
            const auto emitted = load<std::uint64_t>(reader);
            auto kept = load<Broadcast>(reader);
            if (former.first() && counts_broadcast()) {
                count(std::uint64_t{0} - taken, std::uint64_t{0} - late_taken);
                emitted_ = emitted;
            }
            const bool as_many = former.among_as_many_as(this->instance());
            if (as_many ? !former.same_place_as(this->instance()) : loaded_ && taken >= taken_) return;
            if (counts_broadcast()) count(taken - taken_, late_taken - late_taken_);
            loaded_ = true;
            taken_ = taken;
            late_taken_ = late_taken;
            broadcast_ = std::move(kept);
        }
    }

  private:
    static constexpr bool fires = !std::is_same_v<OnTimer, no_timer_function>;

    [[nodiscard]] auto timer() const {
        return [this](auto& context, const key_type& key, State& state) {
            std::invoke(how_.on_timer, context, key, state, broadcast_);
        };
    }
    void fire(timestamp limit) {
        if constexpr (fires) this->fire_below(limit, timer());
    }
    void call(typename core::context_type& context, const record& each, State& state) {
        using returned = std::invoke_result_t<const Function&, typename core::context_type&, const record&, State&,
                                              const Broadcast&>;
        if constexpr (std::is_void_v<returned>) {
            std::invoke(how_.function, context, each, state, std::as_const(broadcast_));
        } else if constexpr (std::is_same_v<std::optional<Out>, returned>) {
            if (auto value = std::invoke(how_.function, context, each, state, std::as_const(broadcast_))) {
                context.emit(*std::move(value));
            }
        } else {
            context.emit(std::invoke(how_.function, context, each, state, std::as_const(broadcast_)));
        }
    }
    // Control records are in the ledger of the first instance, as far as that has taken them.
    void count(std::uint64_t taken, std::uint64_t late_taken) noexcept {
        this->counts.accepted += taken - late_taken;
        this->counts.late += late_taken;
    }
    // All workers take it; one of them counts it, and gives those that are late to their output. That has had some
    // already where it is taken again, after a restart with other threads.
    template <class V> void take_control(V&& value, const stamp_view& at) {
        fire(at.watermark());
        const bool refused = at.time() < at.watermark();
        ++taken_;
        late_taken_ += refused ? 1U : 0U;
        if (counts_broadcast()) {
            count(1, refused ? 1U : 0U);
            const bool again = taken_ <= emitted_;
            emitted_ = std::max(emitted_, taken_);
            if (refused && !again && !late_control.to.empty()) late_control.push_same(std::forward<V>(value), at);
        }
        if (!refused) std::invoke(how_.on_control, std::as_const(value), broadcast_);
    }

    typename Keyed::key_function key_;
    const description_type how_;
    Broadcast broadcast_{};
    std::uint64_t taken_ = 0;       // control records so far
    std::uint64_t late_taken_ = 0;  // of them
    std::uint64_t emitted_ = 0;     // so many have been taken when late ones were given out
    bool loaded_ = false;
    keyed_groups<typename core::store_type, record> groups_;
};

// Its outlets: the results, late records, late control records.
template <class Keyed, class Control, class Stage>
class process_with_node final : public node {
  public:
    using description_type = typename Stage::description_type;
    using controls = broadcast_input<1, Stage, Control>;

    process_with_node(stage_name name, Keyed keyed, Control control, description_type description)
        : node("process_with", std::move(name), spread::keyed), keyed_(std::move(keyed)), control_(std::move(control)),
          description_(std::move(description)) {
        add_input(keyed_.source().input());
        add_input(control_.input());
    }
    [[nodiscard]] unsigned outlet_count() const override { return 3; }
    [[nodiscard]] bool order_sensitive() const override { return true; }
    [[nodiscard]] bool late_outlet(unsigned outlet) const override { return outlet != 0; }
    [[nodiscard]] std::string detail() const override {
        return "by " + keyed_.key_name() + ", control records to all workers";
    }
    [[nodiscard]] std::unique_ptr<stage> make(const stage_site& site) const override {
        return std::make_unique<Stage>(keyed_.key(), description_, site);
    }
    void attach(std::size_t input, outlet_base& from, stage& to, std::size_t channel, gate* merging) const override {
        input == 0 ? attach_keyed<0, Stage>(keyed_, from, to, channel, merging)
                   : controls::attach(control_, from, to, channel, merging);
    }
    [[nodiscard]] router make_router(std::size_t input, outlet_base& from,
                                     std::vector<channel_sender*> to) const override {
        return input == 0 ? route_keyed(keyed_, from, std::move(to)) : controls::route(control_, from, std::move(to));
    }
    [[nodiscard]] std::unique_ptr<receiver> make_receiver(std::size_t input, stage& to, std::size_t channel,
                                                          gate* merging) const override {
        return input == 0 ? receive_keyed<0, Stage>(keyed_, to, channel, merging)
                          : controls::receive(to, channel, merging);
    }
    [[nodiscard]] std::unique_ptr<waiting_records> make_waiting(std::size_t input,
                                                                std::size_t instances) const override {
        return input == 0 ? wait_keyed(keyed_, instances) : controls::wait(control_, instances);
    }

  private:
    Keyed keyed_;
    Control control_;
    description_type description_;
};

}  // namespace detail

template <class State, class Broadcast, class Out, class Control, class Function, class OnControl, class OnTimer>
struct process_with_operation : stage_operation {
    Control control;
    detail::process_with_description<Function, OnControl, OnTimer> description;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "process_with needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else if constexpr (!plain_stream<Control>) {
            static_assert(detail::unsupported<S>, "process_with takes its control records from a plain stream: all "
                                                  "workers get all of them, so they have no key");
            return rejected_stream{};
        } else if constexpr (S::time != timing::event || Control::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "process_with needs event time on both streams: put weir::event_time(&Record::at, "
                          "weir::out_of_order(5s)) behind each source");
            return rejected_stream{};
        } else if constexpr (!std::copy_constructible<typename Control::value_type> ||
                             !std::invocable<const OnControl&, const typename Control::value_type&, Broadcast&>) {
            static_assert(detail::unsupported<S>, "process_with needs a function on_control(const Control&, "
                                                  "Broadcast&), of records that can be copied");
            return rejected_stream{};
        } else {
            return checked(std::move(source), std::move(name));
        }
    }

  private:
    template <class S> auto checked(S source, stage_name name) const {
        using key = typename S::key_type;
        using record = typename S::value_type;
        using probe = process_context<key, record, State, std::conditional_t<std::is_void_v<Out>, int, Out>>;
        if constexpr (!std::invocable<const Function&, probe&, const record&, State&, const Broadcast&>) {
            static_assert(detail::unsupported<S>, "process_with needs a function fn(auto& context, const Record&, "
                                                  "State&, const Broadcast&)");
            return rejected_stream{};
        } else {
            using returned = std::invoke_result_t<const Function&, probe&, const record&, State&, const Broadcast&>;
            if constexpr (std::is_void_v<Out> && std::is_void_v<returned>) {
                static_assert(detail::unsupported<S>, "process_with needs to know what it emits: return it, or write "
                                                      "process_with<State, Broadcast, Out>(...)");
                return rejected_stream{};
            } else {
                using out = typename detail::emitted<std::conditional_t<std::is_void_v<Out>, returned, Out>>::type;
                using description_type = detail::process_with_description<Function, OnControl, OnTimer>;
                using running = detail::process_with_stage<S, Control, State, Broadcast, out, description_type>;
                using port = stream_port<out, in_turn, timing::event,
                                         late_sides<record, typename Control::value_type>>;
                return stream<port>{std::make_shared<detail::process_with_node<S, Control, running>>(
                                        std::move(name), std::move(source), control, description),
                                    0};
            }
        }
    }
};

template <class State, class Broadcast, class Out = void, class Control, class Function, class OnControl>
[[nodiscard]] auto process_with(Control control, Function function, OnControl on_control) {
    using none = detail::no_timer_function;
    return process_with_operation<State, Broadcast, Out, Control, Function, OnControl, none>{
        {}, std::move(control), {std::move(function), std::move(on_control), {}}};
}
template <class State, class Broadcast, class Out, class Control, class Function, class OnControl, class OnTimer>
[[nodiscard]] auto process_with(Control control, Function function, OnControl on_control, OnTimer on_timer) {
    return process_with_operation<State, Broadcast, Out, Control, Function, OnControl, OnTimer>{
        {}, std::move(control), {std::move(function), std::move(on_control), std::move(on_timer)}};
}

}  // namespace weir
