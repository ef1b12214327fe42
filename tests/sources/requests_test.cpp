// SPDX-License-Identifier: Apache-2.0
// requests(): a log that only an engine can read, and only one that replies to it can be asked.
#include <weir/sources/requests.hpp>

#include <weir/operators/map.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/push.hpp>

#include "operators/support.hpp"

using namespace operators_test;
using weir::failure_kind;

namespace {
weir::graph doubled(const weir::request_source<reading, std::int64_t>& requests) {
    return weir::graph("doubled", requests | weir::map([](const reading& each) { return 2 * each.amount; }) |
                                      weir::reply(requests));
}
}  // namespace

TEST_CASE("requests need an engine, and it needs to know them", "[sources]") {
    const auto requests = weir::requests<reading, std::int64_t>();
    CHECK_THROWS_WITH(weir::run(doubled(requests), weir::batch{}), Catch::Contains("run the graph by weir::start"));
    auto engine = weir::start_polled(doubled(requests), weir::event_loop{});
    CHECK(engine.ask(requests, make_reading(1, 1, 21)).value() == 42);
    const auto other = weir::requests<reading, std::int64_t>();
    CHECK(engine.ask(other, make_reading(1, 1)).failure().kind() == failure_kind::misused);
    CHECK(engine.push(weir::pushed<reading>(), make_reading(1, 1)).failure().kind() == failure_kind::misused);
    weir::testing::simulation where;
    CHECK_THROWS_WITH(weir::start(doubled(requests), weir::event_loop{}, where), Catch::Contains("start_polled"));
}
