// SPDX-License-Identifier: Apache-2.0
// match(pattern, fn): finds a pattern in the events of each key. For each match fn(const auto& match), or
// fn(const Key&, const auto& match), returns the result, or an optional of it: match[stage] is the range of the events
// that a stage took, match.start() and match.end() are times.
//
//   stream | key_by(&Transaction::card)
//          | match(card_testing, [](const auto& match) { return Alert{match[big].front().id}; })
//
// Events of a key are taken in the order of (time, turn): each waits until the watermark has passed its time. A match
// has the time that completes or releases it; so do results of what time alone decides, also for keys that went silent.
// in_turn takes them as they come instead: nothing waits, and a match has its last event's stamp. Then events that came
// out of order are out of order for the pattern, too: the same in every run, but another question.
//
// Records with time < watermark are late: they go to the late side output.
//
// on_time_out(fn) tells of what had begun and did not become a match before its time was up: fn, of the same form, sees
// what had been taken; weir::timed_out(results) is the stream of what it returns, at the time it was up.
//
// runs_per_key(n) bounds how many runs (what a match has taken so far, and one thing that it waits for) a key may have;
// 10,000 if nothing is said. Beyond it those that began first are given up; matches of that key are `degraded` from
// then on, until it holds nothing any more.
//
// Kept per key that has a run: its runs (28 bytes each), nodes (24 bytes per event that a run took, shared by all that
// began alike), each event once, 40 bytes per start, 16 bytes per thing that is waited for; 110 bytes beside them.
// Nothing is kept for other keys. Cost of an event: its conditions that look at the event alone, once; then in
// proportion to the runs that wait for such an event.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/base/stable_hash.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/pattern_runs_state.hpp>
#include <weir/operators/pattern_runs_steps.hpp>
#include <weir/operators/process.hpp>
#include <weir/pattern/pattern.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir {

// An upper bound on the runs of a key.
struct runs_per_key {
    std::size_t most;
    explicit constexpr runs_per_key(std::size_t bound) : most(bound) {}
};
// Events are taken as they come.
struct take_in_turn {};
inline constexpr take_in_turn as_they_come{};
// What is told of runs whose time was up.
template <class Function>
struct on_time_out {
    using function_of_time_out = Function;
    Function function;
    explicit on_time_out(Function fn) : function(std::move(fn)) {}
};

namespace detail {

struct match_options {
    std::size_t most = 10'000;
    bool by_time = true;
};
// Stands for "nothing is told of runs whose time was up".
struct not_told {};
// What is told of one: a type of its own, as it may be of the same as results.
template <class T>
struct timed_out_result {
    T value{};
};
struct value_of_timed_out {
    template <class T> T operator()(const timed_out_result<T>& of) const { return of.value; }
};

// What fn(key, match) or fn(match) returns, without optional.
template <class T> struct told { using type = T; };
template <class T> struct told<std::optional<T>> { using type = T; };
template <class Function, class Key, class Match>
[[nodiscard]] auto call_with(const Function& function, const Key& key, const Match& match) {
    if constexpr (std::invocable<const Function&, const Key&, const Match&>) {
        return std::invoke(function, key, match);
    } else {
        return std::invoke(function, match);
    }
}

// What the store has of a key. The runs themselves are the stage's, of all keys together; so what comes back from a
// snapshot stays as it was written until the stage first needs it.
template <class Record>
struct pattern_state {
    pattern_runs<Record>* of = nullptr;  // null: it holds nothing yet but what was written
    pattern_key key{};
    std::unique_ptr<std::string> written{};

