// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/process_with.hpp>

#include <atomic>
#include <map>
#include <set>

#include <temporary_folder.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/split.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct account {
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (count))
// What the control records have made, such that every one of them and their order is seen.
struct rules {
    std::uint64_t fingerprint = 7;
    std::int64_t taken = 0;
};
BOOST_DESCRIBE_STRUCT(rules, (), (fingerprint, taken))

const auto on_control = [](const reading& control, rules& state) {
    state.fingerprint = weir::mix_bits(state.fingerprint + static_cast<std::uint64_t>(control.amount));
    ++state.taken;
};
std::string seen(const char* what, std::uint32_t key, const account& state, const rules& now) {
    return std::string(what) + " " + std::to_string(key) + ": " + std::to_string(state.count) + " by " +
           std::to_string(now.taken) + " " + std::to_string(now.fingerprint);
}
template <class Context> void on_record(Context& context, const reading& each, account& state, const rules& now) {
    ++state.count;
    context.emit(seen("record", each.key, state, now));
    if (each.amount % 3 == 0) context.set_timer(context.time() + weir::duration{1 + each.key});
    if (each.amount % 7 == 0) context.forget();
}
template <class Context> void on_timer(Context& context, std::uint32_t key, account& state, const rules& now) {
    context.emit(seen("timer", key, state, now));
}
bool is_taken(const reading& control) { return control.amount % 11 != 0; }

// Both sides in one order, one after the other.
class oracle {
  public:
    oracle(const logs& all, const logs& controls, std::size_t stage) : stage_(stage) {
        struct step {
            weir::stamped<reading> each;
            bool control;
        };
        std::vector<step> steps;
        for (const auto& each : arrivals(all, 7ns)) steps.push_back({each, false});
        for (auto each : arrivals(controls, 12ns)) {
            // Partitions are numbered through the whole graph.
            each.at.at.from = weir::lane::partition(each.at.at.from.number + all.size());
            steps.push_back({each, true});
        }
        std::sort(steps.begin(), steps.end(),
                  [](const step& left, const step& right) { return left.each.at.at < right.each.at.at; });
        for (const auto& [each, control] : steps) {
            if (control && !is_taken(each.record)) continue;
            fire_below(each.at.watermark());
            if (each.at.time < each.at.watermark()) {
                (control ? late_controls : late).push_back(each);
            } else if (control) {
                on_control(each.record, rules_);
            } else {
                key_ = each.record.key;
                cause_ = &each.at;
                sequence_ = 0;
                on_record(*this, each.record, states_[key_], rules_);
                cause_ = nullptr;
                if (std::exchange(forget_, false)) states_.erase(key_);
            }
        }
        fire_below(weir::time_highest);
    }
    void emit(std::string value) {
        if (cause_ != nullptr) {
            weir::stamp made{cause_->time, cause_->at};
            const auto stage = static_cast<std::uint32_t>(stage_);
            made.at.tail.push_back(weir::tail_word::result_of(stage, sequence_));
            results.push_back({std::move(value), made});
        } else {
            results.push_back({std::move(value), triggered(due_, stage_, weir::stable_hash(key_), sequence_)});
        }
        ++sequence_;
    }
    void set_timer(timestamp due) { timers_.insert({due, weir::stable_hash(key_), key_}); }
    void forget() { forget_ = true; }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time : due_; }

    std::vector<weir::stamped<std::string>> results;
    std::vector<weir::stamped<reading>> late, late_controls;

  private:
    void fire_below(timestamp limit) {
        while (!timers_.empty() && std::get<0>(*timers_.begin()) < limit) {
            due_ = std::get<0>(*timers_.begin());
            key_ = std::get<2>(*timers_.begin());
            timers_.erase(timers_.begin());
            sequence_ = 0;
            on_timer(*this, key_, states_[key_], rules_);
        }
    }

    std::size_t stage_;
    rules rules_;
    std::map<std::uint32_t, account> states_;
    std::set<std::tuple<timestamp, std::uint64_t, std::uint32_t>> timers_;
    const weir::stamp* cause_ = nullptr;
    timestamp due_{};
    std::uint32_t key_ = 0;
    std::uint32_t sequence_ = 0;
    bool forget_ = false;
};

auto timed(const logs& all, weir::duration bound) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound));
}
auto ruled(const logs& all, const logs& controls) {
    return timed(all, 7ns) | weir::key_by(&reading::key) |
           weir::named("ruled", weir::process_with<account, rules, std::string>(
                                    timed(controls, 12ns) | weir::filter(is_taken),
                                    [](auto& context, const reading& each, account& state, const rules& now) {
                                        on_record(context, each, state, now);
                                    },
                                    on_control,
                                    [](auto& context, const std::uint32_t& key, account& state, const rules& now) {
                                        on_timer(context, key, state, now);
                                    }));
}

// A long run that says stop when it meets the record of some number. The control log runs ahead by some hundred
// records, which wait.
struct long_run {
    std::atomic<bool> stop{false};
    std::uint64_t stop_at = 0;

