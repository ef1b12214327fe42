// SPDX-License-Identifier: Apache-2.0
// process with a time to live: whom the state is still there for, and that nothing is left.
#include <map>
#include <set>

#include <weir/flow/explain.hpp>
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

struct account {
    std::int64_t count = 0;
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (count, sum))

std::string text(const char* what, std::uint32_t key, const account& state, timestamp at) {
    return std::string(what) + " " + std::to_string(key) + ": " + std::to_string(state.count) + ", " +
           std::to_string(state.sum) + " at " + std::to_string(at.time_since_epoch().count());
}

// What the functions do, whoever calls them; `write` gives the state to be changed.
template <class Context> void set_timers(Context& context, const reading& each) {
    if (each.amount % 4 == 0) context.set_timer(context.time() + weir::duration{each.amount % 31 + 1});
    if (each.amount % 7 == 0 && context.watermark() != weir::time_lowest) context.set_timer(context.watermark() - 2ns);
}
template <class Context, class Write>
void on_record(Context& context, const reading& each, const account& seen, Write write) {
    context.emit(text("record", each.key, seen, context.time()));
    if (each.amount % 3 != 0) {
        account& state = write();
        ++state.count;
        state.sum += each.amount;
    }
    set_timers(context, each);
    if (each.amount % 13 == 0) context.forget();
}
template <class Context, class Write>
void on_timer(Context& context, std::uint32_t key, const account& seen, Write write) {
    context.emit(text("timer", key, seen, context.time()));
    if (seen.sum % 2 == 0) ++write().count;
    if (seen.count % 5 == 1 && context.time() < nanosecond(200)) context.set_timer(context.time() + 8ns);
}

// Every state with the end of its life beside it, looked at whenever the key is asked for: no timer removes anything.
class oracle {
  public:
    oracle(const std::vector<weir::stamped<reading>>& records, std::size_t stage, weir::duration ttl, bool on_write)
        : stage_(stage), ttl_(ttl), on_write_(on_write) {
        for (const auto& each : records) {
            fire_below(each.at.watermark());
            if (each.at.time < each.at.watermark()) {
                late.push_back(each);
            } else {
                take(each);
            }
        }
        fire_below(weir::time_highest);
    }
    std::vector<weir::stamped<std::string>> results;
    std::vector<weir::stamped<reading>> late;
    std::uint64_t fresh = 0;

    // What the functions call.
    void emit(std::string value) {
        results.push_back({std::move(value), cause_ != nullptr ? caused(cause_->time, *cause_, stage_, sequence_)
                                                               : triggered(due_, stage_, hash(key_), sequence_)});
        ++sequence_;
    }
    void set_timer(timestamp due) {
        if (cause_ != nullptr && due < cause_->watermark()) {
            at_once_.insert(due);
        } else {
            timers_.insert({due, hash(key_), key_});
        }
    }
    void forget() { forget_ = true; }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time : due_; }
    [[nodiscard]] timestamp watermark() const { return cause_ != nullptr ? cause_->watermark() : due_; }

  private:
    struct kept {
        account state;
        timestamp until = weir::time_lowest;
    };
    static std::uint64_t hash(std::uint32_t key) { return weir::stable_hash(key); }
    account& write() {
        kept& each = states_[key_];
        each.until = std::max(each.until, time() + ttl_);
        return each.state;
    }
    const account& look() {
        if (states_.contains(key_) && watermark() >= states_[key_].until) {
            states_.erase(key_);
            ++fresh;
        }
        return on_write_ ? states_[key_].state : write();
    }
    void take(const weir::stamped<reading>& each) {
        key_ = each.record.key;
        cause_ = &each.at;
        sequence_ = 0;
        const auto writing = [this]() -> account& { return write(); };
        const account& seen = look();
        on_record(*this, each.record, seen, writing);
        while (!at_once_.empty()) {
            at_once_.erase(at_once_.begin());
            on_timer(*this, key_, on_write_ ? seen : write(), writing);
        }
        cause_ = nullptr;
        finish();
    }
    void fire_below(timestamp limit) {
        while (!timers_.empty() && std::get<0>(*timers_.begin()) < limit) {
            due_ = std::get<0>(*timers_.begin());
            key_ = std::get<2>(*timers_.begin());
            timers_.erase(timers_.begin());
            sequence_ = 0;
            const account& seen = look();
            on_timer(*this, key_, seen, [this]() -> account& { return write(); });
            finish();
        }
    }
    void finish() {
        if (std::exchange(forget_, false)) states_.erase(key_);
    }

    std::size_t stage_;
    weir::duration ttl_;
    bool on_write_;
    std::map<std::uint32_t, kept> states_;
    std::set<std::tuple<timestamp, std::uint64_t, std::uint32_t>> timers_;
    std::set<timestamp> at_once_;
    const weir::stamp* cause_ = nullptr;
    timestamp due_{};
    std::uint32_t key_ = 0;
    std::uint32_t sequence_ = 0;
    bool forget_ = false;
};

