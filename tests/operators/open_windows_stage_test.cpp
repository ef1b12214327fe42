// SPDX-License-Identifier: Apache-2.0
#include <weir/operators/open_windows_stage.hpp>

#include <weir/aggregates/count.hpp>
#include <weir/sinks/for_each.hpp>

#include "operators/open_windows_oracle.hpp"
#include "operators/window_check.hpp"

using namespace std::chrono_literals;
using namespace operators_test;

namespace {

weir::duration gap_of(const reading& record) { return weir::duration{2 + record.key * 3}; }

template <class Windowing>
void check_spoken(std::uint64_t seed, const logs& all, weir::duration bound, const Windowing& windowing,
                  spoken_windows wanted) {
    const auto results = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(bound)) |
                         weir::key_by(&reading::key) | windowing |
                         weir::named("windows", weir::aggregate(gathered{}));
    const auto sink = weir::collect_stamped<spoken_windows::row>();
    const auto late = weir::collect_stamped<reading>();
    const weir::graph what("windows", results | weir::into(sink), weir::late(results) | weir::into(late));
    wanted.run(arrivals(all, bound), what.number_of(results.from().get()));
    const auto report = run_everywhere(what, seed, sink, late);
    REQUIRE(difference(wanted.results, report.output(sink)) == "");
    REQUIRE(difference(wanted.late, report.output(late)) == "");
    const auto& counts = report.of("windows");
    CHECK(counts.late == wanted.late.size());
    CHECK(counts.updates == wanted.updates);
    CHECK(counts.results == wanted.results.size() - wanted.updates);
    for (const auto& each : report.stages) CHECK((each.name != "windows" || each.state.keys == 0));
    if (seed % 5 == 0) restore_everywhere(what, report, sink, late);
}

// Windows, and how they speak, chosen by the seed.
void check_seed(std::uint64_t seed) {
    weir::testing::seeded choose(seed);
    logs all = random_logs(seed, {.records = 70, .partitions = 1 + choose.below(3), .disorder = 10 + choose.below(25)});
    number_amounts(all);
    const auto bound = weir::duration{choose.below(10)};
    spoken_windows wanted;
    const std::vector<weir::duration> latenesses{0ns, 0ns, 3ns, 11ns, 30ns};
    wanted.lateness = latenesses[choose.below(latenesses.size())];
    const std::vector<weir::emission> emissions{
        weir::emit::on_time,         weir::emit::final,           weir::emit::every_update,
        weir::emit::every(4ns),      weir::emit::every(7ns),      weir::emit::after(2),
        weir::emit::after(3),        weir::emit::after(2).without_end(),
        weir::emit::every(5ns).without_end()};
    wanted.says = emissions[choose.below(emissions.size())];
    wanted.discards = choose.one_in(3);
    const weir::allowed_lateness late(wanted.lateness);
    const auto keeps = wanted.discards ? weir::discarding : weir::accumulating;
    INFO("lateness " << wanted.lateness.count() << ", " << wanted.says.text() << ", discards " << wanted.discards);
    const auto gap = weir::duration{1 + choose.below(12)};
    switch (choose.below(4)) {
        case 0:
            wanted.joins = true;
            wanted.spans = [gap](const reading& each) {
                return std::vector<spoken_windows::span>{{each.at, each.at + gap}};
            };
            return check_spoken(seed, all, bound, weir::window(weir::session(gap), late, wanted.says, keeps), wanted);
        case 1:
            wanted.joins = true;
            wanted.spans = [](const reading& each) {
                return std::vector<spoken_windows::span>{{each.at, each.at + gap_of(each)}};
            };
            return check_spoken(seed, all, bound, weir::window(weir::session(&gap_of), keeps, wanted.says, late),
                                wanted);
        case 2: {
            wanted.endless = true;
            if (wanted.says.interval > 0ns) wanted.says = weir::emit::after(4);
            wanted.spans = [](const reading&) {
                return std::vector<spoken_windows::span>{{weir::time_lowest, weir::time_highest}};
            };
            return check_spoken(seed, all, bound, weir::window(weir::global(), late, wanted.says, keeps), wanted);
        }
        default: {
            const std::vector<weir::window_grid> grids{weir::tumbling(10ns), weir::sliding(12ns, 4ns),
                                                       weir::sliding(10ns, 3ns), weir::sliding(7ns, 10ns, 4ns)};
            const auto grid = grids[choose.below(grids.size())];
            wanted.spans = [grid](const reading& each) {
                std::vector<spoken_windows::span> spans;
                for (const timestamp end : window_oracle::ends_holding(each.at, grid)) {
                    spans.push_back({end - grid.size, end});
                }
                return spans;
            };
            return check_spoken(seed, all, bound, weir::window(grid.with_gaps(), wanted.says, keeps, late), wanted);
        }
    }
}

}  // namespace

