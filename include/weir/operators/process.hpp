// SPDX-License-Identifier: Apache-2.0
// process<State>(fn): the general keyed operator. For each record, in turn for its key,
//
//   process<State>(fn)                 fn(context&, const Record&, State&) returns the result, or an optional of it
//   process<State, Out>(fn)            fn emits any number of results through context.emit(Out)
//   process<State, Out>(fn, on_timer)  on_timer(context&, const Key&, State&) runs when a timer of the key is due
//   process<State, outputs<Out, Alert>>(...)
//                                      and context.emit(Alert), for the stream weir::side<Alert>(results)
//   process<State>(..., ttl(30min))    the state is gone 30 minutes, in event time, after it was last touched
//
// State is a plain struct, made by State{} when a key is first seen; context.forget() drops it, and so does the end of
// its time to live (state/ttl.hpp), which is bounded state without a timer of one's own. Several states of one key are
// fields of one struct; large ones are maps and lists that are written by entry (state/map_state.hpp). Records with
// time < watermark are late: they go to the late side output (weir::late) and fn does not see them. Timers are driven
// by watermarks alone, also for keys that went silent; all that is left fires at the end of all input.
#pragma once
#include <optional>

#include <weir/operators/outputs.hpp>
#include <weir/operators/process_core.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

using detail::process_context;

namespace detail {

template <class T> struct emitted { using type = T; };
template <class T> struct emitted<std::optional<T>> { using type = T; };

template <class Function, class OnTimer, class Life>
struct process_description {
    Function function;
    OnTimer on_timer;
    Life life;
    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return false; }
    [[nodiscard]] bool results_follow_causes() const { return true; }
    [[nodiscard]] bool waits_for_watermark() const { return false; }
    [[nodiscard]] std::string text() const {
        if constexpr (Life::ends) {
            return "ttl " + length_text(life.length) + (Life::writes_only ? " on write" : "");
        } else {
            return {};
        }
    }
};

template <class Key, class Record, class State, class Out, class KeyFunction, class Function, class OnTimer, class Life>
class process_stage final : public process_core<Key, Record, State, Out, Life> {
  public:
    using core = process_core<Key, Record, State, Out, Life>;

    process_stage(const KeyFunction& key, const process_description<Function, OnTimer, Life>& description,
                  const stage_site& site)
        : core(!std::is_same_v<OnTimer, no_timer_function>, site, description.life), key_(key),
          function_(description.function), on_timer_(description.on_timer) {}

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), on_timer_);
            if (at.time() < at.watermark()) {
                ++this->counts.late;
                if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++this->counts.accepted;
            const Record& record = value;
            auto& entry = find(key_(record), core::fresh);
            this->for_record(entry, at, [&](auto& context, auto& state) {
                call(context, record, state);
            }, on_timer_);
        };
        groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, on_timer_);
        this->flush_all(progress);
    }

  private:
    using seen_state = typename core::seen_state;

    void call(typename core::context_type& context, const Record& record, seen_state& state) {
        using result = std::invoke_result_t<const Function&, typename core::context_type&, const Record&, seen_state&>;
        if constexpr (std::is_void_v<result>) {
            std::invoke(function_, context, record, state);
        } else if constexpr (std::is_same_v<std::optional<typename core::first_result>, result>) {
            if (auto value = std::invoke(function_, context, record, state)) context.emit(*std::move(value));
        } else {
            context.emit(std::invoke(function_, context, record, state));
        }
    }

    KeyFunction key_;
    Function function_;
    OnTimer on_timer_;
    keyed_groups<typename core::store_type, Record> groups_;
};

}  // namespace detail

