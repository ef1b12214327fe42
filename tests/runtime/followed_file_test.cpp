// SPDX-License-Identifier: Apache-2.0
// An engine that follows a file sleeps until something happens to it, and misses nothing.
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include <weir/operators/into.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/push.hpp>

#include "sources/growing_file.hpp"

namespace {

using namespace std::chrono_literals;

struct row {
    std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(row, (), (id))

const std::string header = "id\n";

struct seen_rows {
    std::shared_ptr<std::atomic<std::uint64_t>> last = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::shared_ptr<std::atomic<std::uint64_t>> count = std::make_shared<std::atomic<std::uint64_t>>(0);

    [[nodiscard]] weir::graph graph(auto source) const {
        auto seeing = weir::for_each([last = last, count = count](const row& each) {
            last->store(each.id);
            count->fetch_add(1);
        });
        return weir::graph("followed", source | weir::into(seeing));
    }
    [[nodiscard]] bool come_to(std::uint64_t id) const {
        for (int i = 0; i < 10'000 && last->load() != id; ++i) std::this_thread::sleep_for(1ms);
        return last->load() == id;
    }
};

}  // namespace

TEST_CASE("whatever happens to a followed file wakes the engine", "[runtime]") {
    file_on_disk file;
    const seen_rows seen;
    auto engine = weir::start(seen.graph(weir::csv_tail<row>(file.path())), weir::event_loop{});
    CHECK_FALSE(engine.must_be_polled());
    std::uint64_t id = 0;
    const auto line = [&] { return std::to_string(++id) + "\n"; };
    for (int i = 0; i < 5; ++i) {
        CAPTURE(i);
        // It sleeps by the time that the file is made, written, replaced, cut, and removed.
        const auto act = [&](const auto& what) {
            std::this_thread::sleep_for(3ms);
            what();
            CHECK(seen.come_to(id));
        };
        act([&] { file.append(header + line()); });
        act([&] { file.append(line()); });
        act([&] {
            file.rename_to(file.beside(".old"));
            file.append_to(file.beside(".old"), line());
        });
        act([&] { file.append(header + line()); });
        act([&] { file.replace(header + line()); });
        act([&] {
            const std::string first = line();
            file.append(first + line());
        });
        act([&] { file.cut(header + line()); });
        act([&] { file.remove(); });
    }
    const auto report = engine.stop();
    REQUIRE(report);
    CHECK(seen.count->load() == id);
}

TEST_CASE("a host that polls is told when a followed file has grown", "[runtime]") {
    file_on_disk file;
    file.append(header);
    const seen_rows seen;
    const auto told = weir::machine().make_signal();
    auto engine = weir::start_polled(seen.graph(weir::csv_tail<row>(file.path())), weir::event_loop{}, weir::machine(),
                                     [&] { told->notify(); });
    CHECK_FALSE(engine.must_be_polled());
    for (std::uint64_t id = 1; id <= 20; ++id) {
        while (engine.poll()) {}
        const std::uint64_t before = told->count();
        file.append(std::to_string(id) + "\n");
        told->wait(before, 10s);
        while (engine.poll()) {}
        for (int i = 0; i < 100 && seen.last->load() != id; ++i) {
            told->wait(told->count(), 100ms);
            while (engine.poll()) {}
        }
        CHECK(seen.last->load() == id);
    }
}

TEST_CASE("which engines must be polled", "[runtime]") {
    file_on_disk file;
    file.append(header);
    simulated_growing_file simulated;
    const seen_rows seen;
    const auto polled = [&](auto source, weir::environment& where) {
        return weir::start_polled(seen.graph(std::move(source)), weir::event_loop{}, where).must_be_polled();
    };
    CHECK_FALSE(polled(weir::csv_tail<row>(file.path()), weir::machine()));
    CHECK_FALSE(polled(weir::csv_files<row>(file.path()), weir::machine()));
    CHECK_FALSE(polled(weir::followed_by(weir::csv_files<row>(file.path()), weir::csv_tail<row>(file.beside("2"))),
                       weir::machine()));
    CHECK_FALSE(polled(weir::followed_by(weir::csv_files<row>(file.path()), weir::pushed<row>()), weir::machine()));
    // Nobody tells when `until` becomes true, and a simulated machine tells nothing.
    CHECK(polled(weir::csv_tail<row>(file.path(), weir::tail_options{.until = [] { return false; }}),
                 weir::machine()));
    CHECK(polled(weir::csv_tail<row>(simulated.path()), simulated.where()));
}
