// SPDX-License-Identifier: Apache-2.0
// What the operators' tests share: one record, random logs of it, the stamps its records must have, and running a graph
// in every runner. Oracles take arrivals(), which is written from the design alone.
#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>
#include <weir/record/describe.hpp>
#include <weir/runtime/job.hpp>
#include <weir/testing/comparison.hpp>
#include <weir/testing/reference.hpp>
#include <weir/testing/simulation.hpp>

namespace operators_test {

using weir::timestamp;

struct reading {
    std::uint32_t key = 0;
    timestamp at{};
    std::int64_t amount = 0;
    double value = 0;
    std::string note;  // long enough to live on the heap: records that were moved out are noticed
    friend bool operator==(const reading&, const reading&) = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (key, at, amount, value, note))

using readings = std::vector<reading>;
using logs = std::vector<readings>;

[[nodiscard]] inline timestamp nanosecond(std::int64_t count) { return timestamp{weir::duration{count}}; }
[[nodiscard]] inline reading make_reading(std::uint32_t key, std::int64_t at, std::int64_t amount = 1,
                                          double value = 1) {
    return {key, nanosecond(at), amount, value, "a note on key number " + std::to_string(key)};
}

struct log_options {
    std::uint64_t records = 120;
    std::uint64_t partitions = 1;
    std::uint64_t keys = 5;
    std::uint64_t step = 5;       // time goes on by less than this per record, so that ties are frequent
    std::uint64_t disorder = 14;  // and a record is older than the newest by less than this
    std::int64_t start = -150;    // negative times are in it
};

// Shuffled within `disorder`, tied, duplicated, with skewed keys; later partitions are shorter and run ahead.
[[nodiscard]] inline logs random_logs(std::uint64_t seed, const log_options& how) {
    weir::testing::seeded choose(seed);
    logs made;
    for (std::uint64_t partition = 0; partition < how.partitions; ++partition) {
        readings records;
        std::int64_t clock = how.start + static_cast<std::int64_t>(choose.below(40) * partition);
        for (std::uint64_t i = 0; i < how.records / (partition + 1); ++i) {
            if (!records.empty() && choose.one_in(9)) {
                records.push_back(records.back());
                continue;
            }
            clock += static_cast<std::int64_t>(choose.one_in(25) ? choose.below(40) : choose.below(how.step));
            const auto older = static_cast<std::int64_t>(choose.below(how.disorder));
            const auto key = static_cast<std::uint32_t>(choose.one_in(2) ? 0 : choose.below(how.keys));
            const auto mantissa = static_cast<double>(static_cast<std::int64_t>(choose.below(2000)) - 1000);
            const auto exponent = static_cast<int>(choose.below(60)) - 30;
            records.push_back(make_reading(key, clock - older, static_cast<std::int64_t>(choose.below(100)) - 30,
                                           std::ldexp(mantissa, exponent)));
        }
        made.push_back(std::move(records));
    }
    return made;
}

// The records with their stamps, in turn: the watermark is the largest time strictly before in the partition, less
// the bound.
[[nodiscard]] inline std::vector<weir::stamped<reading>> arrivals(const logs& all, weir::duration bound) {
    std::vector<weir::stamped<reading>> made;
    for (std::size_t partition = 0; partition < all.size(); ++partition) {
        timestamp watermark = weir::time_lowest;
        for (std::size_t offset = 0; offset < all[partition].size(); ++offset) {
            const reading& each = all[partition][offset];
            made.push_back({each, {each.at, {watermark, weir::lane::partition(partition), offset, {}}}});
            watermark = std::max(watermark, each.at - bound);
        }
    }
    std::sort(made.begin(), made.end(), [](const auto& left, const auto& right) { return left.at.at < right.at.at; });
    return made;
}
// The stamp of a record-driven result.
[[nodiscard]] inline weir::stamp caused(timestamp time, const weir::stamp& cause, std::size_t stage,
                                        std::uint32_t index) {
    weir::stamp made{time, cause.at};
    made.at.tail.push_back(weir::tail_word::result_of(static_cast<std::uint32_t>(stage), index));
    return made;
}
// The stamp of a result that is due at `due`, of a key whose hash says which it is.
[[nodiscard]] inline weir::stamp triggered(timestamp due, std::size_t stage, std::uint64_t hash,
                                           std::uint64_t sequence) {
    return {due, {due, weir::lane::stage(stage), hash, {sequence}}};
}
template <class T> void sort_by_turn(std::vector<weir::stamped<T>>& items) {
    std::sort(items.begin(), items.end(), [](const auto& left, const auto& right) { return left.at.at < right.at.at; });
}

struct named_plan {
    std::string name;
    weir::detail::run_plan how;
};
[[nodiscard]] inline std::vector<named_plan> every_runner() {
    std::vector<named_plan> made;
    for (const unsigned threads : {1U, 2U, 4U}) {
        const std::string by = ", threads " + std::to_string(threads);
        made.push_back({"event_loop" + by, weir::detail::plan_of(weir::event_loop{.threads = threads})});
        made.push_back(
            {"micro_batch of 7" + by, weir::detail::plan_of(weir::micro_batch{.max_records = 7, .threads = threads})});
        for (const std::size_t chunk : {1U, 7U, 1024U}) {
            made.push_back({"batch, chunk " + std::to_string(chunk) + by,
                            weir::detail::plan_of(weir::batch{.threads = threads, .chunk = chunk})});
        }
        made.back().how.tuning.ring = 1;
        made.back().how.tuning.in_flight = 1;
    }
    return made;
}

// The first difference between two outputs, both in turn; empty if there is none.
template <class T>
[[nodiscard]] std::string difference(const std::vector<weir::stamped<T>>& wanted,
                                     const std::vector<weir::stamped<T>>& got) {
    const auto stamp_text = [](const std::vector<weir::stamped<T>>& items, std::size_t i) {
        return i < items.size() ? weir::testing::describe(items[i].at) : std::string("nothing");
    };
    for (std::size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
        const bool both = i < wanted.size() && i < got.size();
        if (both && weir::testing::same_bits(wanted[i], got[i])) continue;
        const bool value = both && wanted[i].at == got[i].at;
        return "record " + std::to_string(i) + (value ? " has another value at " : " is at ") + stamp_text(got, i) +
               ", not " + stamp_text(wanted, i) + " (" + std::to_string(got.size()) + " records, not " +
               std::to_string(wanted.size()) + ")";
    }
    return {};
}

template <class... Sinks>
void require_same(const weir::run_report& wanted, const weir::run_report& got, const std::string& how,
                  const Sinks&... sinks) {
    INFO(how);
    [[maybe_unused]] const auto same = [](const std::string& found) { REQUIRE(found == ""); };
    (same(difference(wanted.output(sinks), got.output(sinks))), ...);
    REQUIRE(weir::testing::difference(wanted, got) == "");
}

// Runs the graph in every runner; all must leave what the reference run leaves, which is returned.
template <class... Sinks>
weir::run_report run_everywhere(const weir::graph& what, std::uint64_t seed, const Sinks&... sinks) {
    weir::testing::simulation where(seed);
    const weir::run_report reference = weir::testing::reference_run(what, where);
    require_same(reference, reference, "the reference run", sinks...);
    for (const named_plan& each : every_runner()) {
        weir::testing::simulation simulated(seed);
        require_same(reference, weir::detail::run_graph(what, each.how, simulated), each.name, sinks...);
    }
    return reference;
}

// Runs the graph with a snapshot and a new job after every record, in a few runners. Takes its time: for small logs.
template <class... Sinks>
void restore_everywhere(const weir::graph& what, const weir::run_report& wanted, const Sinks&... sinks) {
    for (const named_plan& each : every_runner()) {
        const bool like_the_event_loop = each.how.chunk == 1 && each.how.outlet_chunk == 1;
        if (each.how.threads == 4 || like_the_event_loop) continue;
        weir::testing::simulation where(1);
        auto running = std::make_unique<weir::job>(what, each.how, where);
        while (running->advance(1)) {
            const weir::job_snapshot taken = running->snapshot();
            running = std::make_unique<weir::job>(what, each.how, where, taken);
        }
        require_same(wanted, running->finish(), each.name + ", restored after every record", sinks...);
    }
}

// The kind of the weir::error that `act` throws, whose sentence must hold `part`.
template <class Act> void require_refused(Act act, const std::string& part) {
    try {
        act();
    } catch (const weir::error& refused) {
        INFO(refused.what());
        CHECK(refused.kind() == weir::error_kind::configuration);
        CHECK(std::string(refused.what()).find(part) != std::string::npos);
        return;
    }
    FAIL("not refused, but should say: " + part);
}

}  // namespace operators_test