    template <class Writer> void save(Writer& writer) const
        requires storable<Record>
    {
        if (of == nullptr) {
            weir::save(writer, written != nullptr ? *written : std::string());
            return;
        }
        binary_writer its;
        of->save(key, its);
        weir::save(writer, std::string(its.text()));
    }
    template <class Reader> void load(Reader& reader)
        requires storable<Record>
    {
        of = nullptr;
        key = {};
        written = std::make_unique<std::string>(weir::load<std::string>(reader));
    }
    [[nodiscard]] pattern_key& in(pattern_runs<Record>& runs) {
        if (of == nullptr) {
            of = &runs;
            if constexpr (storable<Record>) {
                if (written != nullptr && !written->empty()) {
                    binary_reader reader{std::string_view(*written)};
                    runs.load(key, reader);
                    reader.expect_end();
                }
            }
            written.reset();
        }
        return key;
    }
};

template <class Pattern, class Select, class TimedOut>
struct match_description {
    Pattern pattern;
    Select select;
    TimedOut timed_out;
    match_options options;
    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return false; }
    [[nodiscard]] bool results_follow_causes() const { return !options.by_time; }
    [[nodiscard]] bool waits_for_watermark() const { return options.by_time; }
    [[nodiscard]] bool sides_wait_for_watermark() const { return true; }
    [[nodiscard]] std::string text() const {
        const pattern_image& image = *pattern.image();
        std::string text;
        for (const std::string& each : image.stages) text += (text.empty() ? "" : ", ") + each;
        if (image.within > duration::zero()) text += " within " + length_text(image.within);
        return text + (options.by_time ? ", by time" : ", as they come");
    }
};

// Out: what select returns, or outputs of it and of what is told of runs whose time was up.
template <class Key, class Record, class Out, class KeyFunction, class Pattern, class Select, class TimedOut>
class match_stage final : public process_core<Key, Record, pattern_state<Record>, Out> {
  public:
    using core = process_core<Key, Record, pattern_state<Record>, Out>;
    using description_type = match_description<Pattern, Select, TimedOut>;

    match_stage(const KeyFunction& key, const description_type& description, const stage_site& site)
        : core(true, site), key_(key), how_(description), image_(how_.pattern.image()), runs_(*image_) {}

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        const auto take = [this](auto&& value, const stamp_view& at, const auto& find) {
            this->fire_below(at.watermark(), on_time_);
            if (at.time() < at.watermark()) {
                ++this->counts.late;
                if (!this->late.to.empty()) this->late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++this->counts.accepted;
            const Record& record = value;
            const auto& key = key_(record);
            if (!how_.options.by_time && passes_by(key, record)) return;
            auto& entry = find(key, [] { return state_type{}; });
            this->for_record(entry, at, [&](auto& context, state_type& state) { take_record(context, state, record); },
                             on_time_);
        };
        groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, on_time_);
        this->flush_all(progress);
    }
    [[nodiscard]] state_size state() const override {
        state_size all = core::state();
        all.bytes += runs_.memory();
        return all;
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<Key>() + ",event:" + tag_if_known<Record>() + ",pattern:" +
               std::to_string(stable_hash(image_->fingerprint())) + (how_.options.by_time ? "" : ",in turn") + "}";
    }
    [[nodiscard]] std::string why_not_storable() const override {
        return storable<Key> && storable<Record>
                   ? std::string{}
                   : std::string("match: these events or keys cannot be stored: describe them with "
                                 "BOOST_DESCRIBE_STRUCT");
    }

  private:
    using state_type = pattern_state<Record>;

    struct on_time {
        match_stage* self;
        template <class Context> void operator()(Context& context, const Key&, state_type& state) const {
            self->time_passes(context, state);
        }
    };

    // It begins nothing, and its key has nothing begun.
    [[nodiscard]] bool passes_by(const Key& key, const Record& record) {
        if (runs_.may_begin(how_.pattern, record)) return false;
        const auto* const entry = this->store().find(key, key_hash(key));
        return entry == nullptr || (entry->value.of != nullptr && entry->value.key.empty());
    }
    template <class Context> void take_record(Context& context, state_type& state, const Record& record) {
        pattern_key& key = state.in(runs_);
        // No watermark passes the highest time.
        const timestamp time = std::min(context.time(), time_highest - one_tick);
        if (how_.options.by_time) {
            runs_.wait_for_time(key, record, time);
            wake_at(context, key, time);
        } else {
            take_event(context, key, record, time);
            arm(context, key);
        }
    }
    template <class Context>
    void take_event(Context& context, pattern_key& key, const Record& record, timestamp time) {
        runs_.take(key, how_.pattern, record, time);
        report(context, key);
        runs_.keep_at_most(key, how_.options.most);
    }
    template <class Context> void time_passes(Context& context, state_type& state) {
        pattern_key& key = state.in(runs_);
        const timestamp now = context.time();
        if (now < key.wakes_at) {
            // The timer of what is gone, of a key that was forgotten since.
            if (key.empty() && key.wakes_at == time_highest) context.forget();
            return;
        }
        key.wakes_at = time_highest;
        runs_.expire(key, now);
        report(context, key);
        runs_.report_timed_out(key, [&](const pattern_chain<Record>& chain) {
            if constexpr (!std::is_same_v<TimedOut, not_told>) tell_of(context, chain);
        });
        runs_.take_pending(key, now, [&](const Record& record, timestamp time) {
            take_event(context, key, record, time);
        });
        arm(context, key);
    }
    // The timer for what comes next. A key that holds nothing is forgotten; where a timer is set already, then: events
    // that begin something and end it again are frequent, and need no other timer.
    template <class Context> void arm(Context& context, pattern_key& key) {
        if (key.empty()) {
            key.number = key.given_up = 0;
            if (key.wakes_at != time_highest) return;
            runs_.forget(key);
            return context.forget();
        }
        wake_at(context, key, runs_.next_due(key));
    }
    template <class Context> static void wake_at(Context& context, pattern_key& key, timestamp due) {
        if (due >= key.wakes_at || due == time_highest) return;
        key.wakes_at = due;
        context.set_timer(due);
    }
    template <class Context> void report(Context& context, pattern_key& key) {
        runs_.report_matches(key, [&](const pattern_chain<Record>& chain) {
            auto result = call_with(how_.select, context.key(), how_.pattern.view(chain));
            if constexpr (std::is_same_v<decltype(result), std::optional<typename output_list<Out>::first>>) {
                if (result) context.emit(*std::move(result));
            } else {
                context.emit(std::move(result));
            }
        });
    }
    template <class Context> void tell_of(Context& context, const pattern_chain<Record>& chain) {
        auto result = call_with(how_.timed_out, context.key(), how_.pattern.view(chain));
        using value = typename told<decltype(result)>::type;
        if constexpr (std::is_same_v<decltype(result), value>) {
            context.emit(timed_out_result<value>{std::move(result)});
        } else {
            if (result) context.emit(timed_out_result<value>{*std::move(result)});
        }
    }

    KeyFunction key_;
    description_type how_;
    std::shared_ptr<const pattern_image> image_;
    pattern_runs<Record> runs_;
    on_time on_time_{this};
    keyed_groups<typename core::store_type, Record> groups_;
};

