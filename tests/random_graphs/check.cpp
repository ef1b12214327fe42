// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"

#include <fmt/format.h>
#include <weir/runtime/job.hpp>
#include <weir/testing/comparison.hpp>
#include <weir/testing/reference.hpp>
#include <weir/testing/simulation.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>

#include "naive.hpp"

namespace random_graphs {
namespace {

using weir::testing::configuration;
using weir::testing::difference;
using weir::testing::seeded;
using namespace std::chrono_literals;

constexpr std::size_t chunks[] = {1, 7, 64, 1024, weir::testing::all_records};
constexpr unsigned threads[] = {1, 2, 4};

// Collected in turn, so that it can be compared place by place.
std::string first_difference(const description& graph, const lowered& made, const weir::run_report& wanted,
                             const weir::run_report& got) {
    for (std::size_t i = 0; i < made.sinks.size(); ++i) {
        const std::string found = difference(wanted.output(made.sinks[i]), got.output(made.sinks[i]));
        if (!found.empty()) return fmt::format("sink of s{}: {}", graph.sinks[i], found);
    }
    return difference(wanted, got);
}

std::string differs_from_naive(const trial& what, const lowered& made, const weir::run_report& reference) {
    const std::vector<items> naive = interpret(what.graph, what.logs, made);
    for (std::size_t i = 0; i < made.sinks.size(); ++i) {
        std::vector<weir::stamped<event>> wanted;
        for (const item& each : naive[i]) wanted.push_back({each.record, each.at});
        const std::string found = difference(wanted, reference.output(made.sinks[i]));
        if (!found.empty()) {
            return fmt::format("the reference run is not what the naive interpreter says: sink of s{}: {}",
                               what.graph.sinks[i], found);
        }
    }
    return {};
}

enum class compared { to_naive, to_reference };

template <class Run>
std::string each_configuration(const trial& what, compared how_far, bool with_probes, Run run) {
    try {
        const lowered made = lower(what.graph, what.logs, with_probes);
        weir::testing::simulation where;
        const weir::run_report reference = weir::testing::reference_run(made.what, where);
        std::string found = difference(reference, reference);
        if (!found.empty()) return "the reference run: " + found;
        if (how_far == compared::to_naive) found = differs_from_naive(what, made, reference);
        if (!found.empty()) return found;
        for (const configuration& how : what.configurations) {
            try {
                found = first_difference(what.graph, made, reference, run(made.what, how));
            } catch (const std::exception& thrown) {
                found = std::string("threw: ") + thrown.what();
            }
            if (!found.empty()) return how.text() + ": " + found;
        }
    } catch (const std::exception& thrown) {
        return std::string("threw: ") + thrown.what();
    }
    return {};
}

crash_counts counted;

// Perhaps another runner, perhaps other threads.
configuration another_of(const configuration& how, seeded& choose) {
    configuration made = how;
    if (choose.one_in(3)) made.runner = static_cast<weir::testing::runner_kind>(choose.below(3));
    if (choose.one_in(2)) made.threads = 1 + static_cast<unsigned>(choose.below(4));
    return made;
}
weir::detail::run_plan checkpointed(const configuration& how) {
    weir::detail::run_plan plan = how.plan();
    plan.checkpoint.directory = "state";
    plan.checkpoint.unnamed_by_place = true;
    return plan;
}

// Each run goes on from what the one before left on the disk, perhaps otherwise; the last one is not disturbed.
weir::run_report run_through_crashes(const weir::graph& graph, const configuration& how) {
    using weir::testing::unsynced;
    constexpr std::chrono::nanoseconds intervals[] = {0ns, 500ns, 5us, 50us};
    seeded choose(how.seed ^ 0xc4a5U);
    weir::testing::simulated_disk disk(how.seed);
    for (auto crashes = choose.below(4);; --crashes) {
        weir::detail::run_plan plan = checkpointed(another_of(how, choose));
        plan.checkpoint.every = intervals[choose.below(std::size(intervals))];
        weir::testing::simulation where(choose.next(), std::move(disk));
        if (crashes != 0) where.disk().crash_before(where.disk().changes() + choose.below(80));
        try {
            const weir::run_report report = weir::detail::run_graph(graph, plan, where);
            if (report.checkpoints->resumed_from != 0) ++counted.resumed;
            if (crashes == 0) {
                ++counted.runs;
                return report;
            }
        } catch (const weir::testing::simulated_crash&) {
            ++counted.crashes;
        }
        disk = where.disk().after_power_loss({static_cast<unsynced>(choose.below(6)), choose.next()});
    }
}

thread_counts counted_threads;

// Each run is stopped somewhere, which ends it with a savepoint, and the next one goes on from there with other
// threads; the last one is not stopped.
weir::run_report run_with_other_threads(const weir::graph& graph, const configuration& how) {
    seeded choose(how.seed ^ 0x7ead5U);
    weir::testing::simulated_disk disk(how.seed);
    unsigned before = 0;
    for (auto stops = 1 + choose.below(4);; --stops) {
        configuration present = another_of(how, choose);
        if (present.threads == before) present.threads = before % 4 + 1;
        weir::detail::run_plan plan = checkpointed(present);
        std::atomic<bool> stop{false};
        std::uint64_t left = choose.below(stops == 1 ? 40 : 15);
        plan.tuning.stop = &stop;
        plan.tuning.progress_every = 0ms;
        plan.tuning.progress = [&](const weir::progress_report&) {
            if (stops != 0 && left-- == 0) stop = true;
        };
        weir::testing::simulation where(choose.next(), std::move(disk));
        weir::run_report report = weir::detail::run_graph(graph, plan, where);
        ++counted_threads.runs;
        for (const weir::stage_report& each : report.stages) {
            if (each.counts.held == 0) continue;
            ++counted_threads.holding;
            break;
        }
        if (report.reached_end) return report;
        before = present.threads;
        disk = where.disk().after_power_loss({weir::testing::unsynced::kept, 0});
    }
}

}  // namespace

trial random_trial(std::uint64_t graph_seed, std::uint64_t log_seed, bool all) {
    trial made;
    made.graph = random_description(graph_seed);
    seeded choose(log_seed);
    // Now and then as long as several large chunks: a large and a small graph take about as long.
    const std::size_t uses = made.graph.uses.size();
    const bool long_logs = uses < 4 && choose.one_in(40);
    const std::size_t usual = choose.one_in(10) ? 120 : 25;
    made.logs = random_logs(choose, made.graph.partition_count(), long_logs ? 3000 / uses : usual);
    auto every = weir::testing::all_configurations({std::begin(chunks), std::end(chunks)},
                                                   {std::begin(threads), std::end(threads)}, choose.next());
    for (configuration& each : every) each.real_threads = each.threads > 1 && choose.one_in(30);
    if (all) {
        made.configurations = std::move(every);
    } else {
        for (int i = 0; i < 6; ++i) made.configurations.push_back(every[choose.below(every.size())]);
    }
    return made;
}

std::string trial::to_text() const {
    std::string text = "graph\n" + graph.to_text() + "logs\n" + random_graphs::to_text(logs) + "run as\n";
    for (const configuration& each : configurations) text += "  " + each.text() + "\n";
    return text;
}

std::string modes_are_equal(const trial& what) {
    return each_configuration(what, compared::to_naive, false, weir::testing::run_configured);
}

std::string marks_hold(const trial& what) {
    return each_configuration(what, compared::to_reference, true, weir::testing::run_configured);
}

std::string snapshots_change_nothing(const trial& what) {
    return each_configuration(what, compared::to_reference, false,
                              [](const weir::graph& graph, const configuration& how) {
                                  seeded choose(how.seed);
                                  weir::testing::simulation where(how.seed);
                                  auto running = std::make_unique<weir::job>(graph, how.plan(), where);
                                  for (auto stops = 1 + choose.below(3); stops > 0; --stops) {
                                      static_cast<void>(running->advance(choose.below(30)));
                                      const weir::job_snapshot taken = running->snapshot();
                                      running = std::make_unique<weir::job>(graph, how.plan(), where, taken);
                                  }
                                  running->run_to_end();
                                  return running->finish();
                              });
}

crash_counts crashes_so_far() { return counted; }

std::string threads_change_nothing(const trial& what) {
    return each_configuration(what, compared::to_reference, false, run_with_other_threads);
}
thread_counts threads_so_far() { return counted_threads; }

std::string crashes_change_nothing(const trial& what) {
    return each_configuration(what, compared::to_reference, false, run_through_crashes);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string find_failure(const check& law, std::uint64_t graphs, std::uint64_t logs) {
    const bool full = number_from("WEIR_FULL", 0) != 0;
    const std::uint64_t first = number_from("WEIR_SEED", 1);
    const std::uint64_t last = first + number_from("WEIR_GRAPHS", graphs) - 1;
    std::cout << "graphs of seeds " << first << " to " << last << ", " << logs << " logs each\n" << std::flush;
    for (std::uint64_t graph = first; graph <= last; ++graph) {
        for (std::uint64_t seed = graph * 1000; seed < graph * 1000 + logs; ++seed) {
            const trial made = random_trial(graph, seed, full);
            if (law(made).empty()) continue;
            return fmt::format("graph seed {}, log seed {}: {}", graph, seed, explained(made, law));
        }
    }
    return {};
}

std::string explained(const trial& failing, const check& fails) {
    const trial smallest = shrunk(failing, fails);
    return fails(smallest) + "\n" + smallest.to_text() + "as it was found: " + fails(failing) + "\n";
}

}  // namespace random_graphs
