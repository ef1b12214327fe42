// SPDX-License-Identifier: Apache-2.0
// The running stage of rolling aggregates. Per key it keeps the records that a window may still ask for, in order of
// time, and one runner per aggregate and length, which stand at the key's newest record. A record that comes out of
// order is answered by walking over its own windows, and joins the runners.
#pragma once
#include <algorithm>

#include <weir/base/error.hpp>
#include <weir/base/made_in_place.hpp>
#include <weir/operators/keyed.hpp>
#include <weir/operators/keyed_groups.hpp>
#include <weir/operators/rolled.hpp>
#include <weir/operators/rolling_sections.hpp>
#include <weir/record/schema.hpp>
#include <weir/state/save_entries.hpp>
#include <weir/windows/rolling_lengths.hpp>

namespace weir::detail {

template <class Record, std::size_t Count, class... As>
struct rolling_description {
    rolling_lengths<Count> window;
    std::tuple<As...> aggregates;

    [[nodiscard]] bool order_sensitive() const { return true; }
    [[nodiscard]] bool reads_turns() const { return (needs_stamp<As, Record> || ...); }
    [[nodiscard]] bool results_follow_causes() const { return true; }
    [[nodiscard]] bool waits_for_watermark() const { return false; }
    [[nodiscard]] std::string text() const {
        std::string result = "rolling";
        for (const duration each : window.lengths) result.append(" ").append(length_text(each));
        return result;
    }
    [[nodiscard]] std::size_t index_of(duration length) const {
        for (std::size_t i = 0; i < Count; ++i) {
            if (window.lengths[i] == length) return i;
        }
        throw error(error_kind::configuration,
                    "over(" + length_text(length) + ", ...): rolling(...) before it has no such length");
    }
    void check() const {
        std::apply([&](const As&... each) { (check_one(each), ...); }, aggregates);
    }
    // The record's columns, then per aggregate and length "sum_amount_5m"; none if the record has no columns.
    [[nodiscard]] column_names columns() const {
        if constexpr (described<Record>) {
            std::vector<std::string> names;
            csv_row<Record>::names(names, "");
            std::apply([&](const As&... each) { (add_columns(names, each), ...); }, aggregates);
            return std::make_shared<const std::vector<std::string>>(std::move(names));
        } else {
            return {};
        }
    }

  private:
    template <class A> void check_one(const A& each) const {
        if constexpr (is_over_one_length<A>) static_cast<void>(index_of(each.length));
    }
    template <class A> void add_columns(std::vector<std::string>& names, const A& each) const {
        if constexpr (is_over_one_length<A>) {
            names.push_back(each.name() + "_" + length_text(each.length));
        } else {
            for (const duration length : window.lengths) names.push_back(each.name() + "_" + length_text(length));
        }
    }
};

template <class A, std::size_t Count>
using rolling_result = std::conditional_t<is_over_one_length<A>, aggregate_result<A>,
                                          std::array<aggregate_result<A>, Count>>;

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
class rolling_stage final : public stage {
  public:
    static constexpr unsigned outlet_count = 2;
    using row_type = rolled<Record, rolling_result<As, Count>...>;
    using description_type = rolling_description<Record, Count, As...>;

    outlet<row_type> out;
    outlet<Record> late;

    rolling_stage(const KeyFunction& key, const description_type& description, const stage_site& site)
        : instance_(site), key_(key), sources_(description.aggregates), aggregates_(rebound(description.aggregates)),
          lengths_(description.window.lengths), longest_(description.window.longest()) {
        std::size_t index = 0;
        std::apply([&](const As&... each) { ((only_[index++] = only_length(description, each)), ...); }, sources_);
    }
    [[nodiscard]] std::vector<outlet_base*> outlets() override { return {&out, &late}; }
    [[nodiscard]] bool keyed() const override { return true; }
    [[nodiscard]] state_size state() const override { return {store_.size(), store_.memory()}; }

