// SPDX-License-Identifier: Apache-2.0
// What a timer of process does at the edges.
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct nothing_kept {
    std::int64_t unused = 0;
};
BOOST_DESCRIBE_STRUCT(nothing_kept, (), (unused))

// Runs two functions over a log with a bound of 5 ns.
template <class OnRecord, class OnTimer> auto run_timers(readings records, OnRecord on_record, OnTimer on_timer) {
    const auto results = weir::memory(std::move(records)) | weir::event_time(&reading::at, weir::out_of_order(5ns)) |
                         weir::key_by(&reading::key) | weir::process<nothing_kept, std::string>(on_record, on_timer);
    const auto sink = weir::collect_stamped<std::string>();
    const weir::graph what("timers", results | weir::into(sink));
    const auto report = run_everywhere(what, 1, sink);
    restore_everywhere(what, report, sink);
    return report.output(sink);
}
template <class Items> std::vector<std::string> words(const Items& items) {
    std::vector<std::string> made;
    for (const auto& each : items) {
        made.push_back(each.record + " " + std::to_string(each.at.time.time_since_epoch().count()));
    }
    return made;
}
const auto say_key = [](auto& context, const std::uint32_t& key, nothing_kept&) {
    context.emit("timer " + std::to_string(key));
};
const auto say_nothing = [](auto&, const reading&, nothing_kept&) {};

}  // namespace

TEST_CASE("timers of silent keys fire by the watermark of others, in order of time and key", "[operators]") {
    const auto items = run_timers(
        {make_reading(1, 10), make_reading(2, 10), make_reading(3, 9), make_reading(9, 100), make_reading(9, 100)},
        [](auto& context, const reading& each, nothing_kept&) {
            if (each.key != 9) context.set_timer(nanosecond(50));
            if (each.key == 3) context.set_timer(nanosecond(49));
            context.emit("record " + std::to_string(each.key));
        },
        say_key);
    std::vector<std::pair<std::uint64_t, std::string>> order;
    for (const std::uint32_t key : {1U, 2U, 3U}) {
        order.emplace_back(weir::stable_hash(key), "timer " + std::to_string(key) + " 50");
    }
    std::sort(order.begin(), order.end());
    // The first record of key 9 comes before anything is due: its own watermark is that of the records before it.
    CHECK(words(items) == std::vector<std::string>{"record 1 10", "record 2 10", "record 3 9", "record 9 100",
                                                   "timer 3 49", order[0].second, order[1].second, order[2].second,
                                                   "record 9 100"});
    CHECK(items[4].at.watermark() == nanosecond(49));
}

TEST_CASE("a timer at the watermark waits, and what is left fires at the end of input", "[operators]") {
    const auto items = run_timers(
        {make_reading(1, 10), make_reading(1, 10), make_reading(1, 10)},
        [](auto& context, const reading&, nothing_kept&) {
            if (context.watermark() != weir::time_lowest) context.set_timer(context.watermark());
            context.emit("record");
        },
        say_key);
    CHECK(words(items) == std::vector<std::string>{"record 10", "record 10", "record 10", "timer 1 5"});
}

TEST_CASE("timers below the watermark fire in the call that set them, once per time, in order", "[operators]") {
    const auto items = run_timers(
        {make_reading(1, 10), make_reading(1, 7)},
        [](auto& context, const reading& each, nothing_kept&) {
            if (each.at == nanosecond(10)) return;
            context.set_timer(nanosecond(4));
            context.set_timer(nanosecond(2));
            context.set_timer(nanosecond(4));
            context.emit("record");
        },
        say_key);
    CHECK(words(items) == std::vector<std::string>{"record 7", "timer 1 7", "timer 1 7"});
    for (const auto& each : items) CHECK(each.at.watermark() == nanosecond(5));
}

TEST_CASE("a timer handler may set later timers only", "[operators]") {
    const auto refused = [](auto on_record, auto on_timer) {
        try {
            static_cast<void>(run_timers({make_reading(1, 10), make_reading(1, 7)}, on_record, on_timer));
        } catch (const weir::error& thrown) {
            CHECK(thrown.kind() == weir::error_kind::user);
            return std::string(thrown.what()).find("only set later timers") != std::string::npos;
        }
        return false;
    };
    const auto later = [](auto& context, const reading&, nothing_kept&) { context.set_timer(nanosecond(20)); };
    CHECK(
        refused(later, [](auto& context, const std::uint32_t&, nothing_kept&) { context.set_timer(nanosecond(20)); }));
    CHECK(refused(later, [](auto& context, const std::uint32_t&, nothing_kept&) { context.set_timer(nanosecond(3)); }));
    // The same for a timer that fires at once: it would fire for ever.
    const auto earlier = [](auto& context, const reading& each, nothing_kept&) {
        if (each.at != nanosecond(10)) context.set_timer(nanosecond(2));
    };
    CHECK(
        refused(earlier, [](auto& context, const std::uint32_t&, nothing_kept&) { context.set_timer(nanosecond(2)); }));
    const auto items = run_timers({make_reading(1, 10), make_reading(1, 7)}, earlier,
                                  [](auto& context, const std::uint32_t&, nothing_kept&) {
                                      context.emit("timer");
                                      if (context.time() < nanosecond(9)) context.set_timer(nanosecond(9));
                                  });
    CHECK(words(items) == std::vector<std::string>{"timer 7", "timer 9"});
}

TEST_CASE("no timer is set at the end of time, where none would ever fire", "[operators]") {
    const auto never = [](auto& context, const reading&, nothing_kept&) { context.set_timer(weir::time_highest); };
    CHECK_THROWS_WITH(run_timers({make_reading(1, 10)}, never, say_key), Catch::Contains("would never fire"));
    const auto last = [](auto& context, const reading&, nothing_kept&) {
        context.set_timer(weir::time_highest - weir::one_tick);
    };
    CHECK(run_timers({make_reading(1, 10)}, last, say_key).size() == 1);
}

TEST_CASE("process without a timer function, with an optional result, and without event time", "[operators]") {
    const auto sink = weir::collect<int>();
    const auto odd =
        weir::memory(std::vector{1, 2, 3, 4, 5}) | weir::key_by([](int each) { return each % 2; }) |
        weir::process<nothing_kept>([](auto& context, int each, nothing_kept& state) -> std::optional<int> {
            state.unused += each;
            if (context.key() == 0) return std::nullopt;
            return static_cast<int>(state.unused);
        });
    CHECK(run_everywhere(weir::graph("odd", odd | weir::into(sink)), 1).output(sink) == std::vector{1, 4, 9});
    // A timer that nobody would hear is refused.
    const auto deaf =
        weir::memory(std::vector{1}) | weir::key_by([](int each) { return each; }) |
        weir::process<nothing_kept, int>([](auto& context, int, nothing_kept&) { context.set_timer(nanosecond(5)); });
    CHECK_THROWS_WITH(weir::run(weir::graph("deaf", deaf | weir::into(sink)), weir::batch{}),
                      Catch::Contains("set_timer needs an on_timer function"));
    const auto none = run_timers({make_reading(1, 10)}, say_nothing, say_key);
    CHECK(none.empty());
}
