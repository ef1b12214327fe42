// SPDX-License-Identifier: Apache-2.0
// What process does, whatever its functions are: state, timers, emission, snapshot. Stages that keep a state by key and
// are woken by watermarks derive from it.
#pragma once
#include <algorithm>
#include <optional>
#include <tuple>

#include <weir/operators/keyed.hpp>
#include <weir/operators/keyed_groups.hpp>
#include <weir/operators/outputs.hpp>
#include <weir/operators/process_context.hpp>
#include <weir/record/migration.hpp>
#include <weir/record/schema.hpp>
#include <weir/state/list_state.hpp>
#include <weir/state/save_entries.hpp>
#include <weir/state/timers.hpp>
#include <weir/state/ttl.hpp>

namespace weir::detail {

// Stands for "no timers are used".
struct no_timer_function {};
// Stands for the ends of lives that do not end.
struct no_expiries {};
// Stands for the migration of a state that is not stored, or that nobody can describe.
struct no_migration {
    using type = no_migration;
};

// What a process does, whatever the functions are: state, timers, emission, snapshot.
template <class Key, class Record, class State, class Out, class Life>
class process_core : public stage {
  public:
    static constexpr unsigned outlet_count = 2 + output_list<Out>::side_count;
    using context_type = process_context<Key, Record, State, Out, Life>;
    // What functions are given: where writes are touches, they are made through the context.
    using seen_state = std::conditional_t<Life::writes_only, const State, State>;

    using first_result = typename output_list<Out>::first;

    outlet<first_result> out;
    outlet<Record> late;
    [[no_unique_address]] typename output_list<Out>::sides side_outlets;

    [[nodiscard]] std::vector<outlet_base*> outlets() override {
        std::vector<outlet_base*> all{&out, &late};
        std::apply([&](auto&... each) { (all.push_back(&each), ...); }, side_outlets);
        return all;
    }
    // The end of a life is no trigger: nothing is emitted.
    [[nodiscard]] timestamp next_due() const override { return timers_.next_due(); }
    [[nodiscard]] bool keyed() const override { return true; }
    [[nodiscard]] state_size state() const override { return {store_.size(), store_.memory()}; }

    void emit(first_result&& value) { emit_to(out, std::move(value)); }
    template <std::size_t Side, class V> void emit_to_side(V&& value) {
        emit_to(std::get<Side>(side_outlets), std::forward<V>(value));
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
    [[nodiscard]] State& write() {
        touch();
        return state_of(*entry_);
    }
    [[nodiscard]] const Key& key() const { return entry_->key; }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time() : due_; }
    [[nodiscard]] timestamp watermark() const { return cause_ != nullptr ? cause_->watermark() : due_; }

