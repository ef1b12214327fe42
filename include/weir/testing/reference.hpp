// SPDX-License-Identifier: Apache-2.0
// The reference run: what every run of a graph must equal, to the bit. One thread, whose clock is the watermark:
//
//   Of all records that wait anywhere in the graph, and all work that is due, what has the smallest turn is next;
//   what comes of one source record is carried out stage by stage, in the order of their numbers.
//
// It uses the stages of the graph, one instance of each, but neither plan, gates, workers nor what marks say: every
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
