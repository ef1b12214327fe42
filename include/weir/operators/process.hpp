// SPDX-License-Identifier: Apache-2.0
// process<State>(fn): the general keyed operator. For each record, in turn for its key,
//
//   process<State>(fn)                 fn(context&, const Record&, State&) returns the result, or an optional of it
//   process<State, Out>(fn)            fn emits any number of results through context.emit(Out)
//   process<State, Out>(fn, on_timer)  on_timer(context&, const Key&, State&) runs when a timer of the key is due
//
// State is a plain struct, made by State{} when a key is first seen; context.forget() drops it. Records with
// time < watermark are late: they go to the late side output (weir::late) and fn does not see them. Timers are driven
// by watermarks alone, also for keys that went silent; all that is left fires at the end of all input.
#pragma once
#include <algorithm>
#include <optional>

#include <weir/operators/keyed.hpp>
#include <weir/operators/keyed_groups.hpp>
#include <weir/record/migration.hpp>
#include <weir/record/schema.hpp>
#include <weir/state/save_entries.hpp>
#include <weir/state/timers.hpp>

namespace weir {
namespace detail {
template <class Key, class Record, class State, class Out> class process_core;
}

// What fn and on_timer may do besides reading their arguments. Valid during the call only.
template <class Key, class Record, class State, class Out>
class process_context {
  public:
    // Sends a result on: of the record in fn, of the timer in on_timer.
    void emit(Out value) { core_.emit(std::move(value)); }
    // Sets a timer of this key; set twice for one time it fires once. A timer at or above the present watermark fires
    // when the watermark has passed it; one below fires at the end of this call, with the record's stamp. on_timer sets
    // only later timers (an error otherwise), and nobody one at time_highest, which no watermark passes.
    void set_timer(timestamp due) { core_.set_timer(due); }
    // Drops the key's state at the end of this call.
    void forget() { core_.forget(); }
    [[nodiscard]] const Key& key() const { return core_.key(); }
    // Event time of the record or timer, and the watermark.
    [[nodiscard]] timestamp time() const { return core_.time(); }
    [[nodiscard]] timestamp watermark() const { return core_.watermark(); }

  private:
    friend class detail::process_core<Key, Record, State, Out>;
    explicit process_context(detail::process_core<Key, Record, State, Out>& core) : core_(core) {}
    detail::process_core<Key, Record, State, Out>& core_;
};

namespace detail {

// Stands for "no timers are used".
struct no_timer_function {};
// Stands for the migration of a state that is not stored, or that nobody can describe.
struct no_migration {
    using type = no_migration;
};

// What a process does, whatever the functions are: state, timers, emission, snapshot.
template <class Key, class Record, class State, class Out>
class process_core : public stage {
  public:
    static constexpr unsigned outlet_count = 2;
    using context_type = process_context<Key, Record, State, Out>;

    outlet<Out> out;
    outlet<Record> late;

    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] timestamp next_due() const override { return timers_.next_due(); }
    [[nodiscard]] bool keyed() const override { return true; }
    [[nodiscard]] state_size state() const override { return {store_.size(), store_.memory()}; }

    void emit(Out&& value) {
        ++counts.results;
        if (cause_ != nullptr) {
            out.push_caused(std::move(value), cause_->time(), *cause_, sequence_++);
        } else {
            out.push_triggered(std::move(value), due_, entry_->hash(), tie_words(entry_->key), sequence_++);
        }
    }
    void set_timer(timestamp due) {
        if (!fires_) throw error(error_kind::user, "process: set_timer needs an on_timer function beside fn");
        if (due == time_highest) {
            throw error(error_kind::user, "process: a timer at the highest time would never fire");
        }
        if (in_handler_ && due <= due_) {
            throw error(error_kind::user, "process: a timer handler may only set later timers");
        }
        if (cause_ != nullptr && due < cause_->watermark()) {
            const auto place = std::lower_bound(at_once_.begin(), at_once_.end(), due);
            if (place == at_once_.end() || *place != due) at_once_.insert(place, due);
        } else {
            timers_.set(due, entry_->key, entry_->hash());
        }
    }
    void forget() { forget_ = true; }
    [[nodiscard]] const Key& key() const { return entry_->key; }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time() : due_; }
    [[nodiscard]] timestamp watermark() const { return cause_ != nullptr ? cause_->watermark() : due_; }

