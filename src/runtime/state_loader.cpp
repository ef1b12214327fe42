// SPDX-License-Identifier: Apache-2.0
// A graph goes on from a checkpoint, be it of the same graph or of one that was changed since. Stages are found by
// their names. All that can be refused without reading an entry is refused before one is read.
#include <algorithm>
#include <map>

#include "plan_state.hpp"

namespace weir::detail {
namespace {

bool names(const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

const checkpoint_stage* of_name(const std::vector<checkpoint_stage>& stages, const std::string& name) {
    const auto found = std::find_if(stages.begin(), stages.end(),
                                    [&](const checkpoint_stage& each) { return each.name == name; });
    return found == stages.end() ? nullptr : &*found;
}

std::size_t instances_of_name(const std::vector<checkpoint_stage>& stages, const std::string& name) {
    return static_cast<std::size_t>(std::count_if(stages.begin(), stages.end(),
                                                  [&](const checkpoint_stage& each) { return each.name == name; }));
}

std::string shape_in(const std::vector<checkpoint_stage>& stages) {
    return stages.empty() || stages.back().kind != run_kind ? std::string{} : stages.back().schema;
}

}  // namespace

state_loader::state_loader(plan& into, const graph& what, const checkpoint_info& from, const checkpointing& options)
    : into_(into), what_(what), from_(from), options_(options), present_(into.checkpoint_stages()),
      same_threads_(from.threads == into.workers().size()) {
    compare_shapes();
    check_unnamed();
    for (const checkpoint_stage& each : from.stages) targets_.push_back(find(each));
    check_gone();
    check_added();
}

void state_loader::compare_shapes() {
    const std::string was = shape_in(from_.stages);
    const std::string is = shape_in(present_);
    same_shape_ = same_sources_ = was == is;
    const auto was_tree = parse_type(was);
    const auto is_tree = parse_type(is);
    if (same_shape_ || !was_tree || !is_tree) return;
    const auto part = [](const type_tree& of, const char* name) {
        const type_tree* const found = part_named(of, name);
        return found == nullptr ? type_tree{} : *found;
    };
    same_sources_ = part(*was_tree, "logs").text == part(*is_tree, "logs").text;
    was_ = part(*was_tree, "stages");
    is_ = part(*is_tree, "stages");
}

bool state_loader::as_before(const std::string& name) const {
    if (!same_threads_ || same_shape_) return same_threads_;
    if (!was_ || !is_) return false;
    const type_tree* const was = part_named(*was_, word_in_tag(name));
    const type_tree* const is = part_named(*is_, word_in_tag(name));
    return was != nullptr && is != nullptr && was->text == is->text;
}

state_loader::target state_loader::find(const checkpoint_stage& was) {
    target found;
    found.as_before = as_before(was.name);
    std::string other_kind;
    for (std::size_t i = 0; i < present_.size(); ++i) {
        if (present_[i].name != was.name || (present_[i].kind == run_kind) != (was.kind == run_kind)) continue;
        if (present_[i].kind != was.kind) {
            other_kind = present_[i].kind;
            continue;
        }
        if (was.kind != run_kind) adopt_schema(was, i);
        found.stages.push_back(i);
        if (present_[i].instance == was.instance) found.same = i;
    }
    if (found.stages.empty()) {
        note_gone(was, other_kind.empty() ? "is not in the graph any more" : "is of kind " + other_kind + " now");
    } else if (is_source(found.stages.front()) && !found.same) {
        refuse_partitions(was);
    }
    return found;
}

void state_loader::note_gone(const checkpoint_stage& was, const std::string& why) {
    if (was.instance != 0 || was.schema == counts_only || names(options_.dropped_stages, was.name)) return;
    gone_ += (gone_.empty() ? "" : ", ") + std::string("stage '") + was.name + "' (" + was.kind + ") " + why;
    leave_ += (leave_.empty() ? "\"" : ", \"") + was.name + "\"";
}

void state_loader::check_gone() const {
    if (gone_.empty()) return;
    refuse(gone_ + ". If what it kept is to be forgotten, say so: checkpointing::dropped_stages = {" + leave_ + "}");
}

std::string state_loader::inputs_of(const std::string& name, const std::optional<type_tree>& in) const {
    const type_tree* const stage = in ? part_named(*in, word_in_tag(name)) : nullptr;
    const type_tree* const from = stage == nullptr ? nullptr : part_named(*stage, "from");
    return from == nullptr ? std::string{} : from->text;
}

// Of some that are gone, new, or elsewhere, nobody knows which: what one kept would go to another.
void state_loader::check_unnamed() const {
    const auto unnamed = [](const checkpoint_stage& each) {
        return each.instance == 0 && each.schema != counts_only && each.name.starts_with(each.kind + " #");
    };
    std::map<std::string, unsigned> was;
    std::map<std::string, unsigned> is;
    for (const checkpoint_stage& each : from_.stages) was[each.kind] += unnamed(each) ? 1U : 0U;
    for (const checkpoint_stage& each : present_) is[each.kind] += unnamed(each) ? 1U : 0U;
    const auto refuse_unknown = [&](const std::string& kind, const std::string& what) {
        bool logs = false;  // which have no names
        for (std::size_t i = 0; i < present_.size(); ++i) logs = logs || (present_[i].kind == kind && is_source(i));
        refuse((logs ? "of logs of kind " : "of stages without a name, of kind ") + kind + ", " + what +
               ", so that which is which cannot be known" +
               (logs ? "" : ": put weir::named(\"...\", ...) around them before the graph is changed"));
    };
    for (const checkpoint_stage& each : from_.stages) {
        const std::string& kind = each.kind;
        if (!unnamed(each) || is[kind] == 0) continue;
        if (is[kind] != was[kind]) {
            refuse_unknown(kind, "there were " + std::to_string(was[kind]) + " and are " + std::to_string(is[kind]));
        }
        if (was[kind] > 1 && inputs_of(each.name, was_) != inputs_of(each.name, is_)) {
            refuse_unknown(kind, "'" + each.name + "' has other inputs now");
        }
    }
}

void state_loader::check_added() const {
    for (std::size_t i = 0; i + 1 < present_.size(); ++i) {
        const checkpoint_stage& each = present_[i];
        if (!is_source(i) || names(options_.added_sources, each.name)) continue;
        const checkpoint_stage* const known = of_name(from_.stages, each.name);
        if (known != nullptr && known->kind == each.kind) {
            if (each.instance >= instances_of_name(from_.stages, each.name)) refuse_partitions(each);
            continue;
        }
        refuse("log '" + each.name + "' (" + each.kind + ") is new, and would be read from its beginning by stages "
               "that have come further. If that is meant, say so: checkpointing::added_sources = {\"" + each.name +
               "\"}");
    }
}

// Each instance of the stage may get entries of each that was.
void state_loader::adopt_schema(const checkpoint_stage& was, std::size_t is) const {
    const std::string& schema = present_[is].schema;
    // Of a stage that says nothing of itself nothing can be said.
    if (was.schema.empty() || schema.empty() || was.schema == schema) return;
    migration_rules rules;
    for (const renamed_state_field& each : options_.renamed_fields) {
        if (each.stage == was.name) rules.push_back({each.from, each.to});
    }
    const std::string why_not = into_.stages()[is].run->adopt_schema(was.schema, rules);
    if (!why_not.empty()) {
        refuse("stage '" + was.name + "' (" + was.kind + ") keeps something else now: " + why_not);
    }
}

void state_loader::count(const state_batch::entry& each) {
    if (each.stage >= targets_.size()) refuse("an entry is of a stage that is not listed");
    const target& to = targets_[each.stage];
    if (to.stages.empty() || each.shard >= shard_count || each.key.empty()) return;
    if (from_.stages[each.stage].kind == run_kind) return;
    keys_.resize(into_.stages().size());
    ++keys_[place_of(to, each.shard)];
}

void state_loader::make_room() {
    for (std::size_t i = 0; i < keys_.size(); ++i) into_.stages()[i].run->expect_keys(keys_[i]);
}

void state_loader::load(const state_batch::entry& each) {
    if (each.stage >= targets_.size()) refuse("an entry is of a stage that is not listed");
    const target& to = targets_[each.stage];
    if (to.stages.empty()) return;
    const checkpoint_stage& was = from_.stages[each.stage];
    binary_reader key{each.key};
    binary_reader value{each.value};
    if (was.kind == run_kind) {
        into_.load_run(value);
    } else if (each.shard >= routed_part) {
        load_part(to, was, each);
    } else if (each.key.empty() && is_keyed(to)) {
        // What belongs to no key says whose it is.
        for (const std::size_t instance : to.stages) {
            binary_reader again{each.value};
            into_.stages()[instance].run->load_entry(each.shard, key, again);
            again.expect_end();
        }
    } else {
        stage& goes_on = *into_.stages()[place_of(to, each.shard)].run;
        goes_on.load_entry(each.shard, key, value);
        value.expect_end();
        // Whose partners would come to another worker, or be of another log.
        if (!(same_threads_ && same_sources_) && goes_on.held() != 0) {
            refuse_waiting("records wait for their partners in stage '", was);
        }
    }
}

void state_loader::load_part(const target& to, const checkpoint_stage& was, const state_batch::entry& each) {
    binary_reader value{each.value};
    if (each.shard == routed_part) {
        binary_reader key{each.key};
        const auto index = weir::load<std::uint32_t>(key);
        const bool same = same_threads_ && same_shape_;
        into_.load_routed(to.stages.front(), same ? std::optional{index} : std::nullopt, value);
    } else if (each.shard == held_part) {
        if (!to.as_before) refuse_waiting("records wait in front of stage '", was);
        into_.load_held(same(to, was), value);
    } else if (to.as_before || is_source(to.stages.front())) {
        into_.load_part(same(to, was), value);
    }
}

bool state_loader::is_keyed(const target& of) const { return into_.stages()[of.stages.front()].run->keyed(); }
bool state_loader::is_source(std::size_t stage) const {
    return stage < into_.stages().size() &&
           dynamic_cast<const source_stage_base*>(into_.stages()[stage].run.get()) != nullptr;
}

std::size_t state_loader::same(const target& of, const checkpoint_stage& was) const {
    if (!of.same) refuse("an entry is of an instance of stage '" + was.name + "' that is not there");
    return *of.same;
}

// The instance that has the shard now; of a stage without keys, the one of the same number, or the last.
std::size_t state_loader::place_of(const target& to, unsigned shard) const {
    if (!is_keyed(to)) return to.same.value_or(to.stages.back());
    return to.stages[worker_of_shard(shard, static_cast<unsigned>(to.stages.size()))];
}

void state_loader::refuse(const std::string& why) const {
    throw error(error_kind::state, "the checkpoint of epoch " + std::to_string(from_.epoch) +
                                       " does not fit graph '" + what_.name() + "': " + why);
}

void state_loader::refuse_partitions(const checkpoint_stage& of) const {
    refuse("log '" + of.name + "' (" + of.kind + ") has other partitions: it had " +
           std::to_string(instances_of_name(from_.stages, of.name)) + ", and has " +
           std::to_string(instances_of_name(present_, of.name)) + " now");
}

void state_loader::refuse_waiting(const std::string& what, const checkpoint_stage& was) const {
    refuse(what + was.name + "', so it can only go on " +
           (same_threads_ ? std::string("with the logs and inputs that it had")
                          : "with as many threads as it had: " + std::to_string(from_.threads)));
}

}  // namespace weir::detail
