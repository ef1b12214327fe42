// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <weir/base/error.hpp>

#include "environment_streams.hpp"

namespace weir::detail {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using code_type = boost::system::error_code;

constexpr std::chrono::seconds longest_wait{10};

class connection final : public live_input {
  public:
    connection(const std::string& host, std::uint16_t port)
        : peer_(host + ":" + std::to_string(port)), socket_(context_) {
        code_type code;
        tcp::resolver resolver(context_);
        const auto places = resolver.resolve(host, std::to_string(port), code);
        if (code) fail("cannot find", code);
        bool answered = false;
        asio::async_connect(socket_, places, [&](const code_type& result, const tcp::endpoint&) {
            code = result;
            answered = true;
        });
        context_.run_for(longest_wait);
        if (!answered) {
            // The handler is not called any more: it goes with the context.
            throw error(error_kind::io, "cannot connect to " + peer_ + ": no answer within " +
                                            std::to_string(longest_wait.count()) + " s");
        }
        if (code) fail("cannot connect to", code);
        socket_.non_blocking(true);
        socket_.set_option(asio::socket_base::keep_alive(true));
    }
    std::optional<std::size_t> read_now(std::span<char> block) override {
        code_type code;
        const std::size_t count = socket_.read_some(asio::buffer(block.data(), block.size()), code);
        if (!code) return count;
        if (code == asio::error::eof) return 0;
        if (code == asio::error::would_block || code == asio::error::try_again || code == asio::error::interrupted) {
            return std::nullopt;
        }
        fail("lost the connection to", code);
    }

  private:
    [[noreturn]] void fail(const char* what, const code_type& code) const {
        throw error(error_kind::io, std::string{what} + " " + peer_ + ": " + code.message());
    }

    std::string peer_;
    asio::io_context context_;
    tcp::socket socket_;
};

}  // namespace

std::unique_ptr<live_input> machine_connection(const std::string& host, std::uint16_t port) {
    return std::make_unique<connection>(host, port);
}

}  // namespace weir::detail
