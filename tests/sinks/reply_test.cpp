// SPDX-License-Identifier: Apache-2.0
// reply(requests): who is answered by what, and which graphs are refused because whoever asks would wait.
#include <weir/sinks/reply.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;
using weir::failure_kind;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

template <class Build> std::string refusal_of(const Build& build) {
    try {
        static_cast<void>(build());
    } catch (const weir::error& wrong) {
        CHECK(wrong.kind() == weir::error_kind::configuration);
        return wrong.what();
    }
    return "nothing was refused";
}

}  // namespace

TEST_CASE("what a timer makes is nobody's reply", "[runtime]") {
    const auto requests = weir::requests<reading, std::int64_t>();
    auto engine = weir::start_polled(
        weir::graph("timers", requests | weir::event_time(&reading::at, weir::out_of_order(0ns)) |
                                  weir::key_by(&reading::key) |
                                  weir::process<tally, std::int64_t>(
                                      [](auto& context, const reading& each, tally&) {
                                          context.set_timer(each.at + 5ns);
                                          if (each.amount > 0) context.emit(each.amount);
                                      },
                                      [](auto& context, const std::uint32_t&, tally&) { context.emit(-1); }) |
                                  weir::reply(requests)),
        weir::event_loop{});
    CHECK(engine.ask(requests, make_reading(1, 100, 7)).value() == 7);
    CHECK(engine.ask(requests, make_reading(1, 200, 0)).failure().kind() == failure_kind::unanswered);
    CHECK(engine.ask(requests, make_reading(1, 300, 9)).value() == 9);
    CHECK(engine.superfluous_replies(requests) > 0);
}

TEST_CASE("graphs whose reply would wait are refused", "[runtime]") {
    const auto requests = weir::requests<reading, std::int64_t>();
    const auto timed = requests | weir::event_time(&reading::at, weir::out_of_order(0ns));
    const auto amount = weir::map([](const reading& each) { return each.amount; });
    CHECK(refusal_of([&] {
              return weir::graph("g", timed | weir::key_by(&reading::key) | weir::window(weir::tumbling(1s)) |
                                          weir::aggregate(weir::count()) | weir::map([](const auto& row) {
                                              return static_cast<std::int64_t>(row.template get<0>());
                                          }) | weir::reply(requests));
          }).find("the reply waits for a watermark: #2 aggregate speaks when time has passed") != std::string::npos);
    CHECK(refusal_of([&] {
              return weir::graph("g", timed | weir::sort_by_time() | amount | weir::reply(requests));
          }).find("the reply waits for a watermark") != std::string::npos);
    const auto other = weir::pushed<reading>();
    CHECK(refusal_of([&] {
              return weir::graph("g", weir::merge(requests | amount, other | amount) | weir::reply(requests));
          }).find("the reply waits for another log: #1 pushed") != std::string::npos);
    CHECK(refusal_of([&] { return weir::graph("g", other | amount | weir::reply(requests)); })
              .find("another log") != std::string::npos);
    CHECK(refusal_of([&] {
              return weir::graph("g", requests | amount | weir::reply(requests),
                                 requests | amount | weir::reply(requests));
          }).find("two sinks reply to the same requests") != std::string::npos);
    // What is late comes when it comes: it may be answered.
    CHECK_NOTHROW(weir::graph("g", weir::late(timed | weir::key_by(&reading::key) | weir::window(weir::tumbling(1s)) |
                                              weir::aggregate(weir::count())) |
                                       amount | weir::reply(requests)));
}
