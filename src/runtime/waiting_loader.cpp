// SPDX-License-Identifier: Apache-2.0
#include "waiting_loader.hpp"

#include <weir/record/schema.hpp>

namespace weir::detail {

waiting_loader::waiting_loader(plan& into, const graph& what, const checkpoint_info& from)
    : into_(into), what_(what), from_(from) {
    if (!from.stages.empty()) shape_ = parse_type(from.stages.back().schema);
}

waiting_records& waiting_loader::at(const std::vector<std::size_t>& stages, const checkpoint_stage& was,
                                    std::size_t input) {
    const std::uint32_t number = into_.stages()[stages.front()].node;
    input_of& found = inputs_[{number, input}];
    if (found.waiting == nullptr) {
        found = {what_.nodes()[number]->make_waiting(input, stages.size()), &stages, &was};
    }
    return *found.waiting;
}

std::string waiting_loader::held_types_of(const std::string& name) const {
    const type_tree* const stages = shape_ ? part_named(*shape_, "stages") : nullptr;
    const type_tree* const stage = stages != nullptr ? part_named(*stages, word_in_tag(name)) : nullptr;
    const type_tree* const held = stage != nullptr ? part_named(*stage, "held") : nullptr;
    return held != nullptr ? held->text : std::string{};
}

bool waiting_loader::add(const std::vector<std::size_t>& stages, const checkpoint_stage& was,
                         const state_batch::entry& each) {
    const std::uint32_t number = into_.stages()[stages.front()].node;
    binary_reader value{each.value};
    if (!each.key.empty()) {
        binary_reader key{each.key};
        const auto input = load<std::uint32_t>(key);
        if (input >= what_.nodes()[number]->inputs().size()) return false;
        waiting_records& waiting = at(stages, was, input);
        if (load<std::string>(value) != waiting.schema(waiting_form::behind_steps)) return false;
        waiting.add(value, waiting_form::behind_steps);
        value.expect_end();
        return true;
    }
    const auto form = from_.threads == 1 ? waiting_form::before_steps : waiting_form::behind_steps;
    const std::vector<std::size_t> channels = into_.gated_channels_with(number, from_.threads);
    std::string types;
    for (std::size_t input = 0; input < channels.size(); ++input) {
        for (std::size_t i = 0; i < channels[input]; ++i) {
            types += (types.empty() ? "" : ",") + at(stages, was, input).schema(form);
        }
    }
    if (held_types_of(was.name) != "types<" + types + ">") return false;
    for (std::size_t input = 0; input < channels.size(); ++input) {
        for (std::size_t i = 0; i < channels[input]; ++i) at(stages, was, input).add(value, form);
    }
    value.expect_end();
    return true;
}

const checkpoint_stage* waiting_loader::finish() {
    for (auto& [of, each] : inputs_) {
        for (std::size_t i = 0; i < each.stages->size(); ++i) {
            if (!each.waiting->any_at(i)) continue;
            const taken_back* const back = into_.take_back((*each.stages)[i], of.second);
            if (back == nullptr) return each.was;
            each.waiting->move_to(i, *back->from);
        }
        // The first of the instances counts what the fused steps did on the way.
        into_.stages()[each.stages->front()].run->counts += each.waiting->counts();
    }
    return nullptr;
}

}  // namespace weir::detail
