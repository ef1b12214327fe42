// SPDX-License-Identifier: Apache-2.0
// A description as a weir::graph over given logs.
#pragma once
#include <optional>

#include <weir/flow/graph.hpp>
#include <weir/flow/stream.hpp>
#include <weir/sinks/collect.hpp>

#include "description.hpp"

namespace random_graphs {

// What travels between the operators of a random graph.
using events = weir::any_stream<event, weir::by_channel>;
using event_sink = decltype(weir::collect_stamped<event>());

struct lowered {
    weir::graph what;
    std::vector<event_sink> sinks;  // of the description's sinks, in order
    // Per use, the numbers of its stages, of a fused chain as many as it has operators; none where the graph does not
    // need it, or the operator is no stage.
    std::vector<std::vector<std::optional<std::uint32_t>>> stages;
    // Per source the number of its first partition; none where the graph does not need it.
    std::vector<std::optional<std::uint64_t>> partitions;
};

// `logs`: of all partitions, source by source. With probes, every stream between operators is watched.
[[nodiscard]] lowered lower(const description& what, const std::vector<log>& logs, bool with_probes = false);

namespace detail {
struct lowered_use {
    std::vector<events> outputs;
    std::vector<const weir::node*> stages;
};
[[nodiscard]] lowered_use lower_steps(const std::vector<events>& inputs, const use& how);    // pure, merge, join, sort
[[nodiscard]] lowered_use lower_windows(const std::vector<events>& inputs, const use& how);  // tumbling ... rolling
[[nodiscard]] lowered_use lower_process(const std::vector<events>& inputs, const use& how);
[[nodiscard]] lowered_use lower_interval_join(const std::vector<events>& inputs, const use& how);
[[nodiscard]] lowered_use lower_fused_first(const events& input, const use& how);   // chains 0 ... 9
[[nodiscard]] lowered_use lower_fused_second(const events& input, const use& how);  // chains 10 ... 19
[[nodiscard]] lowered_use lower_fused_third(const events& input, const use& how);   // chains 20 ... 29
}  // namespace detail

}  // namespace random_graphs