    template <std::size_t, class U, class Chain>
    void run(chunk<U>& records, std::size_t begin, std::size_t end, const Chain& steps) {
        std::uint64_t accepted = 0;
        const auto make = [this] { return make_state(); };
        const auto take_one = [&](auto&& value, const stamp_view& at, const auto& find) {
            if (at.time() < at.watermark()) {
                ++counts.late;
                if (!late.to.empty()) late.push_same(std::forward<decltype(value)>(value), at);
                return;
            }
            ++accepted;
            take(find(key_(std::as_const(value)), make).value, std::forward<decltype(value)>(value), at);
        };
        const auto fetch = [](const auto& each) { each.value.prefetch(); };
        groups_.run(*this, records, begin, end, steps, store_, key_, take_one, fetch);
        counts.accepted += accepted;
        counts.results += accepted;
    }
    // Keys that went silent leave when the watermark has moved on by the longest length: O(1) amortized.
    void advance(const mark& progress) override {
        if (progress.ended()) {
            store_.clear();
        } else if (progress.watermark > sweep_at_) {
            const timestamp keep = saturating_sub(progress.watermark, longest_);
            store_.retain([&](auto& entry) {
                if (entry.value.items.back().time > keep) return true;
                entry.value.clear(aggregates_);
                spare_.push_back(std::move(entry.value));
                return false;
            });
            sweep_at_ = saturating_add(progress.watermark, longest_);
        }
        out.flush(&progress);
        late.flush(&progress);
    }
    [[nodiscard]] std::string why_not_storable() const override {
        return stored ? std::string{} : std::string(cannot_be_stored);
    }
    [[nodiscard]] std::string schema() const override;
    void save_shard(unsigned shard, binary_writer& writer) const override;
    void load_shard(unsigned shard, binary_reader& reader) override;
    void track_changes() override { store_.track_changes(); }
    void save_changes(state_batch& to, bool all) override;
    void expect_keys(std::uint64_t count) override { instance_.reserve(store_, count); }
    void load_entry(unsigned shard, binary_reader& key, binary_reader& value) override;

  private:
    static constexpr bool stamped = (needs_stamp<As, Record> || ...);
    static constexpr std::size_t all_lengths = Count;
    template <class A> using part = rolling_part<A, Record>;
    using item = rolling_item<stamped, typename part<As>::value_type...>;
    using rebound_type = std::tuple<typename part<As>::aggregate_type...>;
    static constexpr bool stored = storable<Key> && (storable<typename part<As>::value_type> && ...);
    static constexpr const char* cannot_be_stored =
        "rolling: what is kept of these records cannot be stored: describe it with BOOST_DESCRIBE_STRUCT";

    static rebound_type rebound(const std::tuple<As...>& aggregates) {
        return std::apply([](const As&... each) { return rebound_type{part<As>::rebound(each)...}; }, aggregates);
    }
    template <std::size_t I> struct runners_of {
        static constexpr std::size_t count =
            is_over_one_length<std::tuple_element_t<I, std::tuple<As...>>> ? 1 : Count;
        using aggregate_type = std::tuple_element_t<I, rebound_type>;
        using one = rolling_runner<aggregate_type, I, item>;
        explicit runners_of(const aggregate_type& aggregate)
            : runners([&]<std::size_t... L>(std::index_sequence<L...>) {
                  return std::array<one, count>{((void)L, one{aggregate})...};
              }(std::make_index_sequence<count>{})) {}
        void clear(const aggregate_type& aggregate) {
            for (one& each : runners) each.clear(aggregate);
            sections.clear();
        }
        void fetch() const noexcept {
            for (const one& each : runners) each.fetch();
        }
        std::array<one, count> runners;
        [[no_unique_address]] rolling_sections_of<aggregate_type, I, item> sections;
    };
    template <class Indices> struct all_runners;
    template <std::size_t... I> struct all_runners<std::index_sequence<I...>> {
        using type = std::tuple<runners_of<I>...>;
        static type make(const rebound_type& aggregates) {
            return type{runners_of<I>{std::get<I>(aggregates)}...};
        }
    };
    using runners_type = all_runners<std::index_sequence_for<As...>>;
    struct key_state {
        std::vector<item> items;               // in order of time, then turn; from `head` on
        std::size_t head = 0;
        std::array<std::size_t, Count> begin{};  // first item of each length's window of the newest record
        typename runners_type::type runners;
        explicit key_state(const rebound_type& aggregates) : runners(runners_type::make(aggregates)) {}

        // As new, but the buffer keeps its memory.
        void clear(const rebound_type& aggregates) {
            items.clear();
            head = 0;
            begin = {};
            clear_with(aggregates, std::index_sequence_for<As...>{});
        }
        template <std::size_t... I>
        void clear_with(const rebound_type& aggregates, std::index_sequence<I...>) {
            (std::get<I>(runners).clear(std::get<I>(aggregates)), ...);
        }
        // Fetches ahead the ends of the windows.
        void prefetch() const noexcept {
            if (items.empty()) return;
            fetch_ahead(&items.back() + 1);
            for (const std::size_t each : begin) fetch_ahead(items.data() + each + 1);
            std::apply([](const auto&... each) { (each.fetch(), ...); }, runners);
        }
    };
    using store_type = keyed_store<Key, key_state>;

