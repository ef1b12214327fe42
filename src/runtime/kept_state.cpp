// SPDX-License-Identifier: Apache-2.0
// What a graph keeps, and what a checkpoint holds, in the same words.
#include <algorithm>
#include <map>
#include <tuple>

#include <weir/base/environment.hpp>
#include <weir/flow/graph.hpp>
#include <weir/flow/sink.hpp>
#include <weir/record/schema.hpp>
#include <weir/runtime/checkpoint_store.hpp>
#include <weir/runtime/schema_lock.hpp>

#include "plan_state.hpp"

namespace weir {
namespace detail {

// Unnamed ones are told apart by their place among those of their kind.
std::vector<std::string> identities(const graph& what) {
    std::vector<std::string> names;
    std::map<std::string, unsigned> of_kind;
    for (const auto& each : what.nodes()) {
        names.push_back(each->name().empty() ? each->kind() + " #" + std::to_string(++of_kind[each->kind()])
                                             : each->name());
    }
    return names;
}

std::string input_text(const graph& what, const node_input& input, const std::vector<std::string>& known_as) {
    return word_in_tag(known_as[what.number_of(input.from.get())]) + "." + std::to_string(input.outlet);
}

}  // namespace detail

namespace {

void sort(kept_state& kept) {
    std::sort(kept.stages.begin(), kept.stages.end(), [](const kept_stage& one, const kept_stage& other) {
        return std::tie(other.log, one.name, one.kind) < std::tie(one.log, other.name, other.kind);
    });
}

// Null for logs and sinks: they open what they read and write when they are made, and say nothing of what they keep.
std::unique_ptr<stage> made_alone(const graph& what, std::uint32_t number, run_outputs& outputs) {
    const node& description = *what.nodes()[number];
    if (description.how() == spread::partition || description.outlet_count() == 0) return nullptr;
    auto made = description.make({number, 0, 1, &machine(), what.name(), &outputs, true});
    if (const std::string why = made->why_not_storable(); !why.empty()) {
        throw error(error_kind::configuration,
                    "graph '" + what.name() + "' cannot have checkpoints: " + what.label(number) + " " + why);
    }
    return made;
}

struct kept_and_made {
    kept_state kept;
    run_outputs outputs;
    std::map<std::string, std::unique_ptr<stage>> made;  // by name
};

kept_and_made look_at(const graph& what) {
    kept_and_made found;
    found.kept.graph = what.name();
    const std::vector<std::string> known_as = detail::identities(what);
    for (std::uint32_t number = 0; number < known_as.size(); ++number) {
        const node& description = *what.nodes()[number];
        kept_stage each{known_as[number], description.kind()};
        each.log = description.how() == spread::partition;
        for (const node_input& input : description.inputs()) {
            each.inputs.push_back(detail::input_text(what, input, known_as));
        }
        if (auto made = made_alone(what, number, found.outputs)) {
            each.schema = made->schema();
            found.made.emplace(each.name, std::move(made));
        }
        found.kept.stages.push_back(std::move(each));
    }
    sort(found.kept);
    return found;
}

// "inputs<a.0,b.0>"
std::vector<std::string> listed_inputs(const type_tree& shape_of_stage) {
    std::vector<std::string> inputs;
    const type_tree* const from = part_named(shape_of_stage, "from");
    if (from == nullptr) return inputs;
    for (const type_tree& each : from->parts) inputs.push_back(each.text);
    return inputs;
}

}  // namespace

kept_state kept_by(const graph& what) { return look_at(what).kept; }

kept_state kept_in(const checkpoint_info& checkpoint) {
    kept_state kept;
    kept.graph = checkpoint.graph;
    std::optional<type_tree> shape;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (const checkpoint_stage& each : checkpoint.stages) {
        if (&each == &checkpoint.stages.back() && each.kind == detail::run_kind) {
            shape = parse_type(each.schema);
            continue;
        }
        const auto [place, added] = places.try_emplace({each.name, each.kind}, kept.stages.size());
        if (added) kept.stages.push_back({each.name, each.kind, each.schema});
        ++kept.stages[place->second].partitions;
    }
    const type_tree* const logs = shape ? part_named(*shape, "logs") : nullptr;
    const type_tree* const others = shape ? part_named(*shape, "stages") : nullptr;
    for (kept_stage& each : kept.stages) {
        const std::string name = word_in_tag(each.name);
        const type_tree* const inputs = others == nullptr ? nullptr : part_named(*others, name);
        each.log = inputs == nullptr && logs != nullptr && part_named(*logs, name) != nullptr;
        if (!each.log) each.partitions = 0;
        if (inputs != nullptr) each.inputs = listed_inputs(*inputs);
    }
    sort(kept);
    return kept;
}

schema_changes compare_kept(const kept_state& was, const graph& is, const checkpointing& options) {
    const kept_and_made now = look_at(is);
    return compare_kept(was, now.kept, options,
                        [&now](const kept_stage& before, const kept_stage& after, const migration_rules& rules) {
                            return now.made.at(after.name)->adopt_schema(before.schema, rules);
                        });
}

std::string schema_lock(const graph& what) { return schema_lock(kept_by(what)); }

}  // namespace weir
