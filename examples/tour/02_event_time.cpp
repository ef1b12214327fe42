// SPDX-License-Identifier: Apache-2.0
// Event time: records are placed by the time that they carry, not by when they come. out_of_order(10s) says how far
// behind the newest a record may come and still be on time. What comes later than that is not lost: it goes to the late
// side output, and is counted.
#include <iostream>
#include <string>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct click {
    std::string page;
    weir::timestamp at;
};
BOOST_DESCRIBE_STRUCT(click, (), (page, at))

struct per_minute {
    std::string page;
    weir::timestamp start, end;
    std::uint64_t clicks;
};
BOOST_DESCRIBE_STRUCT(per_minute, (), (page, start, end, clicks))

int main() {
    const weir::timestamp noon = std::chrono::sys_days{2025y / 6 / 1} + 12h;
    const auto clicks = weir::memory<click>({
        {"/home", noon + 5s},
        {"/home", noon + 50s},
        {"/home", noon + 62s},
        {"/home", noon + 55s},  // out of order, and on time: only 7 seconds behind
        {"/cart", noon + 75s},  // now nothing before noon + 65s is expected any more: the first minute is over
        {"/home", noon + 58s},  // late: its minute has been reported
        {"/home", noon + 70s},
    });
    const auto counted = clicks
                       | weir::event_time(&click::at, weir::out_of_order(10s))
                       | weir::key_by(&click::page)
                       | weir::window(weir::tumbling(1min))
                       | weir::named("clicks", weir::aggregate<per_minute>(weir::count()));

    const auto minutes = weir::collect<per_minute>();
    const auto too_late = weir::collect<click>();
    const weir::graph graph("clicks", counted | weir::into(minutes), weir::late(counted) | weir::into(too_late));
    const weir::run_report report = weir::run(graph, weir::event_loop{});

    for (const per_minute& each : report.output(minutes)) std::cout << weir::to_text(each) << '\n';
    for (const click& each : report.output(too_late)) std::cout << "late: " << weir::to_text(each) << '\n';
    const weir::ledger& ledger = report.of("clicks");
    std::cout << ledger.in << " in = " << ledger.accepted << " accepted + " << ledger.late << " late\n";
}
