// SPDX-License-Identifier: Apache-2.0
// process with maps and lists in its state: whom their entries are there for, and what is written of them.
#include <map>
#include <optional>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sources/memory.hpp>

#include "operators/lone_stage.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct tally {
    std::int64_t count = 0;
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (count, sum))

// The lengths are the test's: a state is made by State{} alone.
constexpr weir::duration by_read{23};
constexpr weir::duration by_write{31};

struct card {
    std::int64_t seen = 0;
    weir::map_state<std::string, tally> kept;
    weir::map_state<std::int64_t, tally> read{weir::ttl(by_read)};
    weir::map_state<std::int64_t, std::string> written{weir::ttl(by_write, weir::on_write)};
    weir::list_state<std::int64_t> recent{weir::ttl(by_write)};
};
BOOST_DESCRIBE_STRUCT(card, (), (seen, kept, read, written, recent))

// The same by definition: every entry with the end of its life, looked at when somebody asks.
template <class K, class V>
class plain_map {
  public:
    plain_map(std::optional<weir::duration> ttl = {}, bool read_is_touch = true)
        : ttl_(ttl), read_is_touch_(read_is_touch) {}
    void at(timestamp now, timestamp clock) {
        now_ = now;
        std::erase_if(all_, [&](const auto& each) { return ttl_ && each.second.until <= clock; });
    }
    V* find(const K& key) {
        const auto found = all_.find(key);
        if (found == all_.end()) return nullptr;
        if (read_is_touch_) touch(found->second);
        return &found->second.value;
    }
    V& put(const K& key) {
        auto& each = all_[key];
        touch(each);
        return each.value;
    }
    V& put(const K& key, V value) { return put(key) = std::move(value); }
    void erase(const K& key) { all_.erase(key); }
    void clear() { all_.clear(); }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    template <class Visit> void for_each(Visit visit) const {
        for (const auto& [key, each] : all_) visit(key, each.value);
    }

  private:
    struct kept {
        V value{};
        timestamp until = weir::time_lowest;
    };
    void touch(kept& each) {
        if (ttl_) each.until = std::max(each.until, now_ + *ttl_);
    }
    std::optional<weir::duration> ttl_;
    bool read_is_touch_;
    std::map<K, kept> all_;
    timestamp now_{};
};
class plain_list {
  public:
    void at(timestamp now, timestamp clock) {
        now_ = now;
        std::erase_if(all_, [&](const auto& each) { return each.second <= clock; });
    }
    void push_back(std::int64_t value) { all_.emplace_back(value, now_ + by_write); }
    void pop_front() { all_.erase(all_.begin()); }
    void clear() { all_.clear(); }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    template <class Visit> void for_each(Visit visit) const {
        for (const auto& each : all_) visit(each.first);
    }

  private:
    std::vector<std::pair<std::int64_t, timestamp>> all_;
    timestamp now_{};
};
struct plain_card {
    std::int64_t seen = 0;
    plain_map<std::string, tally> kept;
    plain_map<std::int64_t, tally> read{by_read};
    plain_map<std::int64_t, std::string> written{by_write, false};
    plain_list recent;
};

// Does a little of everything, and says all that is there.
template <class Context, class Card> void on_record(Context& context, const reading& each, Card& state) {
    ++state.seen;
    const std::int64_t sort = (each.amount + 30) % 10;  // amounts begin at -30
    ++state.kept.put(each.note + std::to_string(sort)).count;
    if (each.amount % 6 == 0) state.kept.erase(each.note + std::to_string((sort + 1) % 10));
    if (each.amount % 2 == 0) state.read.put(sort).sum += each.amount;
    if (const auto* found = state.read.find((sort + 1) % 10)) context.emit("found " + std::to_string(found->sum));
    if (each.amount % 3 == 0) state.written.put(sort, std::to_string(each.amount));
    if (const auto* found = state.written.find((sort + 2) % 10)) context.emit("written " + *found);
    if (each.amount % 2 == 1) state.recent.push_back(each.amount);
    if (each.amount % 17 == 0 && state.recent.size() != 0) state.recent.pop_front();
    if (each.amount % 19 == 0) state.read.clear();
    if (each.amount % 23 == 0) state = Card{};
    std::string all = std::to_string(state.seen) + ":";
    state.kept.for_each([&](const auto& key, const tally& value) { all += " " + key + std::to_string(value.count); });
    state.read.for_each([&](auto key, const tally& value) {
        all += " " + std::to_string(key) + "=" + std::to_string(value.sum);
    });
    state.written.for_each([&](auto key, const auto& value) { all += " " + std::to_string(key) + "~" + value; });
    state.recent.for_each([&](std::int64_t value) { all += " ," + std::to_string(value); });
    context.emit(std::move(all));
    if (each.amount % 13 == 0) context.forget();
}