    template <class A> static std::size_t only_length(const description_type& description, const A& each) {
        if constexpr (is_over_one_length<A>) {
            return description.index_of(each.length);
        } else {
            return all_lengths;
        }
    }
    // Calls visit(aggregate, runner, length index) for all of a key.
    template <class Visit> void for_each_runner(key_state& state, Visit&& visit) {
        for_each_runner_with(state, visit, std::index_sequence_for<As...>{});
    }
    template <class Visit, std::size_t... I>
    void for_each_runner_with(key_state& state, Visit& visit, std::index_sequence<I...>) {
        (for_runners(std::get<I>(aggregates_), std::get<I>(state.runners).runners, only_[I], visit), ...);
    }
    template <class A, class Runners, class Visit>
    void for_runners(const A& aggregate, Runners& runners, std::size_t only, Visit& visit) {
        if (only != all_lengths) {
            visit(aggregate, runners[0], only);
        } else {
            for (std::size_t length = 0; length < Count; ++length) visit(aggregate, runners[length], length);
        }
    }

    [[nodiscard]] key_state make_state() {
        if (spare_.empty()) return key_state{aggregates_};
        key_state taken = std::move(spare_.back());
        spare_.pop_back();
        return taken;
    }
    template <class V> void take(key_state& state, V&& value, const stamp_view& at) {
        const timestamp time = at.time();
        const auto make_item = [&] {
            item made{time, {}, kept(std::as_const(value), std::index_sequence_for<As...>{})};
            if constexpr (stamped) made.at = at.full();
            return made;
        };
        const bool newest = state.items.empty() || state.items.size() == state.head || state.items.back().time <= time;
        if (newest) {
            state.items.emplace_back(made_in_place{make_item});
            follow(state, time);
            const auto row = [&] { return row_type{std::forward<V>(value), newest_results(state)}; };
            out.push_caused(made_in_place{row}, time, at, 0);
        } else {
            insert(state, make_item());
            const auto row = [&] { return row_type{std::forward<V>(value), results_at(state, time)}; };
            out.push_caused(made_in_place{row}, time, at, 0);
        }
        cut(state, saturating_sub(at.watermark(), longest_));
    }
    template <std::size_t... I> auto kept(const Record& record, std::index_sequence<I...>) const {
        return std::tuple<typename part<As>::value_type...>{part<As>::value_of(std::get<I>(sources_), record)...};
    }
    // The newest record has been put at the end: windows move up to it.
    void follow(key_state& state, timestamp time) {
        const std::size_t place = state.items.size() - 1;
        std::array<std::size_t, Count> from = state.begin;
        for (std::size_t length = 0; length < Count; ++length) {
            const timestamp keep = saturating_sub(time, lengths_[length]);
            while (state.begin[length] < place && state.items[state.begin[length]].time <= keep) ++state.begin[length];
        }
        for_each_runner(state, [&](const auto& aggregate, auto& runner, std::size_t length) {
            runner.added(aggregate, state.items, from[length], place);
            for (std::size_t gone = from[length]; gone < state.begin[length]; ++gone) {
                runner.removed(aggregate, state.items, gone);
            }
        });
    }
    // A record older than the newest joins the buffer and the windows it still belongs to.
    void insert(key_state& state, item added) {
        const auto place = std::upper_bound(state.items.begin() + static_cast<std::ptrdiff_t>(state.head),
                                            state.items.end(), added.time,
                                            [](timestamp time, const item& each) { return time < each.time; });
        const auto index = static_cast<std::size_t>(place - state.items.begin());
        const timestamp newest = state.items.back().time;
        const timestamp time = added.time;
        state.items.insert(place, std::move(added));
        for (std::size_t length = 0; length < Count; ++length) {
            if (time <= saturating_sub(newest, lengths_[length])) ++state.begin[length];
        }
        for_each_runner(state, [&](const auto& aggregate, auto& runner, std::size_t length) {
            runner.added(aggregate, state.items, state.begin[length], index);
        });
        std::apply([&](auto&... each) { (each.sections.put_at(index), ...); }, state.runners);
    }
    auto newest_results(key_state& state) { return newest_with(state, std::index_sequence_for<As...>{}); }
    template <std::size_t... I> auto newest_with(key_state& state, std::index_sequence<I...>) {
        return std::tuple<rolling_result<As, Count>...>{newest_of<As>(
            std::get<I>(aggregates_), std::get<I>(state.runners).runners, state, only_[I])...};
    }
    template <class A, class Rebound, class Runners>
    rolling_result<A, Count> newest_of(const Rebound& aggregate, const Runners& runners, const key_state& state,
                                       std::size_t only) {
        if constexpr (is_over_one_length<A>) {
            return runners[0].result(aggregate, state.items, state.begin[only]);
        } else {
            return [&]<std::size_t... L>(std::index_sequence<L...>) {
                return rolling_result<A, Count>{runners[L].result(aggregate, state.items, state.begin[L])...};
            }(std::make_index_sequence<Count>{});
        }
    }
    // The results of a record that is not the newest: over the items taken so far with time in (t - length, t].
    auto results_at(key_state& state, timestamp time) { return at_with(state, time, std::index_sequence_for<As...>{}); }
    template <std::size_t... I> auto at_with(key_state& state, timestamp time, std::index_sequence<I...>) {
        return std::tuple<rolling_result<As, Count>...>{
            at_of<As, I>(std::get<I>(aggregates_), state, time, only_[I])...};
    }
    template <class A, std::size_t I, class Rebound>
    rolling_result<A, Count> at_of(const Rebound& aggregate, key_state& state, timestamp time, std::size_t only) {
        auto& all = std::get<I>(state.runners);
        const std::size_t to = first_later(state, time);
        const auto one = [&](auto& runner, std::size_t length) {
            const std::size_t from = first_later(state, saturating_sub(time, lengths_[length]));
            if constexpr (requires { runner.result_between(aggregate, state.items, from, from, to); }) {
                const std::size_t begin = state.begin[length];
                if (2 * (begin - from + state.items.size() - to) < to - from) {
                    return runner.result_between(aggregate, state.items, begin, from, to);
                }
            }
            if constexpr (requires { all.sections.between(aggregate, state.items, from, to); }) {
                return aggregate.result(all.sections.between(aggregate, state.items, from, to));
            } else {
                return aggregate.result(walk<I>(aggregate, state.items, from, to));
            }
        };
        if constexpr (is_over_one_length<A>) {
            return one(all.runners[0], only);
        } else {
            return [&]<std::size_t... L>(std::index_sequence<L...>) {
                return rolling_result<A, Count>{one(all.runners[L], L)...};
            }(std::make_index_sequence<Count>{});
        }
    }
    // What is under a key.
    void save_state(binary_writer& writer, const key_state& state) const;
    void load_state(const Key& key, binary_reader& reader);
    static void require_undamaged(bool holds) {
        if (!holds) throw error(error_kind::state, "the snapshot is damaged: a key's records do not fit together");
    }
    static std::size_t first_later(const key_state& state, timestamp time) {
        const auto place = std::upper_bound(state.items.begin() + static_cast<std::ptrdiff_t>(state.head),
                                            state.items.end(), time,
                                            [](timestamp at, const item& each) { return at < each.time; });
        return static_cast<std::size_t>(place - state.items.begin());
    }
    // Items up to `gone` belong to no window of a record that can still come.
    void cut(key_state& state, timestamp gone) {
        const std::size_t first = *std::min_element(state.begin.begin(), state.begin.end());
        while (state.head < first && state.items[state.head].time <= gone) ++state.head;
        if (state.head < 32 || state.head < state.items.size() / 2) return;
        const std::size_t count = state.head;
        state.items.erase(state.items.begin(), state.items.begin() + static_cast<std::ptrdiff_t>(count));
        state.head = 0;
        for (std::size_t& begin : state.begin) begin -= count;
        for_each_runner(state, [&](const auto&, auto& runner, std::size_t) { runner.shifted_down(count); });
        std::apply([](auto&... each) { (each.sections.clear(), ...); }, state.runners);
    }

