// SPDX-License-Identifier: Apache-2.0
#include "jobs.hpp"

#include <weir/weir.hpp>

namespace jobs {
namespace {

struct reading {
    int sensor;
    weir::timestamp at;
    double value;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, at, value))

#if VERSION == 1
struct state {
    std::int32_t count = 0;
    double sum = 0;
};
BOOST_DESCRIBE_STRUCT(state, (), (count, sum))
#elif VERSION == 2  // events was count
struct state {
    double sum = 0;
    std::int64_t events = 0;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(state, (), (sum, events, note))
#else
struct state {
    float sum = 0;
    std::string events;
};
BOOST_DESCRIBE_STRUCT(state, (), (sum, events))
#endif

}  // namespace

weir::graph speeds() {
    using namespace std::chrono_literals;
    return weir::graph("speeds", weir::csv_files<reading>("no/such/folder/readings.csv")
                                     | weir::named("times", weir::event_time(&reading::at, weir::out_of_order(5s)))
                                     | weir::key_by(&reading::sensor)
                                     | weir::named("speed of cars", weir::process<state>([](auto&, const reading& each,
                                                                                           state&) { return each; }))
                                     | weir::named("file", weir::into(weir::csv("no/such/folder/speeds.csv"))));
}

}  // namespace jobs
