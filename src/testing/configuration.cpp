// SPDX-License-Identifier: Apache-2.0
#include <weir/testing/configuration.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <weir/testing/simulation.hpp>

namespace weir::testing {

weir::detail::run_plan configuration::plan() const {
    weir::detail::run_plan made;
    switch (runner) {
        case runner_kind::event_loop:
            made = weir::detail::plan_of(event_loop{.threads = threads});
            if (chunk != 1) made.catch_up_chunk = made.outlet_chunk = chunk;
            break;
        case runner_kind::micro_batch:
            made = weir::detail::plan_of(micro_batch{.every = every, .max_records = chunk, .threads = threads});
            made.chunk = std::max<std::size_t>(1, chunk / 3);
            made.outlet_chunk = chunk;
            break;
        case runner_kind::batch:
            made = weir::detail::plan_of(batch{.threads = threads, .chunk = chunk});
            break;
    }
    made.tuning.ring = ring;
    made.tuning.in_flight = in_flight;
    return made;
}

std::string configuration::text() const {
    constexpr const char* names[] = {"event_loop", "micro_batch", "batch"};
    const bool by_time = runner == runner_kind::micro_batch && every != std::chrono::nanoseconds::max();
    return fmt::format("{} of {}{}, {} threads, ring {}, {} in flight, {}", names[static_cast<int>(runner)], chunk,
                       by_time ? fmt::format(" or {} ns", every.count()) : "", threads, ring, in_flight,
                       real_threads ? "on the machine" : fmt::format("seed {}", seed));
}

std::vector<configuration> all_configurations(const std::vector<std::size_t>& chunks,
                                              const std::vector<unsigned>& threads, std::uint64_t seed) {
    seeded choose(seed);
    std::vector<configuration> made;
    for (const runner_kind runner : {runner_kind::event_loop, runner_kind::micro_batch, runner_kind::batch}) {
        for (const std::size_t chunk : chunks) {
            for (const unsigned count : threads) {
                configuration each;
                each.runner = runner;
                each.chunk = chunk;
                each.threads = count;
                if (runner == runner_kind::micro_batch && choose.one_in(3)) {
                    each.every = std::chrono::nanoseconds{1 + choose.below(20'000)};
                }
                each.ring = 1 + choose.below(4);
                each.in_flight = choose.one_in(3) ? 1 + choose.below(8) : 1U << 18U;
                each.seed = choose.next();
                made.push_back(each);
            }
        }
    }
    return made;
}

run_report run_configured(const graph& what, const configuration& how) {
    if (how.real_threads) return weir::detail::run_graph(what, how.plan(), machine());
    simulation where(how.seed);
    return weir::detail::run_graph(what, how.plan(), where);
}

}  // namespace weir::testing
