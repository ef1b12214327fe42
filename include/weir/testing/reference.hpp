// SPDX-License-Identifier: Apache-2.0
// The reference run: what every run of a graph must equal, to the bit. One thread, whose clock is the watermark:
//
//   Of all records that wait anywhere in the graph and all work that is due, the one with the smallest turn is next;
//   of one record at several stages, the stage with the smallest number.
//
// It uses the stages of the graph, one instance of each, but neither plan, gates, chunks, marks nor workers: every
// source is read to its end beforehand, and every record is handed over alone. Slow, and right for plain reasons.
#pragma once
#include <weir/base/environment.hpp>
#include <weir/flow/graph.hpp>
#include <weir/runtime/report.hpp>

namespace weir::testing {

// O(turns x channels of the graph). Throws what user's functions throw, and weir::error of kind internal if a stage
// breaks a promise: work that is due and does not go away, a result below the turn that caused it.
[[nodiscard]] run_report reference_run(const graph& what, environment& where);

}  // namespace weir::testing