// A state is gone with all its maps when its own life ends, if it ends.
class oracle {
  public:
    oracle(const std::vector<weir::stamped<reading>>& records, std::size_t stage, std::optional<weir::duration> ttl)
        : stage_(stage) {
        for (const auto& each : records) {
            if (each.at.time < each.at.watermark()) continue;
            cause_ = &each.at;
            sequence_ = 0;
            auto& [state, until] = states_[each.record.key];
            if (ttl && until <= each.at.watermark()) state = {};
            if (ttl) until = std::max(until, each.at.time + *ttl);
            state.kept.at(each.at.time, each.at.watermark());
            state.read.at(each.at.time, each.at.watermark());
            state.written.at(each.at.time, each.at.watermark());
            state.recent.at(each.at.time, each.at.watermark());
            on_record(*this, each.record, state);
            if (std::exchange(forget_, false)) states_.erase(each.record.key);
        }
    }
    void emit(std::string value) {
        results.push_back({std::move(value), caused(cause_->time, *cause_, stage_, sequence_)});
        ++sequence_;
    }
    void forget() { forget_ = true; }

    std::vector<weir::stamped<std::string>> results;

  private:
    std::size_t stage_;
    struct kept {
        plain_card state;
        timestamp until = weir::time_lowest;
    };
    std::map<std::uint32_t, kept> states_;
    const weir::stamp* cause_ = nullptr;
    std::uint32_t sequence_ = 0;
    bool forget_ = false;
};

const auto timed = [] { return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(6ns)); };
const auto keyed = [] { return timed() | weir::key_by(&reading::key); };
const auto fill = [](auto& context, const reading& each, card& state) { on_record(context, each, state); };
const auto on_timer = [](auto& context, const std::uint32_t&, card& state) {
    context.emit("timer " + std::to_string(state.read.size()));
    state.read.put(77).count = state.seen;
    if (state.seen % 4 == 0) context.forget();
};
const auto fill_and_time = [](auto& context, const reading& each, card& state) {
    on_record(context, each, state);
    if (each.amount % 4 == 0) context.set_timer(context.time() + 9ns);
};

template <class Process>
void check(std::uint64_t seed, const logs& all, std::optional<weir::duration> ttl, const Process& process) {
    const auto results = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(7ns)) |
                         weir::key_by(&reading::key) | weir::named("cards", process);
    const auto sink = weir::collect_stamped<std::string>();
    const weir::graph what("maps", results | weir::into(sink));
    const oracle wanted(arrivals(all, 7ns), what.number_of(results.from().get()), ttl);
    const auto report = run_everywhere(what, seed, sink);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    if (seed % 4 == 0) restore_everywhere(what, report, sink);
}

}  // namespace

TEST_CASE("maps and lists in a state hold what they do by definition, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 110, .partitions = 1 + seed % 3, .keys = 2 + seed % 5});
    check(seed, all, {}, weir::process<card, std::string>(fill));
    check(seed, all, 35ns, weir::process<card, std::string>(fill, weir::ttl(35ns)));
}