auto touched_always(weir::duration ttl) {
    return weir::process<account, std::string>(
        [](auto& context, const reading& each, account& state) {
            on_record(context, each, state, [&]() -> account& { return state; });
        },
        [](auto& context, const std::uint32_t& key, account& state) {
            on_timer(context, key, state, [&]() -> account& { return state; });
        },
        weir::ttl(ttl));
}
auto touched_by_writes(weir::duration ttl) {
    return weir::process<account, std::string>(
        [](auto& context, const reading& each, const account& state) {
            on_record(context, each, state, [&]() -> account& { return context.write(); });
        },
        [](auto& context, const std::uint32_t& key, const account& state) {
            on_timer(context, key, state, [&]() -> account& { return context.write(); });
        },
        weir::ttl(ttl, weir::on_write));
}
template <class Process>
void check(std::uint64_t seed, const logs& all, weir::duration bound, weir::duration ttl, bool on_write,
           const Process& process, std::uint64_t& fresh) {
    const auto results = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                         weir::key_by(&reading::key) | weir::named("accounts", process);
    const auto sink = weir::collect_stamped<std::string>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("ttl", results | weir::into(sink), weir::late(results) | weir::into(late));
    const oracle wanted(arrivals(all, bound), what.number_of(results.from().get()), ttl, on_write);
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    REQUIRE(difference(wanted.late, report.output(late)) == "");
    for (const auto& each : weir::run(what, weir::batch{.threads = 2}).stages) CHECK(each.state.keys == 0);
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late);
    fresh += wanted.fresh;
}

std::uint64_t keys_of(const weir::run_report& report, const std::string& name) {
    for (const auto& each : report.stages) {
        if (each.name == name) return each.state.keys;
    }
    FAIL("no stage " + name);
    return 0;
}

const auto timed = [] { return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(6ns)); };
const auto keyed = [] { return timed() | weir::key_by(&reading::key); };

}  // namespace

TEST_CASE("state with a time to live is there until the watermark reaches its end, by a naive oracle", "[operators]") {
    std::uint64_t fresh = 0;
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const logs all = random_logs(seed, {.records = 90, .partitions = 1 + choose.below(3),
                                            .keys = 3 + choose.below(20), .disorder = 5 + choose.below(25)});
        const weir::duration bound{choose.below(12)};
        const weir::duration ttl{1 + choose.below(40)};
        check(seed, all, bound, ttl, false, touched_always(ttl), fresh);
        check(seed, all, bound, ttl, true, touched_by_writes(ttl), fresh);
    }
    CHECK(fresh > 200);
}

TEST_CASE("state with a time to live is written by key as it changes, and goes on where it was", "[operators]") {
    changes_seen seen;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const logs all = random_logs(seed, {.records = 150, .partitions = 1 + seed % 2, .keys = 40});
        const auto steps = random_steps(arrivals(all, weir::duration{6}), choose);
        const weir::duration ttl{1 + choose.below(60)};
        const auto key_of = [](const reading& each) { return each.key; };
        auto check_always = check_of(keyed() | touched_always(ttl), key_of);
        auto check_writes = check_of(keyed() | touched_by_writes(ttl), key_of);
        check_always.images = check_writes.images = false;  // timers lie in no order there
        seen += check_changes(check_always, steps, choose);
        seen += check_changes(check_writes, steps, choose);
    }
    CHECK(seen.restores > 500);
    CHECK(seen.entries_written < seen.entries_there);
}