    [[nodiscard]] std::string why_not_storable() const override {
        return stored ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<Key>() + ",state:" + tag_if_known<State>() + "}";
    }
    // The state may be one of an earlier version (record/migration.hpp), under the same key.
    [[nodiscard]] std::string adopt_schema(std::string_view was, const migration_rules& rules) override;
    void save_shard(unsigned shard, binary_writer& writer) const override;
    void load_shard(unsigned shard, binary_reader& reader) override;
    // A timer is an entry of its own, with its time behind the key: no key begins with all of another.
    void track_changes() override {
        store_.track_changes();
        timers_.track_changes();
    }
    void save_changes(state_batch& to, bool all) override;
    void expect_keys(std::uint64_t count) override { instance_.reserve(store_, count); }
    void load_entry(unsigned shard, binary_reader& key, binary_reader& value) override;

  protected:
    using store_type = keyed_store<Key, State>;
    using entry_type = typename store_type::entry;

    process_core(bool fires, const stage_site& site) : instance_(site), fires_(fires) {}

    [[nodiscard]] store_type& store() noexcept { return store_; }
    // Calls body(context, state) for a record of this key, then what it asked for.
    template <class Body, class OnTimer>
    void for_record(entry_type& entry, const stamp_view& at, Body&& body, const OnTimer& on_timer) {
        entry_ = &entry;
        cause_ = &at;
        sequence_ = 0;
        context_type context{*this};
        body(context, entry_->value);
        if constexpr (!std::is_same_v<OnTimer, no_timer_function>) {
            in_handler_ = true;
            while (!at_once_.empty()) {
                due_ = at_once_.front();
                at_once_.erase(at_once_.begin());
                on_timer(context, entry_->key, entry_->value);
            }
            in_handler_ = false;
        }
        cause_ = nullptr;
        end_call();
    }
    template <class OnTimer> void fire_below(timestamp limit, const OnTimer& on_timer) {
        if constexpr (!std::is_same_v<OnTimer, no_timer_function>) {
            typename timers<Key>::timer timer;
            while (timers_.take(limit, timer)) {
                entry_ = &store_.find_or_add(timer.key, timer.hash, [] { return State{}; });
                due_ = timer.due;
                sequence_ = 0;
                context_type context{*this};
                in_handler_ = true;
                on_timer(context, entry_->key, entry_->value);
                in_handler_ = false;
                end_call();
            }
        }
    }

  private:
    static constexpr bool stored = storable<Key> && storable<State>;
    static constexpr bool migrates = stored && tagged<Key> && tagged<State>;
    static constexpr const char* cannot_be_stored =
        "process: this state cannot be stored: describe it with BOOST_DESCRIBE_STRUCT";

    void end_call() {
        if (forget_) {
            forget_ = false;
            const Key key = entry_->key;
            store_.erase(key, entry_->hash());
        }
    }
    // What is under a key.
    void load_state(const Key& key, binary_reader& reader) {
        State& state = store_.put_back(key, key_hash(key), [] { return State{}; }).value;
        if constexpr (migrates) {
            if (former_) return former_->load(reader, state);
        }
        load(reader, state);
    }

