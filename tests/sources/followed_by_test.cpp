// SPDX-License-Identifier: Apache-2.0
// History, then live, as one log: nothing is missing or double at the seam, and no runner sees where it is (law 1).
#include <catch2/catch.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/flow/explain.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/job.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/push.hpp>
#include <weir/testing/configuration.hpp>
#include <weir/windows/tumbling.hpp>

#include "sources/growing_file.hpp"

namespace {

using namespace std::chrono_literals;

struct payment {
    std::uint64_t id = 0;
    std::uint64_t card = 0;
    weir::timestamp at{};
    double amount = 0;
    friend bool operator==(const payment&, const payment&) = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, card, at, amount))

struct running_total {
    double amount = 0;
};
BOOST_DESCRIBE_STRUCT(running_total, (), (amount))

const std::string header = "id,card,at,amount\n";

std::string rows(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = first; i < first + count; ++i) {
        const std::uint64_t late = i % 11 == 3 ? 40'000 : i % 5 * 700;
        text += std::to_string(i) + "," + std::to_string(i * i % 7) + "," + std::to_string(100'000 + i * 1000 - late) +
                "," + std::to_string(i % 13) + ".25\n";
    }
    return text;
}

const auto totals = [](auto& context, const payment& each, running_total& state) {
    state.amount += each.amount;
    return std::tuple{each.id, state.amount, context.watermark()};
};

template <class Source> auto timed(const Source& source) {
    return source | weir::event_time(&payment::at, weir::out_of_order(3s));
}
template <class Source> auto windows(const Source& source) {
    return timed(source) | weir::key_by(&payment::card) | weir::window(weir::tumbling(10s)) |
           weir::aggregate(weir::count(), weir::sum(&payment::amount));
}

// Stages that need order, stages that do not, and the records themselves with their offsets.
template <class Source> struct subject {
    explicit subject(const Source& source) : what(make(source)) {}
    weir::graph make(const Source& source) {
        return weir::graph("seam", {timed(source) | weir::into(records),
                                    windows(source) | weir::into(sums),
                                    timed(source) | weir::key_by(&payment::card) |
                                        weir::process<running_total>(totals) | weir::into(running)});
    }
    using sum_type = typename decltype(windows(std::declval<Source>()))::value_type;
    decltype(weir::collect_stamped<payment>()) records = weir::collect_stamped<payment>();
    decltype(weir::collect_stamped<sum_type>()) sums = weir::collect_stamped<sum_type>();
    using total_type = std::tuple<std::uint64_t, double, weir::timestamp>;
    decltype(weir::collect_stamped<total_type>()) running = weir::collect_stamped<total_type>();
    weir::graph what;
};
template <class One, class Other>
void require_same(const One& wanted, const weir::run_report& first, const Other& got, const weir::run_report& second) {
    REQUIRE(first.output(wanted.records) == second.output(got.records));
    REQUIRE(first.output(wanted.running) == second.output(got.running));
    REQUIRE(first.output(wanted.sums) == second.output(got.sums));
    REQUIRE(second.balanced());
    for (std::size_t i = 0; i < first.stages.size(); ++i) REQUIRE(first.stages[i].counts == second.stages[i].counts);
}

weir::tail_options to_what_is_there() {
    weir::tail_options how;
    how.until = [] { return true; };
    return how;
}

std::string ids(const std::vector<std::uint64_t>& found) {
    std::string text;
    for (const std::uint64_t each : found) text += (text.empty() ? "" : " ") + std::to_string(each);
    return text;
}

}  // namespace

TEST_CASE("all runners see one log across the seam, also from a snapshot anywhere") {
    const temporary_folder folder;
    const std::vector<std::string> paths{folder.write("1.csv", header + rows(0, 60)),
                                         folder.write("2.csv", header + rows(60, 25)),
                                         folder.write("live.csv", header + rows(85, 40))};
    const subject wanted(weir::csv_files<payment>(paths));
    const auto reference = weir::run(wanted.what, weir::batch{});
    const subject seam(weir::followed_by(weir::csv_files<payment>(folder / "?.csv"),
                                         weir::csv_tail<payment>(folder / "live.csv", to_what_is_there())));
    for (auto how : weir::testing::all_configurations({1, 7, 1024}, {1, 2, 3}, 1)) {
        how.real_threads = true;
        INFO(how.text());
        require_same(wanted, reference, seam, weir::testing::run_configured(seam.what, how));
        for (const std::uint64_t stop : {0U, 1U, 59U, 60U, 84U, 85U, 86U, 124U, 125U}) {
            INFO("from a snapshot after " << stop);
            weir::job first(seam.what, how.plan(), weir::machine());
            first.advance(stop);
            const auto taken = first.snapshot();
            weir::job second(seam.what, how.plan(), weir::machine(), taken);
            second.run_to_end();
            require_same(wanted, reference, seam, second.finish());
        }
    }
}