    [[nodiscard]] std::string why_not_storable() const override {
        return stored ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override {
        return "struct{key:" + tag_if_known<Key>() + ",state:" + tag_if_known<State>() +
               (Life::ends ? ",until:" + tag_if_known<timestamp>() : "") + "}";
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
    // What a stage that derives from this keeps beside its keys: written with every image, and read from those of all
    // former instances, behind their counts.
    virtual void save_beside(binary_writer& /*writer*/) const {}
    virtual void load_beside(binary_reader& /*reader*/, const keyed_instance& /*former*/) {}
    [[nodiscard]] const keyed_instance& instance() const noexcept { return instance_; }

    // Whether something in an entry may end by itself.
    static constexpr bool mortal_state = Life::ends || has_maps<State>();
    using kept_type = std::conditional_t<mortal_state, mortal<State>, State>;
    using store_type = keyed_store<Key, kept_type>;
    using entry_type = typename store_type::entry;

    process_core(bool fires, const stage_site& site, Life life = {})
        : instance_(site), fires_(fires), life_(life) {}

    [[nodiscard]] store_type& store() noexcept { return store_; }
    [[nodiscard]] static kept_type fresh() {
        if constexpr (mortal_state) {
            return {State{}};
        } else {
            return State{};
        }
    }
    // Calls body(context, state) for a record of this key, then what it asked for.
    template <class Body, class OnTimer>
    void for_record(entry_type& entry, const stamp_view& at, Body&& body, const OnTimer& on_timer) {
        entry_ = &entry;
        cause_ = &at;
        sequence_ = 0;
        context_type context{*this};
        begin_call();
        body(context, seen());
        if constexpr (!std::is_same_v<OnTimer, no_timer_function>) {
            in_handler_ = true;
            while (!at_once_.empty()) {
                due_ = at_once_.front();
                at_once_.erase(at_once_.begin());
                on_timer(context, entry_->key, seen());
            }
            in_handler_ = false;
        }
        cause_ = nullptr;
        end_call();
    }
    // Timers, and ends of lives: of one time the timer is first, for which the state is still there. A timer may begin
    // a life that ends before the next one.
    template <class OnTimer> void fire_below(timestamp limit, const OnTimer& on_timer) {
        if constexpr (mortal_state) {
            for (;;) {
                const timestamp end = expiries_.next();
                if (fire_first(end < limit ? end + one_tick : limit, on_timer)) continue;
                if (!(end < limit)) return;
                end_lives(end);
            }
        } else {
            while (fire_first(limit, on_timer)) {}
        }
    }

    // All outlets hand on what they have.
    void flush_all(const mark& progress) {
        out.flush(&progress);
        late.flush(&progress);
        std::apply([&](auto&... each) { (each.flush(&progress), ...); }, side_outlets);
    }

  private:
    // One sequence for all outputs: no two results have one turn.
    template <class Outlet, class V> void emit_to(Outlet& to, V&& value) {
        ++counts.results;
        const std::uint32_t place = sequence_++;
        if (cause_ != nullptr) {
            to.push_caused(std::forward<V>(value), cause_->time(), *cause_, place);
        } else {
            to.push_triggered(std::forward<V>(value), due_, entry_->hash(), tie_words(entry_->key), place);
        }
    }
    static constexpr bool stored = storable<Key> && storable<State>;
    static constexpr bool migrates = stored && tagged<Key> && tagged<State>;
    static constexpr const char* cannot_be_stored =
        "process: this state cannot be stored: describe it with BOOST_DESCRIBE_STRUCT";

    template <class Entry> [[nodiscard]] static auto& state_of(Entry& entry) noexcept {
        if constexpr (mortal_state) {
            return entry.value.value;
        } else {
            return entry.value;
        }
    }
    [[nodiscard]] seen_state& seen() noexcept { return state_of(*entry_); }
    void touch() {
        if constexpr (Life::ends) expiries_.touch(*entry_, time(), life_.length);
    }
    // Fires the first timer, if it is due below the limit.
    template <class OnTimer> bool fire_first(timestamp limit, const OnTimer& on_timer) {
        if constexpr (std::is_same_v<OnTimer, no_timer_function>) {
            return false;
        } else {
            typename timers<Key>::timer timer;
            if (!timers_.take(limit, timer)) return false;
            entry_ = &store_.find_or_add(timer.key, timer.hash, fresh);
            due_ = timer.due;
            sequence_ = 0;
            context_type context{*this};
            begin_call();
            in_handler_ = true;
            on_timer(context, entry_->key, seen());
            in_handler_ = false;
            end_call();
            return true;
        }
    }
    void begin_call() {
        if constexpr (!Life::writes_only) touch();
        for_each_map(state_of(*entry_),
                     [&](auto& map, std::uint64_t) { map_access::begin(map, time(), store_.tracks_changes()); });
    }
    void end_call() {
        // What was only looked at is not there.
        if constexpr (Life::writes_only) forget_ |= entry_->value.until == time_lowest;
        if (std::exchange(forget_, false)) {
            erase(*entry_);
        } else {
            wake_for_maps(*entry_);
        }
    }
    void erase(entry_type& entry) {
        const Key key = entry.key;
        const std::uint64_t hash = entry.hash();
        if (store_.tracks_changes()) {
            for_each_map(state_of(entry), [&](auto& map, std::uint64_t id) {
                map_access::erase_all(map, [&](const auto& of_map) {
                    maps_gone_.erase(shard_of(hash), map_key(key, id, of_map));
                });
            });
        }
        store_.erase(key, hash);
    }
    void wake_for_maps(entry_type& entry) {
        if constexpr (has_maps<State>()) {
            for_each_map(state_of(entry), [&](auto& map, std::uint64_t) {
                expiries_.wake(entry, map_access::next_end(map));
            });
        }
    }
    // What ends at this time, of the first entry that is woken.
    void end_lives(timestamp now) {
        entry_type* const entry = expiries_.take_next(store_);
        if (entry == nullptr) return;
        if constexpr (Life::ends) {
            if (entry->value.until - one_tick <= now) return erase(*entry);
            expiries_.wake(*entry, entry->value.until - one_tick);
        }
        bool any = false;
        for_each_map(state_of(*entry), [&](auto& map, std::uint64_t) {
            map_access::begin(map, now, store_.tracks_changes());
            any |= map_access::end_through(map, now);
        });
        if (any) static_cast<void>(store_.find_or_add(entry->key, entry->hash(), fresh));  // it has changed
        wake_for_maps(*entry);
    }
    // What is under a key.
    void save_state(binary_writer& writer, const entry_type& entry) const {
        save(writer, state_of(entry));
        if constexpr (Life::ends) save(writer, entry.value.until);
    }
    // An entry of a map in the state stands behind the key and the map's id: longer than a timer's time.
    template <class OfMap> [[nodiscard]] static auto map_key(const Key& key, std::uint64_t id, const OfMap& of_map) {
        return [&key, id, &of_map](binary_writer& writer) {
            save(writer, key);
            save(writer, id);
            save(writer, of_map);
        };
    }
    void save_map_changes(state_batch& to, bool all);
    void load_map_entry(const Key& key, std::uint64_t id, binary_reader& of_map, binary_reader& value);
    void load_state(const Key& key, binary_reader& reader) {
        entry_type& entry = store_.put_back(key, key_hash(key), fresh);
        if constexpr (migrates) {
            former_ ? former_->load(reader, state_of(entry)) : load(reader, state_of(entry));
        } else {
            load(reader, state_of(entry));
        }
        if constexpr (Life::ends) {
            load(reader, entry.value.until);
            expiries_.wake(entry, entry.value.until - one_tick);
        }
        for_each_map(state_of(entry), [](auto& map, std::uint64_t) { map_access::begin(map, time_lowest, false); });
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
    [[no_unique_address]] const Life life_;
    [[no_unique_address]] std::conditional_t<mortal_state, expiries<Key>, no_expiries> expiries_;
    state_batch maps_gone_;  // entries of maps that went with their state
};

template <class Key, class Record, class State, class Out, class Life>
std::string process_core<Key, Record, State, Out, Life>::adopt_schema(std::string_view was,
                                                                       const migration_rules& rules) {
    if constexpr (migrates) {
        const auto tree = parse_type(was);
        const type_tree* const key = tree ? part_named(*tree, "key") : nullptr;
        const type_tree* const state = tree ? part_named(*tree, "state") : nullptr;
        const bool ended = tree && part_named(*tree, "until") != nullptr;
        if (key != nullptr && state != nullptr && ended == Life::ends) {
            std::string why_not;
            if (key->text != type_tag<Key>()) why_not = "its key was " + key->text + " and is " + type_tag<Key>();
            if constexpr (has_maps<State>()) {
                const auto now = parse_type(type_tag<State>());
                for (const type_tree& each : state->parts) {
                    const bool map = each.text.starts_with("map_state<") || each.text.starts_with("list_state<");
                    if (!map || !now || part_named(*now, each.name) != nullptr) continue;
                    why_not += (why_not.empty() ? "" : "; ") + ("the map state." + each.name + " cannot be renamed");
                }
            }
            const std::string& of_state = former_.emplace(state->text, rules).why_not();
            return why_not + (why_not.empty() || of_state.empty() ? "" : "; ") + of_state;
        }
    }
    return stage::adopt_schema(was, rules);
}

template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (stored) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto&) { ++count; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            save(writer, each.key);
            save_state(writer, each);
            for_each_map(state_of(each),
                         [&](const auto& map, std::uint64_t) { map_access::save_all(map, writer); });
        });
        count = 0;
        timers_.for_each([&](const auto& timer) { count += shard_of(timer.hash) == shard ? 1U : 0U; });
        save(writer, count);
        timers_.for_each([&](const auto& timer) {
            if (shard_of(timer.hash) != shard) return;
            save(writer, timer.due);
            save(writer, timer.key);
        });
        if (shard != 0) return;
        counts.save(writer);
        save_beside(writer);
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::load_shard(unsigned shard, binary_reader& reader) {
    if constexpr (stored) {
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
            const Key key = load<Key>(reader);
            load_state(key, reader);
            if constexpr (has_maps<State>()) {
                entry_type& entry = *store_.find(key, key_hash(key));
                for_each_map(state_of(entry), [&](auto& map, std::uint64_t) { map_access::load_all(map, reader); });
                wake_for_maps(entry);
            }
        }
        for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
            const auto due = load<timestamp>(reader);
            const Key key = load<Key>(reader);
            timers_.put_back(due, key, key_hash(key));
        }
        if (shard != 0) return;
        counts.load(reader);
        load_beside(reader, instance_);
    }
}

