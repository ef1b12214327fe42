// SPDX-License-Identifier: Apache-2.0
// What a user's first program needs from the installed package.
#include <cstdio>
#include <weir/weir.hpp>

struct reading { int sensor; weir::timestamp at; double value; };
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, at, value))

int main() {
    using namespace std::chrono_literals;
    const weir::timestamp noon{12h};
    const std::vector<reading> readings{{1, noon, 20.5}, {2, noon + 10s, 7}, {1, noon + 20s, 21.5}};
    auto means = weir::memory(readings) | weir::event_time(&reading::at, weir::out_of_order(5s))
               | weir::key_by(&reading::sensor) | weir::window(weir::daily("UTC"))
               | weir::named("means", weir::aggregate(weir::mean(&reading::value)));
    const auto kept = weir::collect<decltype(means)::value_type>();
    const auto report = weir::run(weir::graph("first", means | weir::into(kept)), weir::batch{.threads = 2});
    for (const auto& each : report.output(kept)) std::printf("sensor %d: %g\n", each.key, each.get<0>());
    return report.output(kept).size() == 2 && report.balanced() ? 0 : 1;
}
