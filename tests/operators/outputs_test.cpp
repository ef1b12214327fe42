// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/outputs.hpp>

#include <map>
#include <set>

#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct account {
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (sum))
struct alert {
    std::uint32_t key = 0;
    std::string why;
};
BOOST_DESCRIBE_STRUCT(alert, (), (key, why))

// Emits to all outputs, in an order that depends on the record, from records and from timers.
template <class Context> void on_record(Context& context, const reading& each, account& state) {
    state.sum += each.amount;
    if (each.amount % 3 == 0) context.emit(alert{each.key, "before"});
    context.emit(state.sum);
    if (each.amount % 2 == 0) context.emit(each.note + " " + std::to_string(state.sum));
    if (each.amount % 5 == 0) context.emit(state.sum * 2);
    const alert last{each.key, "after"};
    if (each.amount % 7 == 0) context.emit(last);
    if (each.amount % 4 == 0) context.set_timer(context.time() + 12ns);
}
template <class Context> void on_timer(Context& context, std::uint32_t key, account& state) {
    context.emit(alert{key, "timer"});
    context.emit(state.sum);
    context.emit(alert{key, "timer again"});
}

class oracle {
  public:
    oracle(const std::vector<weir::stamped<reading>>& records, std::size_t stage) : stage_(stage) {
        for (const auto& each : records) {
            fire_below(each.at.watermark());
            if (each.at.time < each.at.watermark()) continue;
            key_ = each.record.key;
            cause_ = &each.at;
            sequence_ = 0;
            on_record(*this, each.record, states_[key_]);
            cause_ = nullptr;
        }
        fire_below(weir::time_highest);
    }
    void emit(std::int64_t value) { sums.push_back({value, stamp()}); }
    void emit(alert value) { alerts.push_back({std::move(value), stamp()}); }
    void emit(std::string value) { notes.push_back({std::move(value), stamp()}); }
    void set_timer(timestamp due) { timers_.insert({due, weir::stable_hash(key_), key_}); }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time : due_; }

    std::vector<weir::stamped<std::int64_t>> sums;
    std::vector<weir::stamped<alert>> alerts;
    std::vector<weir::stamped<std::string>> notes;

  private:
    weir::stamp stamp() {
        const std::uint32_t place = sequence_++;
        return cause_ != nullptr ? caused(cause_->time, *cause_, stage_, place)
                                 : triggered(due_, stage_, weir::stable_hash(key_), place);
    }
    void fire_below(timestamp limit) {
        while (!timers_.empty() && std::get<0>(*timers_.begin()) < limit) {
            due_ = std::get<0>(*timers_.begin());
            key_ = std::get<2>(*timers_.begin());
            timers_.erase(timers_.begin());
            sequence_ = 0;
            on_timer(*this, key_, states_[key_]);
        }
    }

    std::size_t stage_;
    std::map<std::uint32_t, account> states_;
    std::set<std::tuple<timestamp, std::uint64_t, std::uint32_t>> timers_;
    const weir::stamp* cause_ = nullptr;
    timestamp due_{};
    std::uint32_t key_ = 0;
    std::uint32_t sequence_ = 0;
};

using all_outputs = weir::outputs<std::int64_t, alert, std::string>;

auto accounts() {
    return weir::named("accounts",
                       weir::process<account, all_outputs>(
                           [](auto& context, const reading& each, account& state) { on_record(context, each, state); },
                           [](auto& context, const std::uint32_t& key, account& state) {
                               on_timer(context, key, state);
                           }));
}
auto keyed(const logs& all) {
    return weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
           weir::key_by(&reading::key);
}

}  // namespace

TEST_CASE("what is emitted goes by its type, with one sequence of turns, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 90, .partitions = 1 + seed % 3, .keys = 4 + seed % 5});
    const auto results = keyed(all) | accounts();
    const auto sums = weir::collect_stamped<std::int64_t>();
    const auto alerts = weir::collect_stamped<alert>();
    const auto notes = weir::collect_stamped<std::string>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("outputs", results | weir::into(sums), weir::side<alert>(results) | weir::into(alerts),
                           weir::side<std::string>(results) | weir::into(notes),
                           weir::late(results) | weir::into(late));
    const oracle wanted(arrivals(all, 9ns), what.number_of(results.from().get()));
    const auto report = run_everywhere(what, seed, sums, alerts, notes, late);
    REQUIRE(difference(wanted.sums, report.output(sums)) == "");
    REQUIRE(difference(wanted.alerts, report.output(alerts)) == "");
    REQUIRE(difference(wanted.notes, report.output(notes)) == "");
    CHECK(report.of("accounts").late == report.output(late).size());
    CHECK(report.of("accounts").results == wanted.sums.size() + wanted.alerts.size() + wanted.notes.size());
    if (seed % 4 == 0) restore_everywhere(what, report, sums, alerts, notes, late);
}

TEST_CASE("outputs of one stage that meet again are in the order in which they were emitted", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 5U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 60, .partitions = 1 + seed % 2});
    const auto results = keyed(all) | accounts();
    const auto met = weir::named(
        "met", weir::merge(results | weir::map([](std::int64_t sum) { return "sum " + std::to_string(sum); }),
                           weir::side<alert>(results) | weir::map([](const alert& each) { return each.why; })));
    const auto sink = weir::collect_stamped<std::string>();
    const weir::graph what("met", met | weir::into(sink));
    const auto report = run_everywhere(what, seed, sink);
    const oracle wanted(arrivals(all, 9ns), what.number_of(results.from().get()));
    std::vector<weir::stamped<std::string>> order;
    for (const auto& each : wanted.sums) order.push_back({"sum " + std::to_string(each.record), each.at});
    for (const auto& each : wanted.alerts) order.push_back({each.record.why, each.at});
    sort_by_turn(order);
    const auto& got = report.output(sink);
    REQUIRE(got.size() == order.size());
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(got[i].record == order[i].record);
}

TEST_CASE("side outputs need no reader, and a function that returns its result has them too", "[operators]") {
    const auto results = keyed({{make_reading(1, 0, 1), make_reading(1, 1, 2)}}) |
                         weir::process<account, weir::outputs<std::int64_t, alert>>(
                             [](auto& context, const reading& each, account& state) -> std::optional<std::int64_t> {
                                 state.sum += each.amount;
                                 context.emit(alert{each.key, "seen"});
                                 if (state.sum > 1) return state.sum;
                                 return std::nullopt;
                             });
    const auto sink = weir::collect<std::int64_t>();
    const auto report = weir::run(weir::graph("unread", results | weir::into(sink)), weir::batch{.threads = 2});
    REQUIRE(report.output(sink).size() == 1);
    CHECK(report.output(sink)[0] == 3);
}