template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::save_changes(state_batch& to, bool all) {
    if constexpr (stored) {
        to.put_image(0, [&](binary_writer& writer) {
            instance_.save_counts(writer, counts);
            save_beside(writer);
        });
        if constexpr (has_maps<State>()) save_map_changes(to, all);
        save_entries(store_, to, all, [](const auto&) { return true; },
                     [this](binary_writer& writer, const auto& each) { save_state(writer, each); }, [](const auto&) {});
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

// Which entries have changed is known of states that have: they are looked at once for their maps.
template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::save_map_changes(state_batch& to, bool all) {
    for (std::size_t i = 0; !all && i < maps_gone_.size(); ++i) {
        const auto gone = maps_gone_[i];
        to.erase(gone.shard, [&](binary_writer& writer) { writer.write_bytes(gone.key.data(), gone.key.size()); });
    }
    maps_gone_.clear();
    const auto of_entry = [&](entry_type& entry) {
        const unsigned shard = shard_of(entry.hash());
        for_each_map(state_of(entry), [&](auto& map, std::uint64_t id) {
            map_access::take_changes(
                map, all,
                [&](const auto& key, const auto& value) { to.put(shard, map_key(entry.key, id, key), value); },
                [&](const auto& key) { to.erase(shard, map_key(entry.key, id, key)); });
        });
    };
    if (all) {
        store_.for_each(of_entry);
    } else {
        store_.for_each_touched(of_entry);
    }
}

template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::load_map_entry(const Key& key, std::uint64_t id,
                                                                 binary_reader& of_map, binary_reader& value) {
    if constexpr (has_maps<State>()) {
        entry_type& entry = store_.put_back(key, key_hash(key), fresh);
        bool known = false;
        for_each_map(state_of(entry), [&](auto& map, std::uint64_t its_id) {
            if (its_id != id) return;
            map_access::load_entry(map, of_map, value);
            known = true;
        });
        wake_for_maps(entry);
        if (!known) throw error(error_kind::state, "process: the snapshot has entries of a map that the state lacks");
    }
}

template <class Key, class Record, class State, class Out, class Life>
void process_core<Key, Record, State, Out, Life>::load_entry(unsigned, binary_reader& key, binary_reader& value) {
    if constexpr (stored) {
        if (key.at_end()) {
            const keyed_instance former = instance_.load_counts(value, counts);
            load_beside(value, former);
        } else {
            const Key its = load<Key>(key);
            if (key.at_end()) {
                load_state(its, value);
            } else if (has_maps<State>() && key.remaining() > sizeof(std::uint64_t)) {
                load_map_entry(its, load<std::uint64_t>(key), key, value);
            } else if (const auto due = load<timestamp>(key); !planted(planted_bug::lost_timer)) {
                timers_.put_back(due, its, key_hash(its));
            }
        }
        key.expect_end();
        value.expect_end();
    }
}

}  // namespace weir::detail
