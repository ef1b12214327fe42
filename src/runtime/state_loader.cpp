// SPDX-License-Identifier: Apache-2.0
// A graph goes on from a checkpoint, be it of the same graph or of one that was changed since. Stages are found by
// their names. All that can be refused without reading an entry is refused before one is read.
#include <algorithm>

#include <weir/runtime/schema_lock.hpp>

#include "plan_state.hpp"

namespace weir::detail {
namespace {

std::string shape_in(const std::vector<checkpoint_stage>& stages) {
    return stages.empty() || stages.back().kind != run_kind ? std::string{} : stages.back().schema;
}

// Of a stage among those of a shape.
std::string inputs_of(const std::string& name, const type_tree& in) {
    const type_tree* const stage = part_named(in, word_in_tag(name));
    const type_tree* const from = stage == nullptr ? nullptr : part_named(*stage, "from");
    return from == nullptr ? std::string{} : from->text;
}

}  // namespace

state_loader::state_loader(plan& into, const graph& what, const checkpoint_info& from, const checkpointing& options)
    : into_(into), what_(what), from_(from), options_(options), present_(into.checkpoint_stages()),
      same_threads_(from.threads == into.workers().size()), waiting_(into, what, from) {
    compare_shapes();
    check_changes();
    for (const checkpoint_stage& each : from.stages) targets_.push_back(find(each));
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

state_loader::target state_loader::find(const checkpoint_stage& was) const {
    target found;
    found.as_before = as_before(was.name);
    for (std::size_t i = 0; i < present_.size(); ++i) {
        if (present_[i].name != was.name || present_[i].kind != was.kind) continue;
        found.stages.push_back(i);
        if (present_[i].instance == was.instance) found.same = i;
    }
    return found;
}

void state_loader::check_changes() const {
    checkpoint_info present;  // of any name: the folder is this graph's, or one to begin from
    present.stages = present_;
    const schema_changes found = compare_kept(
        kept_in(from_), kept_in(present), options_,
        [this](const kept_stage& was, const kept_stage&, const migration_rules& rules) {
            return adopt_schema(was.name, was.schema, rules);
        });
    if (found.fit()) return;
    std::string why;
    for (const std::string& each : found.refused) why += (why.empty() ? "" : "; ") + each;
    const auto listed = [](const std::vector<std::string>& names) {
        std::string list;
        for (const std::string& each : names) list += (list.empty() ? "\"" : ", \"") + each + "\"";
        return "{" + list + "}";
    };
    if (!found.to_drop.empty()) {
        why += ". If what it kept is to be forgotten, say so: checkpointing::dropped_stages = " + listed(found.to_drop);
    }
    if (!found.to_add.empty()) {
        why += ". If that is meant, say so: checkpointing::added_sources = " + listed(found.to_add);
    }
    refuse(why);
}

// Each instance of the stage may get entries of each that was.
std::string state_loader::adopt_schema(const std::string& name, std::string_view was,
                                       const migration_rules& rules) const {
    for (std::size_t i = 0; i + 1 < present_.size(); ++i) {
        if (present_[i].name != name) continue;
        std::string why_not = into_.stages()[i].run->adopt_schema(was, rules);
        if (!why_not.empty()) return why_not;
    }
    return {};
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
    } else if (is_by_origin(to)) {
        load_rows(to, was, each);
    } else {
        into_.stages()[place_of(to, each.shard)].run->load_entry(each.shard, key, value);
        value.expect_end();
    }
}

void state_loader::finish() {
    // Of one run that is gone on with nothing waits where only instances of one stage meet, for all are equally far.
    if (const checkpoint_stage* const was = waiting_.finish(); was != nullptr) {
        refuse("records wait in front of stage '" + was->name + "', of which some instances are ahead of others, so it "
               "can only go on with as many threads as it had: " + std::to_string(from_.threads));
    }
}

// Each instance takes the rows whose partners come to it, and one goes on with what was counted.
void state_loader::load_rows(const target& to, const checkpoint_stage& was, const state_batch::entry& each) {
    const std::size_t counting = place_of(to, each.shard);
    for (const std::size_t instance : to.stages) {
        if (same_threads_ && instance != counting) continue;
        stage& goes_on = *into_.stages()[instance].run;
        const ledger counted = goes_on.counts;
        binary_reader key{each.key};
        binary_reader value{each.value};
        goes_on.load_entry(each.shard, key, value);
        value.expect_end();
        if (instance != counting) goes_on.counts = counted;
        // Whose partners would be of another log.
        if (!same_sources_ && goes_on.held() != 0) refuse_waiting("records wait for their partners in stage '", was);
    }
}

// With other threads, what waited is sorted out anew; with the same, each channel has again what it had.
void state_loader::load_held(const target& to, const checkpoint_stage& was, const state_batch::entry& each) {
    const bool same_inputs = same_shape_ || (was_ && is_ && inputs_of(was.name, *was_) == inputs_of(was.name, *is_));
    const bool fits = same_sources_ && (same_threads_ ? to.as_before : same_inputs);
    if (!fits || (!same_threads_ && !waiting_.add(to.stages, was, each))) {
        refuse_waiting("records wait in front of stage '", was);
    }
    if (!same_threads_) return;
    binary_reader key{each.key};
    binary_reader value{each.value};
    if (key.at_end()) return into_.load_held(same(to, was), value);
    const auto input = weir::load<std::uint32_t>(key);
    static_cast<void>(weir::load<std::string>(value));
    into_.load_taken_back(same(to, was), input, value);
    value.expect_end();
}

void state_loader::load_part(const target& to, const checkpoint_stage& was, const state_batch::entry& each) {
    binary_reader value{each.value};
    if (each.shard == routed_part) {
        binary_reader key{each.key};
        const auto index = weir::load<std::uint32_t>(key);
        const bool same = same_threads_ && same_shape_;
        into_.load_routed(to.stages.front(), same ? std::optional{index} : std::nullopt, value);
    } else if (each.shard == held_part) {
        load_held(to, was, each);
    } else if (to.as_before || is_source(to.stages.front())) {
        into_.load_part(same(to, was), value);
    }
}

bool state_loader::is_keyed(const target& of) const { return into_.stages()[of.stages.front()].run->keyed(); }
bool state_loader::is_by_origin(const target& of) const {
    return what_.nodes()[into_.stages()[of.stages.front()].node]->how() == spread::by_origin;
}
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

void state_loader::refuse_waiting(const std::string& what, const checkpoint_stage& was) const {
    refuse(what + was.name + "', so it can only go on with the logs and inputs that it had");
}

}  // namespace weir::detail