template <class State, class Out, class Function, class OnTimer, class Life>
struct process_operation : stage_operation {
    Function function;
    OnTimer on_timer;
    Life life;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "process needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else if constexpr (Life::ends && S::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "ttl needs event time: put weir::event_time(&Record::at, weir::out_of_order(5s)) behind the "
                          "source");
            return rejected_stream{};
        } else if constexpr (!detail::output_list<Out>::distinct) {
            static_assert(detail::unsupported<S>, "process tells its outputs apart by type: outputs<...> names each "
                                                  "type once");
            return rejected_stream{};
        } else {
            return checked(std::move(source), std::move(name));
        }
    }

  private:
    template <class S> auto checked(S source, stage_name name) const {
        using key = typename S::key_type;
        using record = typename S::value_type;
        using seen_state = std::conditional_t<Life::writes_only, const State, State>;
        // The context's type depends on the result's, which may be found by calling: any result will do for that.
        using probe = process_context<key, record, State, std::conditional_t<std::is_void_v<Out>, int, Out>, Life>;
        if constexpr (!std::invocable<const Function&, probe&, const record&, seen_state&>) {
            static_assert(!Life::writes_only || detail::unsupported<S>,
                          "process with ttl(length, on_write) needs a function fn(auto& context, const Record&, const "
                          "State&): what context.write() returns may be changed");
            static_assert(Life::writes_only || detail::unsupported<S>,
                          "process needs a function fn(auto& context, const Record&, State&)");
            return rejected_stream{};
        } else {
            using returned = std::invoke_result_t<const Function&, probe&, const record&, seen_state&>;
            if constexpr (std::is_void_v<Out> && std::is_void_v<returned>) {
                static_assert(detail::unsupported<S>,
                              "process needs to know what it emits: return it, or write process<State, Out>(...)");
                return rejected_stream{};
            } else {
                using out = typename detail::emitted<std::conditional_t<std::is_void_v<Out>, returned, Out>>::type;
                using description = detail::process_description<Function, OnTimer, Life>;
                using running = detail::process_stage<key, record, State, out, typename S::key_function, Function,
                                                      OnTimer, Life>;
                auto made = std::make_shared<detail::keyed_node<S, running, description>>(
                    "process", std::move(name), source, description{function, on_timer, life});
                using port = typename S::stream_type::port;
                using list = detail::output_list<out>;
                using late = typename list::template late_type<record>;
                return stream<stream_port<typename list::first, in_turn, after_stage(port::time), late>>{
                    std::move(made), 0};
            }
        }
    }
};

namespace detail {
template <class> inline constexpr bool is_time_to_live = false;
template <class Touch> inline constexpr bool is_time_to_live<time_to_live<Touch>> = true;

template <class State, class Out, class Function, class OnTimer, class Life>
[[nodiscard]] auto make_process(Function function, OnTimer on_timer, Life life) {
    return process_operation<State, Out, Function, OnTimer, Life>{{}, std::move(function), std::move(on_timer), life};
}
}  // namespace detail

template <class State, class Out = void, class Function> [[nodiscard]] auto process(Function function) {
    return detail::make_process<State, Out>(std::move(function), detail::no_timer_function{},
                                            detail::unlimited_life{});
}
template <class State, class Out = void, class Function, class Touch>
[[nodiscard]] auto process(Function function, time_to_live<Touch> ttl) {
    return detail::make_process<State, Out>(std::move(function), detail::no_timer_function{},
                                            detail::limited_life<Touch>{ttl.length});
}
template <class State, class Out, class Function, class OnTimer>
    requires(!detail::is_time_to_live<OnTimer>)
[[nodiscard]] auto process(Function function, OnTimer on_timer) {
    return detail::make_process<State, Out>(std::move(function), std::move(on_timer), detail::unlimited_life{});
}
template <class State, class Out, class Function, class OnTimer, class Touch>
[[nodiscard]] auto process(Function function, OnTimer on_timer, time_to_live<Touch> ttl) {
    return detail::make_process<State, Out>(std::move(function), std::move(on_timer),
                                            detail::limited_life<Touch>{ttl.length});
}

}  // namespace weir