    store_type store_;
    timers<Key> timers_;
    // Of entries that an earlier version wrote.
    std::optional<typename std::conditional_t<migrates, std::type_identity<migration<State>>, no_migration>::type>
        former_;
    std::vector<timestamp> at_once_;  // timers below the watermark of the present record, in order
    entry_type* entry_ = nullptr;
    const stamp_view* cause_ = nullptr;
    timestamp due_ = time_lowest;  // of the timer whose handler runs
    std::uint32_t sequence_ = 0;
    bool forget_ = false;
    bool in_handler_ = false;
    const keyed_instance instance_;
    const bool fires_;
};

template <class Key, class Record, class State, class Out>
std::string process_core<Key, Record, State, Out>::adopt_schema(std::string_view was, const migration_rules& rules) {
    if constexpr (migrates) {
        const auto tree = parse_type(was);
        const type_tree* const key = tree ? part_named(*tree, "key") : nullptr;
        const type_tree* const state = tree ? part_named(*tree, "state") : nullptr;
        if (key != nullptr && state != nullptr) {
            std::string why_not;
            if (key->text != type_tag<Key>()) why_not = "its key was " + key->text + " and is " + type_tag<Key>();
            const std::string& of_state = former_.emplace(state->text, rules).why_not();
            return why_not + (why_not.empty() || of_state.empty() ? "" : "; ") + of_state;
        }
    }
    return stage::adopt_schema(was, rules);
}

template <class Key, class Record, class State, class Out>
void process_core<Key, Record, State, Out>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (stored) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto&) { ++count; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            save(writer, each.key);
            save(writer, each.value);
        });
        count = 0;
        timers_.for_each([&](const auto& timer) { count += shard_of(timer.hash) == shard ? 1U : 0U; });
        save(writer, count);
        timers_.for_each([&](const auto& timer) {
            if (shard_of(timer.hash) != shard) return;
            save(writer, timer.due);
            save(writer, timer.key);
        });
        if (shard == 0) counts.save(writer);
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, class State, class Out>
void process_core<Key, Record, State, Out>::load_shard(unsigned shard, binary_reader& reader) {
    if constexpr (stored) {
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) load_state(load<Key>(reader), reader);
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
            const auto due = load<timestamp>(reader);
            const Key key = load<Key>(reader);
            timers_.put_back(due, key, key_hash(key));
        }
        if (shard == 0) counts.load(reader);
    }
}