    static constexpr std::uint64_t records = 12'000;
    weir::run_report run(unsigned threads, const std::string& folder) {
        const auto made = [](std::uint64_t i, std::int64_t ahead) {
            const auto jitter = static_cast<std::int64_t>(weir::mix_bits(i + 5) % 90);
            const auto at = static_cast<std::int64_t>(i) * 10 + ahead + jitter;
            return make_reading(static_cast<std::uint32_t>(weir::mix_bits(i) % 50), at,
                                static_cast<std::int64_t>(weir::mix_bits(i + 1) % 100));
        };
        const auto keyed = weir::generate(records,
                                          [this, made](std::uint64_t i) {
                                              if (i == stop_at) stop.store(true);
                                              return made(i, 0);
                                          }) |
                           weir::named("records", weir::event_time(&reading::at, weir::out_of_order(20ns))) |
                           weir::key_by(&reading::key);
        const auto control =
            weir::generate(records, [made](std::uint64_t i) { return made(i, 3000); }) |
            weir::named("controls", weir::event_time(&reading::at, weir::out_of_order(25ns))) |
            weir::filter(is_taken);
        const auto results =
            keyed | weir::named("ruled", weir::process_with<account, rules, std::string>(
                                             control,
                                             [](auto& context, const reading& each, account& state, const rules& now) {
                                                 on_record(context, each, state, now);
                                             },
                                             on_control,
                                             [](auto& context, const std::uint32_t& key, account& state,
                                                const rules& now) { on_timer(context, key, state, now); }));
        weir::batch how{.threads = threads, .chunk = 64};
        how.tuning.stop = &stop;
        how.checkpoint.directory = folder;
        how.checkpoint.every = 200us;
        return weir::run(weir::graph("long", results | weir::into(sink), weir::late_right(results) | weir::into(late)),
                         how);
    }
    decltype(weir::collect<std::string>()) sink = weir::collect<std::string>();
    decltype(weir::collect<reading>()) late = weir::collect<reading>();
};

}  // namespace

TEST_CASE("every record sees the control records before it in turn, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 70, .partitions = 1 + seed % 3, .keys = 3 + seed % 9});
    const logs controls = random_logs(seed + 1000, {.records = 40, .partitions = 1 + seed % 2, .step = 9});
    const auto results = ruled(all, controls);
    const auto sink = weir::collect_stamped<std::string>();
    const auto late = weir::collect_stamped<reading>();
    const auto late_controls = weir::collect_stamped<reading>();
    const weir::graph what("ruled", results | weir::into(sink), weir::late_left(results) | weir::into(late),
                           weir::late_right(results) | weir::into(late_controls));
    const oracle wanted(all, controls, what.number_of(results.from().get()));
    const auto report = run_everywhere(what, seed, sink, late, late_controls);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    CHECK(report.output(late).size() == wanted.late.size());
    CHECK(report.output(late_controls).size() == wanted.late_controls.size());
    CHECK(report.of("ruled").balanced());
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late, late_controls);
}

TEST_CASE("control records that come of the records themselves are in turn with them", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 7U));
    CAPTURE(seed);
    const auto [controls, records] =
        timed(random_logs(seed, {.records = 80, .partitions = 1 + seed % 3}), 9ns) |
        weir::split([](const reading& each) { return each.amount % 4 == 0; });
    const auto results = records | weir::key_by(&reading::key) |
                         weir::process_with<account, rules>(
                             controls,
                             [](auto&, const reading& each, account& state, const rules& now) {
                                 ++state.count;
                                 return seen("record", each.key, state, now);
                             },
                             on_control);
    const auto sink = weir::collect_stamped<std::string>();
    const weir::graph what("of one", results | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    CHECK(report.output(sink).size() > 20);
    restore_everywhere(what, report, sink);
}

TEST_CASE("a run with control records goes on with other threads, wherever each worker was", "[operators]") {
    long_run plain;
    plain.stop_at = long_run::records;
    const weir::run_report whole = plain.run(1, "");
    REQUIRE(whole.reached_end);
    CHECK(whole.output(plain.late).size() > 50);
    constexpr unsigned threads[]{3, 4, 4, 1, 2, 2};
    const temporary_folder folder;
    std::uint64_t stop_at = 900;
    for (std::size_t piece = 0;; ++piece, stop_at += 1'300) {
        CAPTURE(piece);
        long_run next;
        next.stop_at = stop_at;
        const weir::run_report report = next.run(threads[piece % 6], folder / "state");
        CHECK(report.balanced());
        if (!report.reached_end) continue;
        CHECK(piece > 3);
        CHECK((report.output(next.sink) == whole.output(plain.sink)));
        CHECK((report.output(next.late) == whole.output(plain.late)));
        CHECK(report.of("ruled") == whole.of("ruled"));
        break;
    }
}

TEST_CASE("what is broadcast must be storable, and is part of the schema", "[operators]") {
    struct hidden {
        int* somewhere = nullptr;
    };
    const logs none{{}};
    const auto made = [&]<class Broadcast>(Broadcast) {
        return (timed(none, 1ns) | weir::key_by(&reading::key) |
                weir::process_with<account, Broadcast>(
                    timed(none, 1ns),
                    [](auto&, const reading& each, account&, const Broadcast&) { return each.amount; },
                    [](const reading&, Broadcast&) {}))
            .from()
            ->make({});
    };
    CHECK(made(rules{})->why_not_storable().empty());
    CHECK(made(rules{})->schema() ==
          "struct{key:u32,state:struct{count:i64},broadcast:struct{fingerprint:u64,taken:i64}}");
    CHECK(made(hidden{})->why_not_storable() ==
          "process_with: what is broadcast cannot be stored: describe it with BOOST_DESCRIBE_STRUCT");
}
