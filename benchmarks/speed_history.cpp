// SPDX-License-Identifier: Apache-2.0
// History, then live: an engine that reads its history in chunks, against an event loop that reads the same rows record
// by record.
#include "speed.hpp"

namespace speed {
namespace {

template <class Source> auto windows_of(const Source& source, checksum* into) {
    return source | weir::event_time(&payment::at, weir::out_of_order(disorder)) | weir::key_by(&payment::card) |
           weir::window(weir::tumbling(10s)) | weir::aggregate(weir::count(), weir::sum(&payment::amount)) |
           weir::into(weir::for_each([into](const auto& row) { into->take(std::get<1>(row.results)); }));
}
struct total {
    double amount = 0;
};
template <class Source> auto totals_of(const Source& source, checksum* into) {
    return source | weir::key_by(&payment::card) |
           weir::process<total>([](auto&, const payment& each, total& state) { return state.amount += each.amount; }) |
           weir::into(weir::for_each([into](double sum) { into->take(sum); }));
}

template <class Pipeline> contest history(std::size_t records, unsigned threads, Pipeline pipeline) {
    const auto rows = weir::memory(make_payments(records, 10'000, 7.5));
    const auto feed = weir::pushed<payment>();
    const auto total = std::make_shared<checksum>();
    const auto in_engine = [=, what = weir::graph("engine", pipeline(weir::followed_by(rows, feed), total.get()))] {
        *total = {};
        auto engine = weir::start(what, weir::event_loop{.threads = threads});
        engine.close(feed);
        static_cast<void>(engine.wait());
        return *total;
    };
    const auto one_by_one = [=, what = weir::graph("loop", pipeline(rows, total.get()))] {
        *total = {};
        weir::run(what, weir::event_loop{.threads = threads});
        return *total;
    };
    return {records, in_engine, one_by_one, {}};
}

contest windows(std::size_t records) {
    return history(records, 1, [](const auto& source, checksum* into) { return windows_of(source, into); });
}
contest windows_by_two(std::size_t records) {
    return history(records, 2, [](const auto& source, checksum* into) { return windows_of(source, into); });
}
contest totals(std::size_t records) {
    return history(records, 1, [](const auto& source, checksum* into) { return totals_of(source, into); });
}

}  // namespace

void add_history_cases(std::vector<speed_case>& cases) {
    cases.push_back({"history_windows", "history in an engine / by record, windows", 1, 1'000'000, windows});
    cases.push_back({"history_process", "history in an engine / by record, process", 0.8, 1'000'000, totals});
    cases.push_back({"history_workers", "the same windows, two workers", 0.2, 1'000'000, windows_by_two});
}

}  // namespace speed
