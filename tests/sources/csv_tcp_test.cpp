// SPDX-License-Identifier: Apache-2.0
// Lines from a TCP server, over the loopback device.
#include <atomic>
#include <thread>

#include <boost/asio.hpp>
#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sources/csv_tcp.hpp>

namespace {

using tcp = boost::asio::ip::tcp;

struct row {
    std::uint64_t id = 0;
    std::string note;
    friend bool operator==(const row&, const row&) = default;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, note))

// Listens on the loopback device.
class server {
  public:
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void accept() { acceptor_.accept(peer_); }
    void write(std::string_view text) { boost::asio::write(peer_, boost::asio::buffer(text.data(), text.size())); }
    void close() {
        peer_.shutdown(tcp::socket::shutdown_both);
        peer_.close();
    }
    // As a peer whose process was killed.
    void reset() {
        peer_.set_option(boost::asio::socket_base::linger(true, 0));
        peer_.close();
    }

  private:
    boost::asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
    tcp::socket peer_{context_};
};

// Steps a job until `done`, for ten seconds at most.
template <class Done> bool advance_until(weir::job& running, const Done& done) {
    const auto begun = weir::machine().ticks();
    while (!done()) {
        if (weir::machine().ticks() - begun > std::chrono::seconds{10}) return false;
        running.advance(1000);
    }
    return true;
}


}  // namespace

TEST_CASE("lines come over a connection until it is closed") {
    server feed;
    auto sink = weir::collect_stamped<row>();
    const weir::graph what("feed", weir::csv_tcp<row>("127.0.0.1", feed.port()) | weir::into(sink));
    weir::job running(what, weir::detail::plan_of(weir::event_loop{}), weir::machine());
    feed.accept();
    CHECK(running.advance(100));
    feed.write("id,no");
    CHECK(running.advance(100));
    feed.write("te\n1,a\n2,");
    CHECK(running.advance(100));
    feed.write("b\n3,c");
    feed.close();
    CHECK(advance_until(running, [&] { return running.ended(); }));
    const auto report = running.finish();
    CHECK(report.reached_end);
    REQUIRE(report.output(sink).size() == 3);
    CHECK(report.output(sink)[2].record == row{3, "c"});
}

TEST_CASE("much comes over a connection while the run is going on") {
    server feed;
    constexpr std::uint64_t count = 200'000;
    std::thread peer([&] {
        feed.accept();
        feed.write("id,note\n");
        std::string text;
        for (std::uint64_t i = 0; i < count; ++i) {
            text += std::to_string(i) + ",n\n";
            if (text.size() < i % 7000) continue;
            feed.write(text);
            text.clear();
        }
        feed.write(text);
        feed.close();
    });
    auto sink = weir::collect<row>();
    const weir::graph what("feed", weir::csv_tcp<row>("localhost", feed.port()) | weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{});
    peer.join();
    const auto& found = report.output(sink);
    REQUIRE(found.size() == count);
    bool same = true;
    for (std::uint64_t i = 0; i < count; ++i) same &= found[i].id == i;
    CHECK(same);
}

TEST_CASE("a peer that never ends a line costs no more memory than the longest line") {
    server feed;
    std::thread peer([&] {
        feed.accept();
        feed.write("id,note\n1,a\n");
        const std::string piece(1U << 20U, 'x');
        for (int i = 0; i < 32; ++i) feed.write(piece);
        feed.write("\n2,b\n");
        feed.close();
    });
    auto sink = weir::collect<row>();
    auto bad = weir::collect<weir::bad_record>();
    const weir::csv_options how{.max_line_bytes = 10'000};
    const weir::graph what(
        "feed", weir::csv_tcp<row>("127.0.0.1", feed.port(), how, weir::dead_letter(bad)) | weir::into(sink));
    const auto report = weir::run(what, weir::event_loop{});
    peer.join();
    CHECK(report.output(sink) == std::vector<row>{{1, "a"}, {2, "b"}});
    REQUIRE(report.output(bad).size() == 1);
    CHECK(report.output(bad)[0].line == 3);
    CHECK(report.output(bad)[0].reason.find("longer than 10000 bytes") != std::string::npos);
    CHECK(report.output(bad)[0].raw.size() <= 4096);
}

TEST_CASE("a connection that cannot be made, or is lost, is an error that names the peer") {
    std::uint16_t nobody = 0;
    {
        const server gone;
        nobody = gone.port();
    }
    const auto to = [](std::uint16_t port) {
        return weir::graph("feed", weir::csv_tcp<row>("127.0.0.1", port) | weir::into(weir::collect<row>()));
    };
    CHECK_THROWS_WITH(weir::run(to(nobody), weir::event_loop{}),
                      Catch::Contains("cannot connect to 127.0.0.1:" + std::to_string(nobody)));
    server feed;
    weir::job running(to(feed.port()), weir::detail::plan_of(weir::event_loop{}), weir::machine());
    feed.accept();
    feed.write("id,note\n1,a\n");
    feed.reset();
    CHECK_THROWS_WITH(advance_until(running, [&] { return running.ended(); }),
                      Catch::Contains("lost the connection to 127.0.0.1:" + std::to_string(feed.port())));
    CHECK_THROWS_WITH(weir::csv_tcp<row>("", 1), "csv_tcp: the name of the host is empty");
    CHECK_THROWS_AS(weir::csv_tcp<row>("localhost", 0), weir::error);
}