    const keyed_instance instance_;
    KeyFunction key_;
    std::tuple<As...> sources_;  // as the user gave them
    rebound_type aggregates_;    // reading what items keep
    std::array<duration, Count> lengths_;
    duration longest_;
    std::array<std::size_t, sizeof...(As)> only_{};
    store_type store_;
    keyed_groups<store_type, Record> groups_;
    std::vector<key_state> spare_;  // of keys that went, for their buffers
    timestamp sweep_at_ = time_lowest;  // silent keys are looked for when the watermark has passed it
};

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
std::string rolling_stage<Key, Record, Count, KeyFunction, As...>::schema() const {
    std::string lengths;
    for (const duration each : lengths_) lengths += (lengths.empty() ? "" : " ") + length_text(each);
    std::string kept = std::string("kept:struct{") + (stamped ? "stamp:stamp" : "");
    const auto add = [&]<class A>(const A& aggregate) {
        kept += (kept.back() == '{' ? "" : ",") + word_in_tag(aggregate.name()) + ":" +
                tag_if_known<typename part<A>::value_type>();
    };
    std::apply([&](const As&... each) { (add(each), ...); }, sources_);
    return "struct{key:" + tag_if_known<Key>() + ",rolling:" + lengths + "," + kept + "}}";
}

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::save_state(binary_writer& writer,
                                                                       const key_state& state) const {
    save(writer, std::uint64_t{state.items.size() - state.head});
    for (std::size_t i = state.head; i < state.items.size(); ++i) {
        save(writer, state.items[i].time);
        state.items[i].at.save(writer);
        std::apply([&](const auto&... kept) { (save(writer, kept), ...); }, state.items[i].values);
    }
    for (const std::size_t begin : state.begin) save(writer, std::uint64_t{begin - state.head});
}

// Runners are made anew from the records: what they hold is a function of them.
template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::load_state(const Key& key, binary_reader& reader) {
    auto& state = store_.put_back(key, key_hash(key), [this] { return make_state(); }).value;
    require_undamaged(state.items.empty());  // else the key is there twice
    for (auto count = load<std::uint64_t>(reader); count > 0; --count) {
        item each;
        load(reader, each.time);
        each.at.load(reader);
        std::apply([&](auto&... kept) { (load(reader, kept), ...); }, each.values);
        require_undamaged(state.items.empty() || state.items.back().time <= each.time);
        state.items.push_back(std::move(each));
    }
    require_undamaged(!state.items.empty());
    for (std::size_t length = 0; length < Count; ++length) {
        state.begin[length] = first_later(state, saturating_sub(state.items.back().time, lengths_[length]));
        require_undamaged(load<std::uint64_t>(reader) == state.begin[length]);
    }
    for_each_runner(state, [&](const auto& aggregate, auto& runner, std::size_t length) {
        runner.rebuild(aggregate, state.items, state.begin[length]);
    });
}

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::save_shard(unsigned shard, binary_writer& writer) const {
    if constexpr (stored) {
        std::uint64_t count = 0;
        store_.for_each_of_shard(shard, [&](const auto&) { ++count; });
        save(writer, count);
        store_.for_each_of_shard(shard, [&](const auto& each) {
            save(writer, each.key);
            save_state(writer, each.value);
        });
        if (shard == 0) counts.save(writer);
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::load_shard(unsigned shard, binary_reader& reader) {
    if constexpr (stored) {
        for (auto keys = load<std::uint64_t>(reader); keys > 0; --keys) load_state(load<Key>(reader), reader);
        if (shard == 0) counts.load(reader);
    }
}

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::save_changes(state_batch& to, bool all) {
    if constexpr (stored) {
        to.put_image(0, [&](binary_writer& writer) {
            instance_.save_counts(writer, counts);
            save(writer, sweep_at_);
        });
        save_entries(store_, to, all, [](const auto&) { return true; },
                     [this](binary_writer& writer, const auto& each) { save_state(writer, each.value); },
                     [](const auto& each) {
                         const std::size_t size = each.value.items.size() - each.value.head;
                         fetch_ahead(each.value.items.data() + each.value.head, 0,
                                     std::min<std::size_t>(size * sizeof(item), 256));
                     });
    } else {
        throw error(error_kind::state, cannot_be_stored);
    }
}

template <class Key, class Record, std::size_t Count, class KeyFunction, class... As>
void rolling_stage<Key, Record, Count, KeyFunction, As...>::load_entry(unsigned, binary_reader& key,
                                                                       binary_reader& value) {
    if constexpr (stored) {
        if (key.at_end()) {
            const keyed_instance former = instance_.load_counts(value, counts);
            const auto sweep_at = load<timestamp>(value);
            if (instance_.follows(former)) {
                sweep_at_ = sweep_at_ == time_lowest ? sweep_at : std::min(sweep_at_, sweep_at);
            }
        } else {
            load_state(load<Key>(key), value);
        }
        key.expect_end();
        value.expect_end();
    }
}

}  // namespace weir::detail
