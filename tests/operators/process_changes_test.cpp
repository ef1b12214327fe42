// SPDX-License-Identifier: Apache-2.0
// What process writes when only changes are asked for.
#include <weir/operators/event_time.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/sources/memory.hpp>

#include "operators/lone_stage.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct account {
    std::int64_t count = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(account, (), (count, note))

const auto timed = [] { return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(14ns)); };

// Counts; every now and then a key is forgotten, with or without the record's own timer, which may fire for a key that
// has no state any more.
const auto on_record = [](auto& context, const reading& each, account& state) {
    ++state.count;
    state.note = each.note;
    if (each.amount % 4 == 0) context.set_timer(context.time() + weir::duration{3 + each.amount % 60});
    if (each.amount % 7 == 0) context.set_timer(context.time() - 2ns);
    if (each.amount % 5 == 0) context.forget();
    context.emit(std::to_string(state.count) + state.note);
};
const auto without_timers = [](auto& context, const reading& each, account& state) {
    ++state.count;
    state.note += static_cast<char>('a' + (each.amount + 30) % 26);
    if (each.amount % 5 == 0) context.forget();
    return std::to_string(state.count) + state.note;
};
const auto on_timer = [](auto& context, const auto&, account& state) {
    context.emit("timer " + std::to_string(state.count));
    if (++state.count % 3 == 0) context.forget();
    if (state.count % 3 == 1) context.set_timer(context.time() + 17ns);
};

template <class Stream, class KeyOf> changes_check with_timers(const Stream& last, const KeyOf& key_of) {
    changes_check made = check_of(last, key_of);
    made.images = false;  // timers lie in the order of a heap there
    return made;
}

}  // namespace

TEST_CASE("process writes the keys and timers that have changed", "[operators]") {
    changes_seen seen;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        weir::testing::seeded choose(seed);
        const std::uint64_t keys = seed % 3 == 0 ? 4 : 40;
        const logs all = random_logs(seed, {.records = 150, .partitions = 1 + seed % 2, .keys = keys});
        const auto steps = random_steps(arrivals(all, weir::duration{6}), choose);
        const auto by_number = timed() | weir::key_by(&reading::key);
        const auto by_text = timed() | weir::key_by(&reading::note);
        const auto number = [](const reading& each) { return each.key; };
        const auto text = [](const reading& each) { return each.note; };
        seen += check_changes(check_of(by_number | weir::process<account>(without_timers), number),
                              steps, choose);
        seen += check_changes(with_timers(by_number | weir::process<account, std::string>(on_record, on_timer), number),
                              steps, choose);
        seen += check_changes(with_timers(by_text | weir::process<account, std::string>(on_record, on_timer), text),
                              steps, choose);
    }
    CHECK(seen.restores > 1000);
    CHECK(seen.entries_written < seen.entries_there);
}
