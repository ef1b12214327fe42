// SPDX-License-Identifier: Apache-2.0
// explain(graph): how a graph will run, for people: its stages with what feeds them and which steps are fused into
// each, the order of every stream, where several workers exchange records, what may be held back, what each sink
// promises over crashes in runs with checkpoints, every point at which the answer is not a function of the logs, and
// the logs that lose records in a crash because they cannot be read again. explain_dot(graph): the same as a picture,
// for Graphviz; dashed edges are exchanges.
#pragma once
#include <string>

#include <weir/flow/graph.hpp>

namespace weir {

[[nodiscard]] std::string explain(const graph& what);
[[nodiscard]] std::string explain_dot(const graph& what);

}  // namespace weir