TEST_CASE("entries of maps are written as they change, and go on where they were", "[operators]") {
    changes_seen seen;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const logs all =
            random_logs(seed, {.records = 120, .partitions = 1 + seed % 2, .keys = seed % 2 == 0 ? 4U : 20U});
        const auto steps = random_steps(arrivals(all, weir::duration{6}), choose);
        const auto key_of = [](const reading& each) { return each.key; };
        seen += check_changes(check_of(keyed() | weir::process<card, std::string>(fill), key_of), steps, choose);
        seen += check_changes(check_of(keyed() | weir::process<card, std::string>(fill, weir::ttl(40ns)), key_of),
                              steps, choose);
        auto with_timers = check_of(
            keyed() | weir::process<card, std::string>(fill_and_time, on_timer, weir::ttl(40ns)), key_of);
        with_timers.images = false;  // timers lie in no order there
        seen += check_changes(with_timers, steps, choose);
    }
    CHECK(seen.restores > 500);
    CHECK(seen.entries_written < seen.entries_there);
}

TEST_CASE("a touch of a large map writes what it touched", "[operators]") {
    const auto put = [](auto&, const reading& each, card& state) {
        return ++state.kept.put(std::to_string(each.amount)).count;
    };
    const auto last = keyed() | weir::process<card>(put);
    lone_stage_of<std::int64_t> lone(*last.from(), 0, 1);
    lone.run().track_changes();
    std::vector<weir::stamped<reading>> records;
    for (std::int64_t i = 0; i < 10'000; ++i) {
        const weir::turn first{weir::time_lowest, weir::lane::partition(0), 0, {}};
        records.push_back({make_reading(1, i, i), {nanosecond(i), first}});
    }
    lone.take(records, nullptr);
    weir::state_batch changes;
    lone.run().save_changes(changes, true);
    CHECK(changes.size() == 10'002);  // with the state and the counts
    lone.take({records[4711], records[17]}, nullptr);
    changes.clear();
    lone.run().save_changes(changes, false);
    CHECK(changes.size() == 4);
    CHECK(changes.bytes() < 400);
}

TEST_CASE("nothing is left of maps whose entries have ended, in states that have, too", "[operators]") {
    readings log;
    for (std::uint32_t i = 0; i < 2000; ++i) log.push_back(make_reading(i % 7, i, i));
    std::size_t most = 0;
    const auto put = [&most](auto&, const reading& each, card& state) {
        state.read.put(each.amount);
        state.recent.push_back(each.amount);
        most = std::max({most, state.read.size(), state.recent.size()});
        return each.amount;
    };
    const weir::graph what("ends", weir::memory(log) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                                       weir::key_by(&reading::key) |
                                       weir::named("cards", weir::process<card>(put, weir::ttl(100ns))) |
                                       weir::into(weir::collect<std::int64_t>()));
    const auto report = weir::run(what, weir::batch{.threads = 1});
    CHECK(most >= 4);
    CHECK(most <= 6);  // of every seventh of 31 ns
    for (const auto& each : report.stages) CHECK(each.state.keys == 0);
}

TEST_CASE("a state with maps says so, and may get more fields", "[operators]") {
    const auto stage = (keyed() | weir::process<card, std::string>(fill)).from()->make({});
    CHECK(stage->schema() ==
          "struct{key:u32,state:struct{seen:i64,kept:map_state<text,struct{count:i64,sum:i64}>,read:map_state<i64,"
          "struct{count:i64,sum:i64}>,written:map_state<i64,text>,recent:list_state<i64>}}");
    CHECK(stage->why_not_storable().empty());
    const std::string less = "struct{key:u32,state:struct{kept:map_state<text,struct{count:i64,sum:i64}>}}";
    CHECK(stage->adopt_schema(less, {}) == "");
    CHECK(!stage->adopt_schema("struct{key:u32,state:struct{kept:map_state<i64,i64>}}", {}).empty());
    // Entries of a map that is gone, or has another name, would be nobody's.
    CHECK(stage->adopt_schema("struct{key:u32,state:struct{list:list_state<i64>}}", {{"list", "recent"}}) ==
          "the map state.list cannot be renamed");
    CHECK(stage->adopt_schema("struct{key:u32,state:struct{seen:i64,others:map_state<i64,i64>}}", {})
              .find("others") != std::string::npos);
}