template <class Key, class Record, class State, class Out>
void process_core<Key, Record, State, Out>::save_changes(state_batch& to, bool all) {
    if constexpr (stored) {
        to.put_image(0, [&](binary_writer& writer) { instance_.save_counts(writer, counts); });
        save_entries(store_, to, all, [](const auto&) { return true; },
                     [](binary_writer& writer, const auto& each) { save(writer, each.value); }, [](const auto&) {});
        const auto key_of = [](const auto& timer) {
            return [&timer](binary_writer& writer) {
                save(writer, timer.key);
                save(writer, timer.due);
            };
        };
        const auto put = [&](const auto& timer) {
            to.put(shard_of(timer.hash), key_of(timer), [](binary_writer&) {});
        };
        if (all) {
            timers_.for_each(put);
            timers_.forget_changes();
        } else {
            timers_.take_changes(put, [&](const auto& timer) { to.erase(shard_of(timer.hash), key_of(timer)); });
        }
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, class State, class Out>
void process_core<Key, Record, State, Out>::load_entry(unsigned, binary_reader& key, binary_reader& value) {
    if constexpr (stored) {
        if (key.at_end()) {
            static_cast<void>(instance_.load_counts(value, counts));
        } else {
            const Key its = load<Key>(key);
            if (key.at_end()) {
                load_state(its, value);
            } else if (const auto due = load<timestamp>(key); !planted(planted_bug::lost_timer)) {
                timers_.put_back(due, its, key_hash(its));
            }
        }
        key.expect_end();
        value.expect_end();
    }
}

template <class T> struct emitted { using type = T; };
template <class T> struct emitted<std::optional<T>> { using type = T; };

template <class Function, class OnTimer>
struct process_description {
    Function function;
    OnTimer on_timer;
    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return false; }
    [[nodiscard]] bool results_follow_causes() const { return true; }
    [[nodiscard]] bool waits_for_watermark() const { return false; }
    [[nodiscard]] std::string text() const { return {}; }
};

template <class Key, class Record, class State, class Out, class KeyFunction, class Function, class OnTimer>
class process_stage final : public process_core<Key, Record, State, Out> {
  public:
    using core = process_core<Key, Record, State, Out>;

    process_stage(const KeyFunction& key, const process_description<Function, OnTimer>& description,
                  const stage_site& site)
        : core(!std::is_same_v<OnTimer, no_timer_function>, site), key_(key), function_(description.function),
          on_timer_(description.on_timer) {}

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
            auto& entry = find(key_(record), [] { return State{}; });
            this->for_record(entry, at, [&](auto& context, State& state) {
                call(context, record, state);
            }, on_timer_);
        };
        groups_.run(*this, records, begin, end, steps, this->store(), key_, take, [](const auto&) {});
    }
    void advance(const mark& progress) override {
        this->fire_below(progress.watermark, on_timer_);
        this->out.flush(&progress);
        this->late.flush(&progress);
    }

  private:
    void call(typename core::context_type& context, const Record& record, State& state) {
        using result = std::invoke_result_t<const Function&, typename core::context_type&, const Record&, State&>;
        if constexpr (std::is_void_v<result>) {
            std::invoke(function_, context, record, state);
        } else if constexpr (std::is_same_v<std::optional<Out>, result>) {
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

template <class State, class Out, class Function, class OnTimer>
struct process_operation : stage_operation {
    Function function;
    OnTimer on_timer;

    template <class S> auto apply(S source, stage_name name = {}) const {
        if constexpr (!detail::is_keyed<S>) {
            static_assert(detail::unsupported<S>, "process needs a key: put weir::key_by(...) before it");
            return rejected_stream{};
        } else {
            return checked(std::move(source), std::move(name));
        }
    }

  private:
    template <class S> auto checked(S source, stage_name name) const {
        using key = typename S::key_type;
        using record = typename S::value_type;
        // The context's type depends on the result's, which may be found by calling: any result will do for that.
        using probe = process_context<key, record, State, std::conditional_t<std::is_void_v<Out>, int, Out>>;
        if constexpr (!std::invocable<const Function&, probe&, const record&, State&>) {
            static_assert(detail::unsupported<S>,
                          "process needs a function fn(auto& context, const Record&, State&)");
            return rejected_stream{};
        } else {
            using returned = std::invoke_result_t<const Function&, probe&, const record&, State&>;
            if constexpr (std::is_void_v<Out> && std::is_void_v<returned>) {
                static_assert(detail::unsupported<S>,
                              "process needs to know what it emits: return it, or write process<State, Out>(...)");
                return rejected_stream{};
            } else {
                using out = typename detail::emitted<std::conditional_t<std::is_void_v<Out>, returned, Out>>::type;
                using description = detail::process_description<Function, OnTimer>;
                using running = detail::process_stage<key, record, State, out, typename S::key_function, Function,
                                                      OnTimer>;
                auto made = std::make_shared<detail::keyed_node<S, running, description>>(
                    "process", std::move(name), source, description{function, on_timer});
                using port = typename S::stream_type::port;
                return stream<stream_port<out, in_turn, after_stage(port::time), record>>{std::move(made), 0};
            }
        }
    }
};

template <class State, class Out = void, class Function> [[nodiscard]] auto process(Function function) {
    return process_operation<State, Out, Function, detail::no_timer_function>{{}, std::move(function), {}};
}
template <class State, class Out, class Function, class OnTimer>
[[nodiscard]] auto process(Function function, OnTimer on_timer) {
    return process_operation<State, Out, Function, OnTimer>{{}, std::move(function), std::move(on_timer)};
}

}  // namespace weir
