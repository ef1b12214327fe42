// SPDX-License-Identifier: Apache-2.0
// weir: a dataflow is written once, as a value, and run as an event loop, as micro-batches or as batch, with the same
// answer to the bit. This header brings the core; connectors have headers of their own.
#pragma once
#include <weir/aggregates/as.hpp>
#include <weir/aggregates/count.hpp>
#include <weir/aggregates/distinct.hpp>
#include <weir/aggregates/first.hpp>
#include <weir/aggregates/last.hpp>
#include <weir/aggregates/max.hpp>
#include <weir/aggregates/mean.hpp>
#include <weir/aggregates/min.hpp>
#include <weir/aggregates/plain_sum.hpp>
#include <weir/aggregates/stddev.hpp>
#include <weir/aggregates/sum.hpp>
#include <weir/aggregates/variance.hpp>
#include <weir/flow/explain.hpp>
#include <weir/operators/aggregate.hpp>
#include <weir/operators/erase.hpp>
#include <weir/operators/event_time.hpp>
#include <weir/operators/filter.hpp>
#include <weir/operators/flat_map.hpp>
#include <weir/operators/into.hpp>
#include <weir/operators/join_by_origin.hpp>
#include <weir/operators/key_by.hpp>
#include <weir/operators/map.hpp>
#include <weir/operators/merge.hpp>
#include <weir/operators/process.hpp>
#include <weir/operators/sort_by_time.hpp>
#include <weir/operators/split.hpp>
#include <weir/operators/window.hpp>
#include <weir/runtime/job.hpp>
#include <weir/runtime/run.hpp>
#include <weir/sinks/collect.hpp>
#include <weir/sinks/csv.hpp>
#include <weir/sinks/for_each.hpp>
#include <weir/sources/csv.hpp>
#include <weir/sources/memory.hpp>
