// SPDX-License-Identifier: Apache-2.0
// Engines on Boost.Asio: in the host's event loop, and asked by coroutines.
#include <weir/runtime/asio.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/process.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/push.hpp>
#include <weir/sources/requests.hpp>

#include "operators/support.hpp"

using namespace std::chrono_literals;
using namespace operators_test;
namespace asio = boost::asio;

namespace {

struct tally {
    std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(tally, (), (seen))

using requests_type = weir::request_source<reading, std::int64_t>;

weir::graph totals(const requests_type& requests) {
    return weir::graph("totals", requests | weir::key_by(&reading::key) |
                                     weir::process<tally, std::int64_t>(
                                         [](auto& context, const reading& each, tally& state) {
                                             if (each.amount == 13) throw std::runtime_error("thirteen");
                                             context.emit(state.seen += each.amount);
                                         }) |
                                     weir::reply(requests));
}

// Asks so often, one after the other, and says what it got.
asio::awaitable<void> ask_often(weir::engine& engine, requests_type requests, std::int64_t times,
                                std::vector<std::int64_t>& got) {
    for (std::int64_t i = 0; i < times; ++i) {
        const weir::result<std::int64_t> reply =
            co_await weir::async_ask(engine, requests, make_reading(1, i, 1), asio::use_awaitable);
        if (reply) got.push_back(*reply);
    }
}

}  // namespace

TEST_CASE("an engine in an io_context answers coroutines", "[runtime]") {
    const unsigned threads = GENERATE(1U, 2U);
    CAPTURE(threads);
    asio::io_context io;
    const requests_type requests = weir::requests<reading, std::int64_t>();
    const auto engine = weir::start_on(io, totals(requests), weir::event_loop{.threads = threads});
    std::vector<std::int64_t> got;
    for (int i = 0; i < 3; ++i) asio::co_spawn(io, ask_often(*engine, requests, 100, got), asio::detached);
    io.run();  // ends when nobody asks any more
    CHECK(got.size() == 300);
    CHECK(std::is_sorted(got.begin(), got.end()));
    CHECK(got.back() == 300);
    CHECK(engine->ask(requests, make_reading(1, 1, 5)).value() == 305);
    CHECK(engine->stop());
}

TEST_CASE("an engine with threads answers coroutines, too", "[runtime]") {
    asio::io_context io;
    const auto work = asio::make_work_guard(io);
    const requests_type requests = weir::requests<reading, std::int64_t>();
    auto engine = weir::start(totals(requests), weir::event_loop{});
    std::vector<std::int64_t> got;
    asio::co_spawn(io, ask_often(engine, requests, 100, got), [&io](const std::exception_ptr&) { io.stop(); });
    io.run();
    CHECK(got.size() == 100);
}

TEST_CASE("what is pushed into an engine in an io_context is carried by it", "[runtime]") {
    asio::io_context io;
    const auto feed = weir::pushed<reading>();
    const auto sink = weir::collect<std::int64_t>();
    const auto engine = weir::start_on(
        io, weir::graph("fed", feed | weir::map([](const reading& each) { return each.amount; }) | weir::into(sink)),
        weir::event_loop{});
    for (std::int64_t i = 0; i < 5000; ++i) CHECK(engine->push(feed, make_reading(1, i, i)));
    io.run();
    CHECK(engine->output(sink).size() == 5000);
    engine->close(feed);
    io.restart();
    io.run();
    CHECK_FALSE(engine->running());
    CHECK(engine->wait().value().reached_end);
}

TEST_CASE("coroutines hear what went wrong", "[runtime]") {
    asio::io_context io;
    const requests_type requests = weir::requests<reading, std::int64_t>();
    const auto engine = weir::start_on(io, totals(requests), weir::event_loop{});
    std::vector<weir::failure_kind> failures;
    const auto ask = [&](std::int64_t amount) -> asio::awaitable<void> {
        const auto reply =
            co_await weir::async_ask(*engine, requests, make_reading(1, 1, amount), asio::use_awaitable);
        if (!reply) failures.push_back(reply.failure().kind());
    };
    asio::co_spawn(io, ask(1), asio::detached);
    io.run();
    asio::co_spawn(io, ask(13), asio::detached);
    io.restart();
    io.run();
    asio::co_spawn(io, ask(1), asio::detached);
    io.restart();
    io.run();
    using enum weir::failure_kind;
    CHECK(failures == std::vector{failed, failed});
}