TEST_CASE("a file that is rotated into the history while that is read is read once, in its place") {
    file_on_disk file;
    std::filesystem::create_directory(file.folder() / "old");
    file.folder().write("old/1.csv", header + rows(0, 10));
    file.folder().write("old/2.csv", header + rows(10, 10));
    file.append(header + rows(20, 5));
    std::vector<std::uint64_t> seen;
    const weir::graph what(
        "seam", weir::followed_by(weir::csv_files<payment>(file.folder() / "old/*.csv"),
                                  weir::csv_tail<payment>(file.path(),
                                                          weir::tail_options{.rotated_to = file.folder() / "old/*"})) |
                    weir::into(weir::for_each([&](const payment& each) { seen.push_back(each.id); })));
    CHECK(weir::explain(what).find("followed_by") != std::string::npos);
    const auto how = weir::detail::plan_of(weir::event_loop{});
    auto running = std::make_unique<weir::job>(what, how, weir::machine());
    const auto restart = [&] {
        const auto taken = running->snapshot();
        running = std::make_unique<weir::job>(what, how, weir::machine(), taken);
    };
    std::uint64_t next = 25;
    const auto rotate = [&](int number) {
        file.append(rows(next, 2));
        next += 2;
        file.rename_to(file.folder() / ("old/" + std::to_string(number) + ".csv"));
        file.append(header + rows(next, 2));
        next += 2;
    };
    running->advance(3);
    rotate(3);
    restart();  // the folder now holds a file that is the tail's
    running->advance(3);
    rotate(4);
    running->advance(3);
    rotate(5);
    while (running->advance(1) && seen.size() < next) {
    }
    file.append(rows(next, 3));
    next += 3;
    restart();
    running->advance(100);
    std::vector<std::uint64_t> wanted(next);
    for (std::uint64_t i = 0; i < next; ++i) wanted[i] = i;
    CHECK(ids(seen) == ids(wanted));
}

TEST_CASE("a history that is listed after the live file has moved into it leaves that out") {
    // The file gets its other name between the two openings.
    file_on_disk file;
    std::filesystem::create_directory(file.folder() / "old");
    file.append(header + rows(0, 3));
    file.rename_to(file.folder() / "old/1.csv");
    std::filesystem::create_hard_link(file.folder() / "old/1.csv", file.path());
    const auto sink = weir::collect<payment>();
    const weir::graph what("seam", weir::followed_by(weir::csv_files<payment>(file.folder() / "old/*.csv"),
                                                     weir::csv_tail<payment>(file.path())) |
                                       weir::into(sink));
    CHECK(weir::run(what, weir::available_now{}).output(sink).size() == 3);
}

TEST_CASE("any two logs can follow each other, and bad records of both go to one sink") {
    const temporary_folder folder;
    const auto first = folder.write("1.csv", header + "x\n" + rows(0, 2));
    const auto second = folder.write("2.csv", header + rows(5, 1) + "y\n");
    auto bad = weir::collect_stamped<weir::bad_record>();
    auto sink = weir::collect_stamped<payment>();
    const auto from_files = weir::csv_files<payment>(first, weir::dead_letter(bad));
    const auto from_tail = weir::csv_tail<payment>(second, weir::dead_letter(bad), to_what_is_there());
    const auto from_memory = weir::memory(std::vector<payment>{{9, 0, {}, 0}});
    const auto all = weir::followed_by(weir::followed_by(from_memory, from_files), from_tail);
    const weir::graph what("all", all | weir::into(sink));
    for (const auto& report : {weir::run(what, weir::batch{}), weir::run(what, weir::batch{.threads = 2, .chunk = 1}),
                               weir::run(what, weir::event_loop{})}) {
        std::vector<std::uint64_t> found;
        std::vector<std::uint64_t> offsets;
        for (const auto& each : report.output(sink)) {
            found.push_back(each.record.id);
            offsets.push_back(each.at.at.position);
        }
        for (const auto& each : report.output(bad)) offsets.push_back(each.at.at.position);
        CHECK(ids(found) == "9 0 1 5");
        CHECK(ids(offsets) == "0 2 3 4 1 5");
        CHECK(report.balanced());
        CHECK(report.reached_end);
    }
    const auto pushed = weir::generate(3, [](std::uint64_t i) { return payment{i, 0, {}, 0}; });
    const weir::graph generated("generated", weir::followed_by(pushed, pushed) | weir::into(sink));
    CHECK(weir::run(generated, weir::batch{.chunk = 2}).output(sink).at(5).at.at.position == 5);
}

