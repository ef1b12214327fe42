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
    check_replies();
}

// Whoever asks waits for the reply, so it must follow from the requests so far, and be there when the request has been
// carried through.
void graph::check_replies() const {
    const auto refuse = [&](const std::string& sentence) {
        throw error(error_kind::configuration, "graph '" + name_ + "': " + sentence);
    };
    std::map<const node*, const node*> answered;
    for (const auto& each : nodes_) {
        const node* const requests = each->answers();
        if (requests == nullptr) continue;
        if (!answered.emplace(requests, each.get()).second) {
            refuse("two sinks reply to the same requests: merge the answers, and reply once");
        }
        bool comes_from_requests = false;
        std::set<const node*> seen;
        std::vector<node_input> open = each->inputs();
        while (!open.empty()) {
            const node_input input = open.back();
            open.pop_back();
            const node& from = *input.from;
            if (from.waits_for_watermark(input.outlet)) {
                refuse("the reply waits for a watermark: " + label_of(from) +
                       " speaks when time has passed, not when a request comes; use rolling(...) or "
                       "process<State>(...) on the way to reply");
            }
            if (!seen.insert(&from).second) continue;
            if (&from == requests) {
                comes_from_requests = true;
            } else if (from.how() == spread::partition) {
                refuse("the reply waits for another log: " + label_of(from) +
                       " also leads to it; let its records come as requests, or keep it off the way to reply");
            }
            open.insert(open.end(), from.inputs().begin(), from.inputs().end());
        }
        if (!comes_from_requests) refuse("reply stands behind a stream that does not come from its requests");
    }
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