template <class T> inline constexpr bool kept_by_patterns = std::default_initializable<T> && std::copyable<T>;

template <class Select, class Key, class Match> struct selected {};
template <class Select, class Key, class Match>
    requires std::invocable<const Select&, const Match&>
struct selected<Select, Key, Match> {
    using type = std::invoke_result_t<const Select&, const Match&>;
};
template <class Select, class Key, class Match>
    requires std::invocable<const Select&, const Key&, const Match&>
struct selected<Select, Key, Match> {
    using type = std::invoke_result_t<const Select&, const Key&, const Match&>;
};

template <class Function, class Key, class Match>
using result_of = typename told<std::remove_cvref_t<typename selected<Function, Key, Match>::type>>::type;

}  // namespace detail

template <class Pattern, class Select, class TimedOut = detail::not_told>
struct match_operation : stage_operation {
    Pattern pattern;
    Select select;
    TimedOut timed_out;
    detail::match_options options;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "match needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else if constexpr (S::time != timing::event) {
            static_assert(detail::unsupported<S>,
                          "match needs event time: put weir::event_time(&Record::at, weir::out_of_order(5s)) behind "
                          "the source");
            return rejected_stream{};
        } else if constexpr (!detail::kept_by_patterns<typename S::value_type>) {
            static_assert(detail::unsupported<S>, "match keeps events: they need a default constructor and a copy");
            return rejected_stream{};
        } else if constexpr (!Pattern::template takes<typename S::value_type>) {
            static_assert(detail::unsupported<S>,
                          "a condition of this pattern does not fit the stream's records: it is bool(const Record&) "
                          "or bool(const Record&, const auto& so_far)");
            return rejected_stream{};
        } else {
            return of(std::move(source), std::move(name));
        }
    }

  private:
    template <class S> auto of(S source, stage_name name) const {
        using key = typename S::key_type;
        using record = typename S::value_type;
        using match = typename Pattern::template match_type<record>;
        if constexpr (!requires { typename detail::selected<Select, key, match>::type; }) {
            static_assert(detail::unsupported<S>,
                          "match needs a function fn(const auto& match) that returns the result");
            return rejected_stream{};
        } else if constexpr (std::is_same_v<TimedOut, detail::not_told>) {
            return made_of<detail::result_of<Select, key, match>>(std::move(source), std::move(name));
        } else if constexpr (!requires { typename detail::selected<TimedOut, key, match>::type; }) {
            static_assert(detail::unsupported<S>,
                          "on_time_out needs a function fn(const auto& match) that returns what is told");
            return rejected_stream{};
        } else {
            using told = detail::timed_out_result<detail::result_of<TimedOut, key, match>>;
            return made_of<outputs<detail::result_of<Select, key, match>, told>>(std::move(source), std::move(name));
        }
    }
    template <class Out, class S> auto made_of(S source, stage_name name) const {
        using record = typename S::value_type;
        using list = detail::output_list<Out>;
        using running = detail::match_stage<typename S::key_type, record, Out, typename S::key_function, Pattern,
                                            Select, TimedOut>;
        using description = typename running::description_type;
        auto made = std::make_shared<detail::keyed_node<S, running, description>>(
            "match", std::move(name), std::move(source), description{pattern, select, timed_out, options});
        using late = typename list::template late_type<record>;
        using port = stream_port<typename list::first, in_turn, timing::event, late>;
        return stream<port>{std::move(made), 0};
    }
};

