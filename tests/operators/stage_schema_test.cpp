// SPDX-License-Identifier: Apache-2.0
// What a stage says of its state before a record is taken: its schema, and whether it can be stored at all.
#include <weir/aggregates/as.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/aggregates/variance.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/window.hpp>
#include <weir/record/schema.hpp>
#include <weir/sources/memory.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

struct account {
    std::int64_t count = 0;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(account, (), (count, sum))
struct later_account {
    std::int64_t count = 0;
    std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(later_account, (), (count, sum))
struct not_described {
    int* somewhere = nullptr;
};

template <class Stream> std::unique_ptr<weir::stage> made(const Stream& last) { return last.from()->make({}); }

const auto timed = [] { return weir::memory(readings{}) | weir::event_time(&reading::at, weir::out_of_order(5ns)); };
const auto keyed = [] { return timed() | weir::key_by(&reading::key); };

template <class State> auto processed() {
    return keyed() | weir::process<State>([](auto&, const reading& each, State&) { return each.amount; });
}

}  // namespace

TEST_CASE("stages say what they keep", "[operators]") {
    CHECK(made(processed<account>())->schema() == "struct{key:u32,state:struct{count:i64,sum:f64}}");
    CHECK(made(keyed() | weir::window(weir::sliding(10min, 1min), weir::allowed_lateness{5s}) |
               weir::aggregate(weir::count(), weir::sum(&reading::value), weir::sum(&reading::amount),
                               weir::as("any, at all", weir::first(&reading::note))))
              ->schema() == "struct{key:u32,window:sliding 10m 1m late 5s,states:struct{count:u64,sum_value:exact_sum,"
                            "sum_amount:i128,any_ at all:stamped<text>}}");
    CHECK(made(timed() | weir::key_by(&reading::note) | weir::window(weir::tumbling(10s)) |
               weir::aggregate(weir::max(&reading::value), weir::distinct(&reading::note),
                               weir::mean(&reading::amount), weir::variance(&reading::value)))
              ->schema() == "struct{key:text,window:tumbling 10s,states:struct{max_value:extreme<f64>,"
                            "distinct_note:counts<text>,mean_amount:mean<i128>,variance_value:exact_moments}}");
    CHECK(made(keyed() | weir::rolling(5min, 24h) |
               weir::aggregate(weir::count(), weir::sum(&reading::value),
                               weir::over(24h, weir::distinct(&reading::note))))
              ->schema() ==
          "struct{key:u32,rolling:5m 24h,kept:struct{count:nothing,sum_value:f64,distinct_note:text}}");
    CHECK(made(keyed() | weir::rolling(1s) | weir::aggregate(weir::first(&reading::amount)))->schema() ==
          "struct{key:u32,rolling:1s,kept:struct{stamp:stamp,first_amount:i64}}");
}

TEST_CASE("the schemas of two programs tell what has changed", "[operators]") {
    CHECK(weir::tag_difference(made(processed<account>())->schema(), made(processed<later_account>())->schema()) ==
          "state.sum was f64 and is i64");
    const auto windows = [](auto what) {
        return made(keyed() | weir::window(std::move(what)) | weir::aggregate(weir::count()))->schema();
    };
    CHECK(weir::tag_difference(windows(weir::tumbling(10s)), windows(weir::tumbling(20s))) ==
          "window was tumbling 10s and is tumbling 20s");
    CHECK(weir::tag_difference(windows(weir::daily("Europe/Berlin")), windows(weir::daily("America/New_York"))) ==
          "window was daily Europe/Berlin and is daily America/New_York");
    CHECK(weir::tag_difference(windows(weir::weekly("UTC", std::chrono::Monday)),
                               windows(weir::weekly("UTC", std::chrono::Sunday))) ==
          "window was weekly Monday UTC and is weekly Sunday UTC");
}

TEST_CASE("stages say before a run whether their state can be stored", "[operators]") {
    CHECK(made(processed<account>())->why_not_storable().empty());
    CHECK(made(processed<not_described>())->why_not_storable() ==
          "process: this state cannot be stored: describe it with BOOST_DESCRIBE_STRUCT");
    const auto hidden = timed() | weir::map([](const reading&) { return not_described{}; });
    CHECK(made(timed() | weir::sort_by_time())->why_not_storable().empty());
    CHECK(made(hidden | weir::sort_by_time())->why_not_storable() ==
          "sort_by_time: records of this type cannot be stored: describe them with BOOST_DESCRIBE_STRUCT");
    CHECK(made(weir::join_by_origin(hidden, timed()))->why_not_storable() ==
          "join_by_origin: records of this type cannot be stored: describe them with BOOST_DESCRIBE_STRUCT");
    const auto amounts = keyed() | weir::rolling(1s) | weir::aggregate(weir::sum(&reading::amount));
    CHECK(made(amounts)->why_not_storable().empty());
    const auto last_hidden = [](const reading&) { return not_described{}; };
    CHECK(made(keyed() | weir::rolling(1s) | weir::aggregate(weir::first(last_hidden)))->why_not_storable() ==
          "rolling: what is kept of these records cannot be stored: describe it with BOOST_DESCRIBE_STRUCT");
    CHECK(made(keyed() | weir::window(weir::tumbling(1s)) | weir::aggregate(weir::first(last_hidden)))
              ->why_not_storable() == "aggregate: a state of this type cannot be stored: give it save and load");
    // Who asks for it all the same is told so.
    weir::state_batch batch;
    CHECK_THROWS_AS(made(processed<not_described>())->save_changes(batch, true), weir::error);
}
