// SPDX-License-Identifier: Apache-2.0
#include <weir/flow/graph.hpp>

#include <map>
#include <set>

#include <weir/base/error.hpp>

namespace weir {
namespace {

// Upstream first, each node once. The order is a function of the graph alone: stages are numbered by it.
void collect(const std::shared_ptr<const node>& each, std::set<const node*>& seen,
             std::vector<std::shared_ptr<const node>>& into) {
    if (!seen.insert(each.get()).second) return;
    for (const node_input& input : each->inputs()) collect(input.from, seen, into);
    into.push_back(each);
}

}  // namespace

graph::graph(std::string name, std::vector<output> outputs) : name_(std::move(name)) {
    if (outputs.empty()) {
        throw error(error_kind::configuration, "graph '" + name_ + "' has no output: end a stream with into(sink)");
    }
    std::set<const node*> seen;
    for (const output& each : outputs) collect(each.sink(), seen, nodes_);
    // Sinks that nodes bring along may stand upstream of nothing else; they come last.
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (const auto& companion : nodes_[i]->companions()) collect(companion, seen, nodes_);
    }
    check();
}

void graph::check() const {
    std::set<std::string> names;
    std::set<std::string> claims;
    std::map<std::pair<const node*, unsigned>, unsigned> uses;
    for (const auto& each : nodes_) {
        if (!each->name().empty() && !names.insert(each->name()).second) {
            throw error(error_kind::configuration, "graph '" + name_ + "' has two stages named '" + each->name() +
                                                       "': a name is the identity of a stage's state, use it once");
        }
        if (const std::string claim = each->claim(); !claim.empty() && !claims.insert(claim).second) {
            throw error(error_kind::configuration,
                        "graph '" + name_ + "' has two sinks for " + claim + ": merge the streams, or write two files");
        }
        for (const node_input& input : each->inputs()) ++uses[{input.from.get(), input.outlet}];
    }
    for (const auto& [from, count] : uses) {
        if (count > 1 && from.first->single_use()) {
            throw error(error_kind::configuration,
                        "the records of " + label(number_of(from.first)) +
                            " cannot be copied, but two stages use them: make them copyable, or use the stream once");
        }
    }
}

std::size_t graph::number_of(const node* wanted) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].get() == wanted) return i;
    }
    throw error(error_kind::configuration, "this node is not part of graph '" + name_ + "'");
}

std::string graph::label(std::size_t number) const {
    const node& each = *nodes_.at(number);
    std::string text = "#" + std::to_string(number) + " " + each.kind();
    if (!each.name().empty()) text += " '" + each.name() + "'";
    return text;
}

}  // namespace weir
