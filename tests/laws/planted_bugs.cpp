// SPDX-License-Identifier: Apache-2.0
// The tests of the laws, tested: each bug that can be planted is found by the law of mode equality over random graphs,
// or by going on with other threads, and without a bug the same trials pass. Compiled together with the library, with
// WEIR_PLANTED_BUGS.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random_graphs/check.hpp>
#include <random_graphs/lowering.hpp>
#include <weir/base/planted_bug.hpp>

using namespace random_graphs;
using weir::planted_bug;

namespace {

constexpr std::uint64_t most_graphs = 400;
constexpr std::uint64_t many_graphs = 1'500;  // where it takes two logs, a join of both, and a stop at the right place

class planting {
  public:
    explicit planting(planted_bug which) { weir::planted_now = which; }
    planting(const planting&) = delete;
    planting& operator=(const planting&) = delete;
    ~planting() { weir::planted_now = planted_bug::none; }
};

// Simulated only: a bug that makes a run wait for ever is then an error.
trial trial_of(std::uint64_t seed) {
    trial made = random_trial(seed, seed, false);
    for (auto& each : made.configurations) each.real_threads = false;
    return made;
}

// How many graphs it takes to find a bug, or 0.
std::uint64_t graphs_until_found(planted_bug which, const check& law, std::string& found,
                                 std::uint64_t most = most_graphs) {
    const planting planted(which);
    for (std::uint64_t seed = 1; seed <= most; ++seed) {
        found = law(trial_of(seed));
        if (!found.empty()) return seed;
    }
    return 0;
}

void must_be_found(planted_bug which, const check& law = modes_are_equal, std::uint64_t most = most_graphs) {
    std::string found;
    const std::uint64_t graphs = graphs_until_found(which, law, found, most);
    INFO("found by graph " << graphs << ": " << found);
    CHECK(graphs != 0);
    if (graphs != 0) CHECK(law(trial_of(graphs)).empty());
}

}  // namespace

TEST_CASE("without a planted bug the trials pass", "[laws]") {
    std::string found;
    CHECK(graphs_until_found(planted_bug::none, modes_are_equal, found) == 0);
    CHECK(found == "");
    CHECK(graphs_until_found(planted_bug::none, threads_change_nothing, found) == 0);
    CHECK(found == "");
}

TEST_CASE("planted: no merge by turn", "[laws]") { must_be_found(planted_bug::no_merge_by_turn); }
TEST_CASE("planted: lateness by the merged watermark", "[laws]") {
    must_be_found(planted_bug::late_by_merged_watermark);
}
TEST_CASE("planted: early firing on input not in turn", "[laws]") { must_be_found(planted_bug::early_firing); }
TEST_CASE("planted: a result stamped with the batch's watermark", "[laws]") {
    must_be_found(planted_bug::stamped_by_batch);
}
TEST_CASE("planted: doubles added in arrival order", "[laws]") { must_be_found(planted_bug::added_on_arrival); }
TEST_CASE("planted: a lost progress mark", "[laws]") { must_be_found(planted_bug::lost_mark); }
TEST_CASE("planted: a skipped due window", "[laws]") { must_be_found(planted_bug::skipped_window); }
TEST_CASE("planted: two chunks swapped", "[laws]") { must_be_found(planted_bug::swapped_chunks); }
TEST_CASE("planted: a lost chunk", "[laws]") { must_be_found(planted_bug::lost_chunk); }
TEST_CASE("planted: a lost chunk is missing on its edge", "[laws]") {
    const planting planted(planted_bug::lost_chunk);
    bool missed = false;
    for (std::uint64_t seed = 1; seed <= most_graphs && !missed; ++seed) {
        const trial made = trial_of(seed);
        const lowered graph = lower(made.graph, made.logs);
        for (const auto& how : made.configurations) {
            const auto report = weir::testing::run_configured(graph.what, how);
            for (const auto& each : report.edges) missed |= each.received < each.emitted;
        }
    }
    CHECK(missed);
}
TEST_CASE("planted: a record's own time in its watermark", "[laws]") { must_be_found(planted_bug::own_time_counts); }
TEST_CASE("planted: with other threads all that waits is at the first instance", "[laws]") {
    must_be_found(planted_bug::all_wait_at_first, threads_change_nothing);
}
TEST_CASE("planted: with other threads what waits is not in turn", "[laws]") {
    must_be_found(planted_bug::wait_out_of_turn, threads_change_nothing);
}
TEST_CASE("planted: with other threads what waits in a join is in all its instances", "[laws]") {
    must_be_found(planted_bug::rows_wait_everywhere, threads_change_nothing, many_graphs);
}

TEST_CASE("a failing trial is made as small as it can be", "[laws]") {
    // Fails whenever a record of key 0 is there.
    const check no_zero = [](const trial& what) {
        for (const auto& log : what.logs) {
            for (const auto& each : log) {
                if (each.key == 0) return std::string("key 0");
            }
        }
        return std::string();
    };
    const trial smallest = shrunk(trial_of(3), no_zero);
    CHECK(smallest.configurations.empty());
    CHECK(smallest.graph.uses.empty());
    CHECK(smallest.graph.sinks.size() == 1);
    std::size_t records = 0;
    for (const auto& log : smallest.logs) records += log.size();
    CHECK(records == 1);
}
