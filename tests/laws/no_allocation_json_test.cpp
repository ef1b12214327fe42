// SPDX-License-Identifier: Apache-2.0
// Law 7 where text is read and written: JSON Lines both ways, and CSV to files (counted_new.hpp).
#include <weir/json/json_files.hpp>
#include <weir/json/json_tail.hpp>
#include <weir/operators/filter.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/json_lines.hpp>
#include <weir/sources/followed_by.hpp>

#include "laws/steady_runs.hpp"

namespace {

std::string json_text() {
    std::string text;
    for (std::uint64_t i = 0; i < 2 * half; ++i) {
        const payment each = payment_of(i, 0);
        const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(each.at.time_since_epoch()).count();
        text += "{\"card\": " + std::to_string(each.card) + ", \"unknown\": [1, {\"a\": \"text\"}], \"at\": " +
                std::to_string(at) + ", \"amount\": " + std::to_string(each.amount) + "}\n";
    }
    return text;
}

template <class Sink> void check_writing(const Sink& sink) {
    const graph what("writing", one_log(0) | into(sink));
    for (const configuration& how :
         {configuration{runner_kind::event_loop, 1, 1}, configuration{runner_kind::batch, 1024, 1}}) {
        INFO(how.text());
        simulation where(how.seed);
        job running(what, how.plan(), where);
        static_cast<void>(running.advance(half));
        const std::uint64_t before = allocations;
        static_cast<void>(running.advance(half - 2000));
        // The file lies in memory, and grows now and then.
        CHECK(static_cast<double>(allocations - before) * 1000.0 / static_cast<double>(half) <= 0.1);
        running.run_to_end();
        CHECK(running.finish().records == 2 * half);
    }
}

const auto some = [](auto from) {
    return from | filter([](const payment& each) { return each.card != 7; });
};

}  // namespace

TEST_CASE("reading JSON Lines allocates nothing per record", "[laws]") {
    static const std::string text = json_text();
    files_before_a_run = [](simulation& where) { where.put_file("payments.jsonl", text); };
    check_steady_from(json_files<payment>("payments.jsonl") | event_time(&payment::at, out_of_order(50ms)), some, 0.1);
    check_steady_from(followed_by(generate(half / 2, [](std::uint64_t i) { return payment_of(i, 0); }),
                                  json_tail<payment>("payments.jsonl")) |
                          event_time(&payment::at, out_of_order(50ms)),
                      some, 0.1);
}

TEST_CASE("writing JSON Lines and CSV allocates nothing per record", "[laws]") {
    check_writing(json_lines("out.jsonl"));
    check_writing(csv("out.csv"));
}
