// SPDX-License-Identifier: Apache-2.0
// Engines in programs that run on Boost.Asio. start_on(io_context, graph, runner) lets a graph go on in the host's own
// event loop, without a thread; async_ask asks any engine with a completion token:
//
//   weir::result<Decision> d = co_await weir::async_ask(engine, requests, transaction, asio::use_awaitable);
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <weir/runtime/engine.hpp>

namespace weir {
namespace detail {

// Polls an engine when it says that there is work, a little at a time, so that other handlers have their turn.
class asio_driver : public std::enable_shared_from_this<asio_driver> {
  public:
    explicit asio_driver(boost::asio::io_context& io) : io_(io), timer_(io) {}

    void begin(engine& driven) {
        engine_ = &driven;
        wake();
    }
    // What is posted already does nothing any more.
    void end() {
        engine_ = nullptr;
        timer_.cancel();
    }
    void wake() {
        if (posted_.exchange(true)) return;
        boost::asio::post(io_, [self = shared_from_this()] { self->take_turn(); });
    }

  private:
    static constexpr unsigned polls_per_turn = 16;
    static constexpr std::chrono::microseconds look_again{500};

    void take_turn() {
        posted_.store(false);
        if (engine_ == nullptr) return;
        for (unsigned i = 0; i < polls_per_turn; ++i) {
            if (engine_->poll()) continue;
            if (engine_->running() && engine_->must_be_polled()) look_again_later();
            return;
        }
        wake();
    }
    void look_again_later() {
        timer_.expires_after(look_again);
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
            if (!cancelled) self->wake();
        });
    }

    boost::asio::io_context& io_;
    boost::asio::steady_timer timer_;
    engine* engine_ = nullptr;
    std::atomic<bool> posted_{false};
};

}  // namespace detail

// An engine that goes on in an io_context. It may be asked and pushed to from any thread; it must be destroyed where
// the io_context runs, or when it does not. The io_context is to be run by one thread.
class asio_engine {
  public:
    template <class Runner>
    asio_engine(boost::asio::io_context& io, const graph& what, const Runner& how, environment& where)
        : driver_(std::make_shared<detail::asio_driver>(io)),
          engine_(std::make_unique<engine>(start_polled(what, how, where, [driver = driver_] { driver->wake(); }))) {
        driver_->begin(*engine_);
    }
    asio_engine(asio_engine&&) noexcept = default;
    asio_engine& operator=(asio_engine&&) = delete;
    ~asio_engine() {
        if (driver_ != nullptr) driver_->end();
    }

    [[nodiscard]] engine& operator*() const noexcept { return *engine_; }
    [[nodiscard]] engine* operator->() const noexcept { return engine_.get(); }

  private:
    std::shared_ptr<detail::asio_driver> driver_;
    std::unique_ptr<engine> engine_;
};

template <class Runner>
[[nodiscard]] asio_engine start_on(boost::asio::io_context& io, const graph& what, const Runner& how,
                                   environment& where = machine()) {
    return {io, what, how, where};
}

// Asks without waiting; the token's signature is void(result<Reply>), and it completes on the executor that goes with
// it.
template <class Request, class Reply, class Token>
auto async_ask(engine& asked, const request_source<Request, Reply>& requests, std::type_identity_t<Request> request,
               Token&& token) {
    const auto begin = [&asked, requests](auto handler, Request sent) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        const auto complete = [kept](result<Reply> reply) {
            const auto executor = boost::asio::get_associated_executor(*kept);
            boost::asio::dispatch(executor, [kept, reply = std::move(reply)]() mutable {
                auto call = std::move(*kept);
                std::move(call)(std::move(reply));
            });
        };
        if (std::optional<failure> why = asked.ask_then(requests, std::move(sent), complete)) complete(*std::move(why));
    };
    return boost::asio::async_initiate<Token, void(result<Reply>)>(begin, token, std::move(request));
}

}  // namespace weir
