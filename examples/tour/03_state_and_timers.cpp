// SPDX-License-Identifier: Apache-2.0
// Keyed state and timers: process<State, Out>(fn, on_timer) keeps a plain struct per key. Here each device is expected
// to be heard of every 30 seconds; a timer says so when it was not. Timers go by event time, so the same log raises the
// same alarms, live or replayed.
#include <iostream>
#include <string>

#include <weir/weir.hpp>

using namespace std::chrono_literals;

struct heartbeat {
    std::string device;
    weir::timestamp at;
};
BOOST_DESCRIBE_STRUCT(heartbeat, (), (device, at))

struct silence {
    std::string device;
    weir::timestamp silent_since;
    std::uint64_t heartbeats;
};
BOOST_DESCRIBE_STRUCT(silence, (), (device, silent_since, heartbeats))

struct device_state {  // described, so that it can be part of a snapshot
    weir::timestamp last_heard;
    std::uint64_t heartbeats = 0;
};
BOOST_DESCRIBE_STRUCT(device_state, (), (last_heard, heartbeats))

constexpr auto patience = 30s;

auto silent_devices(auto heartbeats) {
    const auto on_heartbeat = [](auto& context, const heartbeat& each, device_state& state) {
        state.last_heard = std::max(state.last_heard, each.at);
        ++state.heartbeats;
        context.set_timer(state.last_heard + patience);
    };
    const auto on_timer = [](auto& context, const std::string& device, device_state& state) {
        if (context.time() < state.last_heard + patience) return;  // it was heard of since: a later timer is set
        context.emit(silence{device, state.last_heard, state.heartbeats});
        context.forget();
    };
    return heartbeats | weir::key_by(&heartbeat::device) | weir::process<device_state, silence>(on_heartbeat, on_timer);
}

int main() {
    const weir::timestamp start = std::chrono::sys_days{2025y / 6 / 1};
    const auto heartbeats = weir::memory<heartbeat>({{"pump", start},
                                                     {"fan", start + 5s},
                                                     {"pump", start + 20s},
                                                     {"pump", start + 45s},  // by now the fan is silent
                                                     {"fan", start + 70s},
                                                     {"fan", start + 90s}});
    const auto timed = heartbeats | weir::event_time(&heartbeat::at, weir::out_of_order(2s));
    const auto print = weir::for_each([](const silence& each) { std::cout << weir::to_text(each) << '\n'; });
    weir::run(weir::graph("alarms", silent_devices(timed) | weir::into(print)), weir::event_loop{});
}
