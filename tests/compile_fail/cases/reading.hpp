// SPDX-License-Identifier: Apache-2.0
// What all cases start from: a described record, a log of it, and the same with event time and with a key.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <weir/aggregates/count.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/as_of_join.hpp>
#include <weir/operators/attempt.hpp>
#include <weir/operators/budgeted_map.hpp>
#include <weir/operators/cogroup.hpp>
#include <weir/operators/dedupe.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/interval_join.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/process_with.hpp>
#include <weir/operators/sample.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/split.hpp>
#include <weir/operators/table_join.hpp>
#include <weir/operators/window.hpp>
#include <weir/operators/window_join.hpp>
#include <weir/runtime/engine.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sinks/reply.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/csv_tail.hpp>
#include <weir/sources/followed_by.hpp>
#include <weir/sources/memory.hpp>
#include <weir/sources/requests.hpp>
#include <weir/sources/source.hpp>

using namespace std::chrono_literals;

struct reading {
    std::uint64_t sensor = 0;
    weir::timestamp at{};
    double value = 0;
};
BOOST_DESCRIBE_STRUCT(reading, (), (sensor, at, value))

struct undescribed {
    int id = 0;
};

struct running_total {
    double sum = 0;
};

inline auto log_of_readings() { return weir::memory(std::vector<reading>(3)); }
inline auto clocked() { return weir::event_time(&reading::at, weir::out_of_order(5s)); }
inline auto timed() { return log_of_readings() | clocked(); }
inline auto keyed() { return timed() | weir::key_by(&reading::sensor); }
inline auto windowed_readings() { return keyed() | weir::window(weir::tumbling(10s)); }