namespace detail {

[[nodiscard]] inline not_told told_by() { return {}; }
template <class First, class... Rest> [[nodiscard]] auto told_by(const First& first, const Rest&... rest) {
    if constexpr (requires { typename First::function_of_time_out; }) {
        return first.function;
    } else {
        return told_by(rest...);
    }
}
inline void set_option(match_options& to, runs_per_key option) {
    if (option.most == 0) throw error(error_kind::configuration, "match: runs_per_key is above zero");
    to.most = option.most;
}
inline void set_option(match_options& to, take_in_turn) { to.by_time = false; }
template <class Function> void set_option(match_options&, const on_time_out<Function>&) {}

template <class S, class Late, class Told>
[[nodiscard]] auto timed_out_of(const S& results, late_and_sides<Late, timed_out_result<Told>>) {
    return side<timed_out_result<Told>>(results) | map(value_of_timed_out{});
}

}  // namespace detail

// Options: runs_per_key(n), as_they_come, on_time_out(fn).
template <class Pattern, class Select, class... Options>
[[nodiscard]] auto match(Pattern pattern, Select select, Options... options) {
    static_assert(std::derived_from<Pattern, any_pattern>,
                  "match needs a pattern: weir::pattern(weir::begin(...), ...)");
    detail::match_options set;
    static_assert((requires { detail::set_option(set, options); } && ...),
                  "match takes runs_per_key(n), as_they_come and on_time_out(fn) behind its function");
    (detail::set_option(set, options), ...);
    auto timed_out = detail::told_by(options...);
    return match_operation<Pattern, Select, decltype(timed_out)>{
        {}, std::move(pattern), std::move(select), std::move(timed_out), set};
}

// What on_time_out's function told, of the results of a match.
template <class S> [[nodiscard]] auto timed_out(const S& results) {
    if constexpr (!plain_stream<S>) {
        static_assert(detail::unsupported<S>, "timed_out needs the stream of results of a match");
        return rejected_stream{};
    } else if constexpr (!detail::has_sides<typename S::port::late_type> || !S::chain_type::is_empty) {
        static_assert(detail::unsupported<S>,
                      "timed_out needs the stream right behind a match with on_time_out(fn)");
        return rejected_stream{};
    } else {
        return detail::timed_out_of(results, typename S::port::late_type{});
    }
}

}  // namespace weir