TEST_CASE("what a host pushes follows the history, however early it comes") {
    const temporary_folder folder;
    const auto history = folder.write("1.csv", header + rows(0, 5000));
    const auto feed = weir::pushed<payment>();
    auto sink = weir::collect_stamped<payment>();
    const weir::graph what("fed", weir::followed_by(weir::csv_files<payment>(history), feed) | weir::into(sink));
    for (const unsigned threads : {1U, 2U}) {
        auto engine = weir::start(what, weir::event_loop{.threads = threads});
        for (std::uint64_t i = 5000; i < 6000; ++i) {
            const auto taken = engine.push(feed, {i, 0, {}, 0});
            REQUIRE(taken.has_value());
            CHECK(*taken == i - 5000);
        }
        engine.close(feed);
        const auto report = engine.wait();
        REQUIRE(report.has_value());
        const auto& found = report->output(sink);
        REQUIRE(found.size() == 6000);
        bool in_order = true;
        for (std::uint64_t i = 0; i < 6000; ++i) {
            in_order &= found[i].record.id == i && found[i].at.at.position == i;
        }
        CHECK(in_order);
        CHECK(report->reached_end);
    }
}

namespace {

// What an event loop does, in its order: r for a record, w for a window that the records before made due.
template <class Source> std::string order_of_events(const Source& source, bool beside_another_log = false) {
    std::string seen;
    std::vector<weir::output> outputs{
        timed(source) | weir::into(weir::for_each([&](const payment&) { seen += 'r'; })),
        timed(source) | weir::key_by([](const payment&) { return 0; }) | weir::window(weir::tumbling(1s)) |
            weir::aggregate(weir::count()) | weir::into(weir::for_each([&](const auto&) { seen += 'w'; }))};
    if (beside_another_log) {
        outputs.push_back(weir::memory(std::vector<int>(10)) | weir::into(weir::for_each([](int) {})));
    }
    weir::run(weir::graph("order", std::move(outputs)), weir::event_loop{});
    return seen;
}
std::size_t longest_run(std::string_view text, char of) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char each : text) longest = std::max(longest, run = each == of ? run + 1 : 0);
    return longest;
}

}  // namespace

TEST_CASE("an event loop carries history in chunks, and what is live record by record") {
    // Every record makes a window due.
    const auto seconds = [](std::uint64_t first, std::uint64_t count) {
        return weir::generate(count, [first](std::uint64_t i) {
            return payment{i, 0, weir::timestamp{std::chrono::seconds{first + i}}, 0};
        });
    };
    const auto alone = seconds(0, 3000);
    const auto seam = weir::followed_by(seconds(0, 2500), seconds(2500, 500));
    const auto deep = weir::followed_by(weir::followed_by(seconds(0, 1500), seconds(1500, 1000)), seconds(2500, 500));
    CHECK(longest_run(order_of_events(alone), 'r') <= 5);
    for (const auto& text : {order_of_events(seam), order_of_events(deep), order_of_events(seam, true)}) {
        CHECK(text.size() == order_of_events(alone).size());
        CHECK(longest_run(text, 'r') >= 1000);
        CHECK(longest_run(text, 'r') <= 1024 + 5);
        CHECK(longest_run(std::string_view(text).substr(text.size() - 900), 'r') == 1);
    }
}

TEST_CASE("a growing file with much to be read is caught up with in chunks") {
    const temporary_folder folder;
    std::string text = header;
    for (std::uint64_t i = 0; i < 20'000; ++i) text += rows(i, 1);
    const auto tail = weir::csv_tail<payment>(folder.write("live.csv", text), to_what_is_there());
    const auto by_chunks = order_of_events(tail);
    CHECK(longest_run(by_chunks, 'r') >= 1000);
    const auto few = weir::csv_tail<payment>(folder.write("few.csv", header + rows(0, 900)), to_what_is_there());
    CHECK(longest_run(order_of_events(few), 'r') < 100);
}

TEST_CASE("what cannot follow is refused") {
    const auto tail = weir::csv_tail<payment>("live.csv");
    const auto memory = weir::memory(std::vector<payment>{});
    CHECK_THROWS_WITH(weir::followed_by(tail, memory), Catch::Contains("csv_tail live.csv never ends"));
    const auto one = weir::csv_files<payment>("a.csv", weir::dead_letter(weir::collect<weir::bad_record>()));
    const auto other = weir::csv_tail<payment>("b.csv", weir::dead_letter(weir::collect<weir::bad_record>()));
    CHECK_THROWS_WITH(weir::followed_by(one, other), Catch::Contains("the same dead_letter(sink)"));
}