TEST_CASE("the end of life is a moment: what reaches it sees nothing, what is a tick before sees all", "[operators]") {
    const auto counts = [](readings log, auto ttl) {
        const auto sink = weir::collect<std::int64_t>();
        const auto count = [](auto&, const reading&, account& state) { return ++state.count; };
        const weir::graph what("moment", weir::memory(std::move(log)) |
                                             weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                                             weir::key_by(&reading::key) | weir::process<account>(count, ttl) |
                                             weir::into(sink));
        const auto made = weir::run(what, weir::batch{.threads = 1}).output(sink);
        return std::vector<std::int64_t>(made.begin(), made.end());
    };
    // The watermark of a record is the largest time before it.
    CHECK(counts({make_reading(1, 0), make_reading(2, 9), make_reading(1, 20)}, weir::ttl(10ns)) ==
          std::vector<std::int64_t>{1, 1, 2});
    CHECK(counts({make_reading(1, 0), make_reading(2, 10), make_reading(1, 20)}, weir::ttl(10ns)) ==
          std::vector<std::int64_t>{1, 1, 1});
    // A touch prolongs, also one that the clock had nearly passed.
    CHECK(counts({make_reading(1, 0), make_reading(1, 9), make_reading(2, 18), make_reading(1, 18)}, weir::ttl(10ns)) ==
          std::vector<std::int64_t>{1, 2, 1, 3});
    // A life to the end of time.
    CHECK(counts({make_reading(1, 0), make_reading(1, 9)}, weir::ttl(weir::duration::max())) ==
          std::vector<std::int64_t>{1, 2});
}

TEST_CASE("nothing is kept of keys whose time has passed, silent ones included", "[operators]") {
    readings log;
    for (std::uint32_t i = 0; i < 5000; ++i) log.push_back(make_reading(i, i));
    const auto count = [](auto&, const reading&, account& state) { return ++state.count; };
    const auto counted = weir::memory(log) | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                         weir::key_by(&reading::key) |
                         weir::named("accounts", weir::process<account>(count, weir::ttl(100ns)));
    const weir::graph what("silent", counted | weir::into(weir::collect<std::int64_t>()));
    weir::engine running = weir::start_polled(what, weir::micro_batch{.max_records = 64});
    std::uint64_t most = 0;
    while (running.poll()) most = std::max(most, keys_of(running.report(), "accounts"));
    CHECK(most > 0);
    CHECK(most <= 200);
    CHECK(keys_of(running.report(), "accounts") == 0);
    CHECK(running.stop().value().of("accounts").accepted == 5000);
}

TEST_CASE("what is only looked at is not kept where writes are touches", "[operators]") {
    const auto look = weir::process<account>([](auto&, const reading&, const account& state) { return state.count; },
                                             weir::ttl(1h, weir::on_write));
    const weir::graph what("look", weir::memory(readings{make_reading(1, 0), make_reading(2, 1)}) |
                                       weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                                       weir::key_by(&reading::key) | weir::named("look", look) |
                                       weir::into(weir::collect<std::int64_t>()));
    weir::engine running = weir::start_polled(what, weir::micro_batch{.max_records = 1});
    while (running.poll()) CHECK(keys_of(running.report(), "look") == 0);
}

TEST_CASE("a stage says that its state has a time to live", "[operators]") {
    const auto stage = keyed() | touched_always(30min);
    const auto by_writes = keyed() | touched_by_writes(30min);
    CHECK(weir::explain(weir::graph("said", stage | weir::into(weir::collect<std::string>()))).find("ttl 30m") !=
          std::string::npos);
    CHECK(weir::explain(weir::graph("said", by_writes | weir::into(weir::collect<std::string>())))
              .find("ttl 30m on write") != std::string::npos);
    const std::string schema = stage.from()->make({})->schema();
    CHECK(schema == by_writes.from()->make({})->schema());
    CHECK(schema.find(",until:") != std::string::npos);
    // Fields of the state may come; a life that ends may not.
    const std::string less = "struct{key:u32,state:struct{count:i64},until:" + weir::type_tag<timestamp>() + "}";
    CHECK(stage.from()->make({})->adopt_schema(less, {}).empty());
    CHECK(!stage.from()->make({})->adopt_schema("struct{key:u32,state:struct{count:i64}}", {}).empty());
    require_refused([] { static_cast<void>(weir::ttl(0ns)); }, "the time to live is above zero");
    require_refused([] { static_cast<void>(weir::ttl(-1ns, weir::on_write)); }, "the time to live is above zero");
}