TEST_CASE("sessions, the global window and windows that speak as they are told, by a naive oracle", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 61U));
    CAPTURE(seed);
    check_seed(seed);
}

TEST_CASE("sessions are the runs of a key's records that no gap divides, in whatever order they come", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 11U));
    CAPTURE(seed);
    logs all = random_logs(seed, {.records = 90, .partitions = 2, .disorder = 40});
    number_amounts(all);
    const auto gap = weir::duration{1 + seed};
    // By definition: each key's records by time.
    std::map<std::uint32_t, std::vector<reading>> of_key;
    for (const readings& log : all) {
        for (const reading& each : log) of_key[each.key].push_back(each);
    }
    std::vector<spoken_windows::row> wanted;
    for (auto& [key, records] : of_key) {
        std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (i == 0 || records[i].at - records[i - 1].at > gap) wanted.push_back({key, records[i].at, {}, {}});
            wanted.back().end = records[i].at + gap;
            std::get<0>(wanted.back().results).push_back(records[i].amount);
        }
    }
    const auto by_place = [](const auto& left, const auto& right) {
        return std::pair{left.key, left.start} < std::pair{right.key, right.start};
    };
    for (auto& each : wanted) std::sort(std::get<0>(each.results).begin(), std::get<0>(each.results).end());
    const auto sink = weir::collect<spoken_windows::row>();
    const auto results = weir::memory_partitions(all) | weir::event_time(&reading::at, weir::out_of_order(1us)) |
                         weir::key_by(&reading::key) | weir::window(weir::session(gap)) |
                         weir::aggregate(gathered{});
    auto rows = weir::run(weir::graph("sessions", results | weir::into(sink)), weir::batch{.threads = 2}).output(sink);
    std::sort(rows.begin(), rows.end(), by_place);
    CHECK(rows == wanted);
}

TEST_CASE("a late record that joins a session which is still there is part of it", "[operators]") {
    // Watermark 20 after the record at 20; alone the record at 4 would end at 9, and 9 + 8 <= 20.
    logs all{{make_reading(1, 5), make_reading(1, 9), make_reading(1, 20), make_reading(1, 4), make_reading(2, 4)}};
    number_amounts(all);
    spoken_windows wanted;
    wanted.joins = true;
    wanted.lateness = 8ns;
    wanted.spans = [](const reading& each) { return std::vector<spoken_windows::span>{{each.at, each.at + 5ns}}; };
    check_spoken(5, all, 0ns, weir::window(weir::session(5ns), weir::allowed_lateness(8ns)), wanted);
    wanted.run(arrivals(all, 0ns), 0);
    CHECK(wanted.updates == 1);
    CHECK(wanted.late.size() == 1);
}

namespace {

// Days, weeks from Monday and months of Berlin in 2026, from the rule of its clocks alone: from 29 March to 25 October,
// 01:00 UTC, they are two hours before UTC, else one. No border lies within an hour of a change.
spoken_windows::span in_berlin(timestamp at, int unit) {
    using namespace std::chrono;
    const auto ahead = [](timestamp utc) {
        return utc >= sys_days{2026y / 3 / 29} + 1h && utc < sys_days{2026y / 10 / 25} + 1h ? 2h : 1h;
    };
    const auto begin_of = [&](sys_days day) -> timestamp { return day - ahead(day); };
    const auto day = floor<days>(at + ahead(at));
    if (unit == 0) return {begin_of(day), begin_of(day + days{1})};
    if (unit == 1) {
        const auto monday = day - (weekday{day} - Monday);
        return {begin_of(monday), begin_of(monday + days{7})};
    }
    const year_month_day date{day};
    const auto first = date.year() / date.month() / 1;
    return {begin_of(sys_days{first}), begin_of(sys_days{first + months{1}})};
}

}  // namespace

