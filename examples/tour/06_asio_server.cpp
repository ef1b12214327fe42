// SPDX-License-Identifier: Apache-2.0
// Embedding in a server: the engine goes on in the host's io_context, without a thread of its own, and coroutines ask
// it by `co_await async_ask`. The server answers each line, a number, with the sum of all numbers so far.
#include <boost/asio.hpp>
#include <charconv>
#include <iostream>
#include <weir/runtime/asio.hpp>
#include <weir/weir.hpp>

namespace asio = boost::asio;
using asio::ip::tcp;
using numbers = weir::request_source<std::int32_t, std::int64_t>;

asio::awaitable<void> answer(tcp::socket socket, weir::engine& engine, numbers requests) {
    for (std::string buffer;;) {
        const auto [error, size] = co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer, 1024), '\n',
                                                                   asio::as_tuple(asio::use_awaitable));
        if (error) co_return;  // the client has gone, or its line is too long
        std::string reply = "not a number";
        std::int32_t number = 0;
        const char* const end = buffer.data() + size - 1;
        if (const auto read = std::from_chars(buffer.data(), end, number); read.ptr == end && read.ec == std::errc{}) {
            const auto sum = co_await weir::async_ask(engine, requests, number, asio::use_awaitable);
            reply = sum ? std::to_string(*sum) : sum.failure().text();
        }
        reply += '\n';
        buffer.erase(0, size);
        co_await asio::async_write(socket, asio::buffer(reply), asio::use_awaitable);
    }
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, weir::engine& engine, numbers requests) {
    for (;;) {
        tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), answer(std::move(socket), engine, requests), asio::detached);
    }
}

asio::awaitable<void> be_a_client(tcp::endpoint server) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(server, asio::use_awaitable);
    for (const std::string line : {"1\n", "20\n", "six\n", "300\n"}) {
        co_await asio::async_write(socket, asio::buffer(line), asio::use_awaitable);
        std::string reply;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(reply), '\n', asio::use_awaitable);
        std::cout << reply;
    }
}

int main() {
    asio::io_context io;
    const numbers requests = weir::requests<std::int32_t, std::int64_t>();
    const auto add = [](auto&, std::int32_t number, std::int64_t& sum) { return sum += number; };
    const auto sums = requests | weir::key_by([](std::int32_t) { return 0; }) | weir::process<std::int64_t>(add);
    const auto engine = weir::start_on(io, weir::graph("sums", sums | weir::reply(requests)), weir::event_loop{});
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    asio::co_spawn(io, serve(acceptor, *engine, requests), asio::detached);
    asio::co_spawn(io, be_a_client(acceptor.local_endpoint()), [&io](const std::exception_ptr&) { io.stop(); });
    io.run();
}
