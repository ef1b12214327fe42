// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/process.hpp>

#include <map>
#include <set>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

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

// The functions under test and the oracle's are the same; what differs is who calls them, when, and with what.
template <class Context> void on_record(Context& context, const reading& each, account& state) {
    ++state.count;
    state.sum += each.amount;
    context.emit(text("record", each.key, state, context.time()));
    if (each.amount % 4 == 0) context.set_timer(each.at + 10ns);
    if (each.amount % 8 == 0) context.set_timer(each.at + 10ns);
    if (context.watermark() != weir::time_lowest) {
        if (each.amount % 5 == 0) context.set_timer(context.watermark());
        if (each.amount % 3 == 0) context.set_timer(context.watermark() - 1ns);
        if (each.amount % 6 == 0) context.set_timer(context.watermark() - 3ns);
        if (each.amount % 9 == 0) context.set_timer(context.watermark() - 1ns);
    }
    if (each.amount % 13 == 0) context.forget();
}
template <class Context> void on_timer(Context& context, const std::uint32_t& key, account& state) {
    ++state.count;
    context.emit(text("timer", key, state, context.time()));
    context.emit(text("again", context.key(), state, context.watermark()));
    if (state.count % 3 == 0) context.set_timer(context.time() + 7ns);
    if (state.sum % 6 == 0) context.forget();
}

class oracle {
  public:
    oracle(const std::vector<weir::stamped<reading>>& records, std::size_t stage) : stage_(stage) {
        for (const auto& each : records) {
            fire_below(each.at.watermark());
            if (each.at.time < each.at.watermark()) {
                late.push_back(each);
                continue;
            }
            take(each);
        }
        fire_below(weir::time_highest);
    }
    std::vector<weir::stamped<std::string>> results;
    std::vector<weir::stamped<reading>> late;

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
    [[nodiscard]] std::uint32_t key() const { return key_; }
    [[nodiscard]] timestamp time() const { return cause_ != nullptr ? cause_->time : due_; }
    [[nodiscard]] timestamp watermark() const { return cause_ != nullptr ? cause_->watermark() : due_; }

  private:
    static std::uint64_t hash(std::uint32_t key) { return weir::stable_hash(key); }
    void take(const weir::stamped<reading>& each) {
        key_ = each.record.key;
        cause_ = &each.at;
        sequence_ = 0;
        on_record(*this, each.record, states_[key_]);
        while (!at_once_.empty()) {
            at_once_.erase(at_once_.begin());
            on_timer(*this, key_, states_[key_]);
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
            on_timer(*this, key_, states_[key_]);
            finish();
        }
    }
    void finish() {
        if (std::exchange(forget_, false)) states_.erase(key_);
    }

    std::size_t stage_;
    std::map<std::uint32_t, account> states_;
    std::set<std::tuple<timestamp, std::uint64_t, std::uint32_t>> timers_;
    std::set<timestamp> at_once_;
    const weir::stamp* cause_ = nullptr;
    timestamp due_{};
    std::uint32_t key_ = 0;
    std::uint32_t sequence_ = 0;
    bool forget_ = false;
};

}  // namespace

TEST_CASE("process: state, timers, forget and late output, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    const logs all = random_logs(seed, {.records = 100, .partitions = 1 + seed % 3, .keys = 4 + seed % 5});
    const auto results =
        weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(9ns)) |
        weir::key_by(&reading::key) |
        weir::named(
            "accounts",
            weir::process<account, std::string>(
                [](auto& context, const reading& each, account& state) { on_record(context, each, state); },
                [](auto& context, const std::uint32_t& key, account& state) { on_timer(context, key, state); }));
    const auto sink = weir::collect_stamped<std::string>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("process", results | weir::into(sink), weir::late(results) | weir::into(late));
    const oracle wanted(arrivals(all, 9ns), what.number_of(results.from().get()));
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    REQUIRE(difference(wanted.late, report.output(late)) == "");
    CHECK(report.of("accounts").late == wanted.late.size());
    CHECK(report.of("accounts").results == wanted.results.size());
    if (seed % 4 == 0) restore_everywhere(what, report, sink, late);
}