TEST_CASE("days, weeks and months through a change of clocks, by its rule", "[operators]") {
    const std::uint64_t seed = GENERATE(range(1U, 31U));
    CAPTURE(seed);
    weir::testing::seeded choose(seed);
    const int unit = static_cast<int>(choose.below(3));
    const weir::duration scale = std::vector<weir::duration>{2h, 9h, 30h}[static_cast<std::size_t>(unit)];
    logs all = random_logs(seed, {.records = 70, .partitions = 1 + choose.below(3), .disorder = 10 + choose.below(25)});
    number_amounts(all);
    // The clocks change in the middle; some records are at borders.
    for (readings& log : all) {
        for (reading& each : log) {
            const auto steps = each.at.time_since_epoch().count() + 75;
            each.at = std::chrono::sys_days{std::chrono::year{2026} / 3 / 29} + steps * scale;
            if (choose.one_in(6)) each.at = in_berlin(each.at, unit).start;
            if (choose.one_in(9)) each.at = in_berlin(each.at, unit).end - 1ns;
        }
    }
    spoken_windows wanted;
    wanted.lateness = std::vector<weir::duration>{0ns, 3 * scale, 40 * scale}[choose.below(3)];
    const std::vector<weir::emission> emissions{weir::emit::on_time, weir::emit::final, weir::emit::every_update,
                                                weir::emit::every(5 * scale), weir::emit::after(3)};
    wanted.says = emissions[choose.below(emissions.size())];
    wanted.discards = choose.one_in(3);
    wanted.spans = [unit](const reading& each) {
        return std::vector<spoken_windows::span>{in_berlin(each.at, unit)};
    };
    INFO("unit " << unit << ", lateness " << wanted.lateness.count() << ", " << wanted.says.text());
    const auto windows = unit == 0   ? weir::daily("Europe/Berlin")
                         : unit == 1 ? weir::weekly("Europe/Berlin", std::chrono::Monday)
                                     : weir::monthly("Europe/Berlin");
    const auto keeps = wanted.discards ? weir::discarding : weir::accumulating;
    check_spoken(seed, all, weir::duration{choose.below(10)} * scale.count(),
                 weir::window(windows, weir::allowed_lateness(wanted.lateness), wanted.says, keeps), wanted);
}

TEST_CASE("times whose day reaches beyond the ends of time end the run with the reason", "[operators]") {
    for (const timestamp at : {weir::time_lowest + 1ns, weir::time_highest - 1ns}) {
        const auto run_with = [at](const auto& windowing) {
            reading record = make_reading(1, 3);
            record.at = at;
            const auto rows = weir::memory(readings{record}) |
                              weir::event_time(&reading::at, weir::out_of_order(0ns)) | weir::key_by(&reading::key) |
                              windowing | weir::aggregate(weir::count());
            const weir::graph what("ends", rows | weir::into(weir::for_each([](const auto&) {})));
            CHECK_THROWS_WITH(weir::run(what, weir::batch{}), Catch::Contains("beyond the ends of time"));
        };
        run_with(weir::window(weir::daily("Europe/Berlin")));
        run_with(weir::window(weir::weekly("UTC", std::chrono::Monday), weir::emit::final));
        run_with(weir::window(weir::monthly("Asia/Tokyo"), weir::allowed_lateness(24h)));
        run_with(weir::window(weir::tumbling(1h), weir::emit::final));
        run_with(weir::window(weir::sliding(12ns, 4ns, 3ns), weir::discarding));
        run_with(weir::window(weir::sliding(3ns, 4ns).with_gaps()));
    }
}

TEST_CASE("windows and emissions that make no sense are refused", "[operators]") {
    require_refused([] { static_cast<void>(weir::window(weir::session(0ns))); }, "a gap is above zero");
    require_refused([] { static_cast<void>(weir::window(weir::session(-1ns))); }, "a gap is above zero");
    require_refused([] { static_cast<void>(weir::emit::every(0ns)); }, "an interval is above zero");
    require_refused([] { static_cast<void>(weir::emit::after(0)); }, "says something after a record");
    require_refused([] { static_cast<void>(weir::window(weir::global(), weir::emit::on_time.without_end())); },
                    "never says anything");
    require_refused([] { static_cast<void>(weir::window(weir::session(1ns), weir::allowed_lateness(-1ns))); },
                    "allowed lateness is not negative");
    require_refused([] { static_cast<void>(weir::window(weir::sliding(5ns, 9ns), weir::emit::final)); },
                    "would lose records");
}

TEST_CASE("a gap that makes no sense ends the run with the reason", "[operators]") {
    const auto nonsense = GENERATE(0ns, -5ns, weir::duration::max());
    const auto rows = weir::memory(readings{make_reading(1, 3)}) |
                      weir::event_time(&reading::at, weir::out_of_order(0ns)) | weir::key_by(&reading::key) |
                      weir::window(weir::session([nonsense](const reading&) { return nonsense; })) |
                      weir::aggregate(weir::count());
    const weir::graph what("nonsense", rows | weir::into(weir::for_each([](const auto&) {})));
    CHECK_THROWS_WITH(weir::run(what, weir::batch{}),
                      Catch::Contains("a gap is above zero") || Catch::Contains("beyond the ends of time"));
}
